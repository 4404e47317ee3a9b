import assert from "node:assert/strict";
import fc from "fast-check";
import { digitsOf, numberIn, parseExactly } from "./exact_json.ts";

const NUMBERS: readonly [text: string, number: number | undefined, digits: string | undefined][] = [
  ["21.5", 21.5, undefined],
  ["9007199254740991", 9_007_199_254_740_991, undefined],
  ["9007199254740993", 9_007_199_254_740_992, "9007199254740993"],
  ["-18446744073709551615", -18_446_744_073_709_552_000, "-18446744073709551615"],
  ["0.12345678901234567890", 0.12345678901234568, undefined],
  ["1e999", undefined, "1e999"],
  ["-1E+400", undefined, "-1E+400"],
  ["1.5e-400", undefined, "1.5e-400"],
  ["0e-400", 0, undefined],
  ["1e300", 1e300, undefined],
];

for (const [text, number, digits] of NUMBERS) {
  Deno.test(`parseExactly() keeps ${text}`, () => {
    const { v } = parseExactly(`{"v":${text}}`) as { v: unknown }; // as it is written there
    assert.deepEqual([numberIn(v), digitsOf(v)], [number, digits]);
  });
}

Deno.test("parseExactly() keeps digits at any depth, and JSON.stringify() writes them again", () => {
  const text = '{"a":[9007199254740993,{"b":1e999}],"c":"9007199254740993"}';
  assert.equal(JSON.stringify(parseExactly(text)), text);
});

Deno.test("parseExactly() reads all other JSON as JSON.parse() does", () => {
  fc.assert(fc.property(fc.json(), fc.stringMatching(/^[0-9eE.+-]*$/), (json, digits) => {
    const text = JSON.stringify([JSON.parse(json), digits]);
    assert.deepEqual(JSON.parse(JSON.stringify(parseExactly(text))), JSON.parse(text));
  }));
});
