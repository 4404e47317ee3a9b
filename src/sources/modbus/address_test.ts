import assert from "node:assert/strict";
import { type Addressing, protocolAddress, type RegisterType } from "./address.ts";

const CASES: readonly [number, RegisterType, Addressing, number | undefined][] = [
  [40001, "holding", "auto", 0],
  [49999, "holding", "auto", 9998],
  [400001, "holding", "auto", 0],
  [465536, "holding", "auto", 65_535],
  [30001, "input", "auto", 0],
  [10001, "discrete", "auto", 0],
  [40001, "input", "auto", 40_001],
  [40000, "holding", "auto", 40_000],
  [100, "holding", "auto", 100],
  [1, "coil", "auto", 1],
  [0, "coil", "auto", 0],
  [400001, "input", "auto", undefined],
  [40001, "holding", "zero_based", 40_001],
  [65_535, "holding", "zero_based", 65_535],
  [65_536, "holding", "zero_based", undefined],
  [40001, "holding", "modicon", 0],
  [30001, "holding", "modicon", undefined],
  [5, "holding", "modicon", undefined],
  [1, "coil", "modicon", 0],
  [0, "coil", "modicon", undefined],
  [10_010, "discrete", "modicon", 9],
];

for (const [address, type, addressing, expected] of CASES) {
  Deno.test(`protocolAddress() reads ${type} ${address} as ${expected ?? "no address"} with ${addressing}`, () => {
    assert.equal(protocolAddress(address, type, addressing), expected);
  });
}
