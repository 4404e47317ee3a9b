import assert from "node:assert/strict";
import { typedNumber } from "./typed_number.ts";

for (
  const [text, decimal, unknown, none] of [
    ["1", 1, 1, 1],
    [" -0.05 ", -0.05, -0.05, -0.05],
    ["1.", 1, 1, 1],
    ["1e-7", 1e-7, 1e-7, 1e-7],
    ["0,125", 0.125, 0.125, undefined],
    ["0,", 0, 0, undefined],
    ["1,000", 1, undefined, undefined],
    ["12,345,678", undefined, undefined, undefined],
    ["1.000,5", undefined, undefined, undefined],
    ["0x10", undefined, undefined, undefined],
    ["Infinity", undefined, undefined, undefined],
    [",", undefined, undefined, undefined],
    ["", undefined, undefined, undefined],
  ] as const
) {
  Deno.test(`typedNumber() takes "${text}" for ${decimal}, ${unknown} where commas may be of thousands, and ${none} without`, () => {
    const ways = ["decimal", "unknown", "none"] as const;
    assert.deepEqual(ways.map((way) => typedNumber(text, way)), [decimal, unknown, none]);
  });
}
