import assert from "node:assert/strict";
import { type Addressing, noAddressText, protocolAddress, type RegisterType } from "./address.ts";

const CASES: readonly [number, RegisterType, Addressing, number | undefined][] = [
  [40001, "holding", "auto", 0],
  [49999, "holding", "auto", 9998],
  [400001, "holding", "auto", 0],
  [465536, "holding", "auto", 65_535],
  [30001, "input", "auto", 0],
  [10001, "discrete", "auto", 0],
  [40001, "input", "auto", undefined],
  [40001, "coil", "auto", undefined],
  [30001, "holding", "auto", undefined],
  [10001, "holding", "auto", undefined],
  [10001, "input", "auto", undefined],
  [30001, "discrete", "auto", undefined],
  [300001, "holding", "auto", undefined],
  [40000, "holding", "auto", undefined],
  [400000, "holding", "auto", undefined],
  [10000, "holding", "auto", undefined],
  [9999, "holding", "auto", 9999],
  [20001, "holding", "auto", 20_001],
  [50000, "input", "auto", 50_000],
  [65_535, "coil", "auto", 65_535],
  [200001, "holding", "auto", undefined],
  [30001, "holding", "zero_based", 30_001],
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

const TEXTS: readonly [number, RegisterType, Addressing, string][] = [
  [
    30001,
    "holding",
    "auto",
    "30001 is an input register in Modicon notation: set register_type: input, or addressing: zero_based",
  ],
  [
    400001,
    "coil",
    "auto",
    "400001 is a holding register in Modicon notation: set register_type: holding",
  ],
  [
    10001,
    "input",
    "auto",
    "10001 is a discrete input in Modicon notation: set register_type: discrete, or addressing: zero_based",
  ],
  [
    40000,
    "holding",
    "auto",
    "40000 is no address in Modicon notation, whose holding registers begin at 40001: set addressing: zero_based if it is the protocol address",
  ],
  [400000, "holding", "auto", "400000 is no address in Modicon notation, whose holding registers begin at 400001"],
  [200001, "holding", "auto", "200001 is no holding address with addressing auto"],
  [30001, "holding", "modicon", "30001 is no holding address with addressing modicon"],
];

for (const [address, type, addressing, text] of TEXTS) {
  Deno.test(`noAddressText() says what is wrong with ${type} ${address} and addressing ${addressing}`, () => {
    assert.equal(noAddressText(address, type, addressing), text);
  });
}
