import assert from "node:assert/strict";
import { ago, bytes, duration, number } from "./format.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const SHOWN: readonly [given: string, shown: string, wanted: string][] = [
  ["a large number", number(12_345.6), "12,346"],
  ["a small number", number(0.44), "0.4"],
  ["no bytes", bytes(0), "0 B"],
  ["some bytes", bytes(1_540_000), "1.5 MB"],
  ["very many bytes", bytes(5e16), "50,000 TB"],
  ["seconds", duration(59.4), "59 s"],
  ["minutes", duration(119), "1 min"],
  ["hours", duration(7500), "2 h 5 min"],
  ["days", duration(90_000), "1 d 1 h"],
  ["a moment ago", ago(before(1), NOW), "now"],
  ["a time ago", ago(before(300), NOW), "5 min ago"],
  ["a time to come", ago(before(-12), NOW), "in 12 s"],
];

for (const [given, shown, wanted] of SHOWN) {
  Deno.test(`${given} is shown as ${wanted}`, () => assert.equal(shown, wanted));
}
