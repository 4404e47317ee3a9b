import assert from "node:assert/strict";
import { apiStand } from "../../../tests/fakes/api_stand.ts";
import type { ModbusReading } from "../../sources/modbus/reading.ts";

const FROM = {
  name: "r1",
  slaveId: 1,
  address: 1,
  registerType: "holding",
  scaleColumn: 1,
  unit: "degC",
  sensorType: undefined,
  sensorPath: undefined,
  labels: {},
} as const;

function reading(value: number): ModbusReading {
  return { tag: "r1", eventTimeUs: 1_700_000_000_000_000 + value, raw: value, value, text: undefined, from: FROM };
}

Deno.test("The last readings of a source are told as rows, the newest first", async () => {
  await using stand = await apiStand();
  const viewer = await stand.login("viewer");
  const none = await viewer("GET", "/api/sources/meters/sample");
  assert.deepEqual([none.status, none.body.samples], [200, []]);
  stand.recent.keep([reading(1), reading(2)]);
  stand.recent.keep([reading(3)]);
  const { body: { samples } } = await viewer("GET", "/api/sources/meters/sample?limit=2");
  assert.deepEqual(samples.map(({ value }: { value: string }) => value), ["3", "2"]);
  assert.deepEqual([samples[0].tag, samples[0].unit, samples[0].row.register_address], ["r1", "degC", 1]);
  assert.equal("seq" in samples[0].row, false);
  assert.equal((await viewer("GET", "/api/sources/nobody/sample")).status, 404);
  assert.equal((await stand.anybody("GET", "/api/sources/meters/sample")).status, 401);
});

Deno.test("Of long texts the beginning is told", async () => {
  await using stand = await apiStand();
  const viewer = await stand.login("viewer");
  stand.recent.keep([{ ...reading(1), value: undefined, text: "x".repeat(900_000) } as ModbusReading]); // as a string of registers
  const { body: { samples: [sample] } } = await viewer("GET", "/api/sources/meters/sample");
  assert.equal(sample.value, `${"x".repeat(1000)}…`);
  assert.ok(JSON.stringify(sample).length < 4000);
});
