import assert from "node:assert/strict";
import fc from "fast-check";
import { scaleColumn, scaled, scaledText, scaleOf } from "./scale.ts";

const SCALED: readonly [raw: number, factor: number, offset: number, value: number][] = [
  [3, 0.1, 0, 0.3],
  [7, 0.1, 0, 0.7],
  [1234, 0.01, 0, 12.34],
  [-5, 0.001, 0, -0.005],
  [235, 0.1, -273.15, -249.65],
  [3, 10, 5, 35],
  [1, 1e-7, 0, 1e-7],
  [2, 1 / 3, 0, 2 / 3],
  [65_535, 2.5e-3, 0, 163.8375],
  [0, 0.1, 0.2, 0.2],
  [1, 1e30, 0, 1e30],
];

for (const [raw, factor, offset, value] of SCALED) {
  Deno.test(`scaled() makes ${raw} * ${factor} + ${offset} exactly ${value}`, () => {
    assert.equal(scaled(raw, scaleOf(factor, offset)), value);
  });
}

Deno.test("scaled() gives the number that the decimal text of the result names", () => {
  const digits = fc.integer({ min: 0, max: 6 });
  fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000_000 }), digits, (raw, mantissa, places) => {
    const factor = Number(`${mantissa}e-${places}`);
    const exact = BigInt(raw) * BigInt(mantissa);
    fc.pre(exact < 2n ** 53n && exact > -(2n ** 53n));
    assert.equal(scaled(raw, scaleOf(factor, 0)) + 0, Number(`${exact}e-${places}`) + 0); // + 0: -0 is 0 here
  }));
});

Deno.test("scaled() lets NaN and infinities through", () => {
  assert.ok(Number.isNaN(scaled(NaN, scaleOf(0.1, 1))));
  assert.equal(scaled(-Infinity, scaleOf(0.1, 1)), -Infinity);
});

const TEXTS: readonly [raw: bigint, factor: number, offset: number, text: string | undefined][] = [
  [2n ** 64n - 1n, 1, 0, "18446744073709551615"],
  [-(2n ** 63n), 0.1, 0, "-922337203685477580.8"],
  [2n ** 64n - 1n, 0.001, 0.5, "18446744073709552.115"],
  [10n ** 18n, 0.01, 0, "10000000000000000"],
  [2n ** 60n, 1 / 3, 0, undefined],
];

for (const [raw, factor, offset, text] of TEXTS) {
  Deno.test(`scaledText() of ${raw} * ${factor} + ${offset} is ${text}`, () => {
    assert.equal(scaledText(raw, scaleOf(factor, offset)), text);
  });
}

const COLUMNS: readonly [factor: number, column: number | undefined][] = [
  [1, 1],
  [10, 10],
  [0.1, 10],
  [0.001, 1000],
  [0.25, 4],
  [-0.1, -10],
  [0.3, undefined],
  [2.5, undefined],
  [1e10, undefined],
  [1e-10, undefined],
];

for (const [factor, column] of COLUMNS) {
  Deno.test(`scaleColumn() of ${factor} is ${column ?? "unknown"}`, () => assert.equal(scaleColumn(factor), column));
}
