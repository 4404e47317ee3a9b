import assert from "node:assert/strict";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { ClockCheck } from "./clock_check.ts";
import type { DecodedValue } from "./decode.ts";

const NOW_US = 1_700_000_000_000_000;
const HOUR_US = 3_600_000_000;

function bench() {
  const log = new FakeLogger();
  const check = new ClockCheck(log);
  const see = (handle: number, hours: number, statusCode = 0, isOursWrong = false) => {
    const value: DecodedValue = {
      statusCode,
      status: "",
      valueType: undefined,
      text: undefined,
      number: undefined,
      raw: undefined,
      sourceTimeUs: NOW_US + hours * HOUR_US,
      serverTimeUs: undefined,
    };
    check.see(handle, value, NOW_US, isOursWrong);
  };
  return { check, see, told: () => log.lines.map(({ message }) => message.replace(/:.*/, "")) };
}

Deno.test("ClockCheck tells once by how many hours the server's clock is behind", () => {
  const { see, told } = bench();
  for (let change = 0; change < 5; change++) see(0, -24);
  assert.deepEqual(told(), ["The server's clock is 24 h behind ours"]);
});

Deno.test("ClockCheck does not blame the server while our own clock is wrong", () => {
  const { see, told } = bench();
  see(0, 500_000, 0, true);
  assert.deepEqual(told(), []);
  see(0, 2);
  assert.equal(told().length, 1);
});

Deno.test("ClockCheck tells a clock that is ahead by the first value", () => {
  const { see, told } = bench();
  see(0, 2);
  assert.deepEqual(told(), ["The server's clock is 2 h ahead of ours"]);
});

Deno.test("ClockCheck takes a first value for as old as its last change, also after a bad one or a new begin", () => {
  const { check, see, told } = bench();
  see(0, -1000);
  see(1, 0);
  see(1, 0, 0x80340000);
  see(1, -1000);
  check.begin();
  see(0, -1000);
  assert.deepEqual(told(), []);
});

Deno.test("ClockCheck lets values be late that were left with the server, and none be early", () => {
  const { check, see, told } = bench();
  see(0, 0);
  check.allowLate();
  see(0, -2);
  assert.deepEqual(told(), []);
  see(0, 2);
  assert.equal(told().length, 1);
});

Deno.test("ClockCheck is content with a clock that is less than an hour off", () => {
  const { see, told } = bench();
  for (const hours of [0, -0.9, 0.9]) see(0, hours);
  assert.deepEqual(told(), []);
});
