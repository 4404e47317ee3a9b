import assert from "node:assert/strict";
import { nearest } from "./nearest.ts";

const KNOWN = ["port", "password", "node_id", "browse_path", "max_size"];

const ROWS: readonly (readonly [name: string, word: string, wanted: string | undefined])[] = [
  ["two letters that are swapped", "prot", "port"],
  ["a letter too many", "portt", "port"],
  ["a word cut short", "passwd", "password"],
  ["a missing underscore", "nodeid", "node_id"],
  ["other capitals", "Browse_Path", "browse_path"],
  ["a word like none", "frequency", undefined],
  ["a short word like none", "xy", undefined],
  ["a word of no sensible length", "port".repeat(1000), undefined],
];

for (const [name, word, wanted] of ROWS) {
  Deno.test(`nearest() finds what was meant by ${name}`, () => assert.equal(nearest(word, KNOWN), wanted));
}
