import assert from "node:assert/strict";
import { FakePace } from "../fakes/pace.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { APART, sourceOf } from "./modbus_session.ts";

Deno.test("ModbusSource sends a request only when it is its turn", async () => {
  await using device = startModbusServer();
  const pace = new FakePace();
  await using source = sourceOf(device.port, { registers: APART }, fakeSourceDeps({ pace }));
  await source.connect(AbortSignal.timeout(10_000));
  const stop = new AbortController();
  const reading = Array.fromAsync(source.batches(stop.signal));
  await eventually("the first request waits", () => pace.asked === 1);
  assert.equal(device.requests, 0);
  for (let allowed = 1; allowed <= 5; allowed++) {
    pace.allow(1);
    await eventually("the next one waits", () => pace.asked === allowed + 1);
    assert.equal(device.requests, allowed);
  }
  stop.abort();
  assert.equal((await reading).length, 5);
});
