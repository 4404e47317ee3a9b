import assert from "node:assert/strict";
import { bronzeRow, bronzeRows, FakeStand, TABLE } from "./zerobus_fake_stand.ts";

const NEVER = new AbortController().signal;

Deno.test("rows arrive in the fake workspace column by column", async () => {
  await using stand = await FakeStand.start();
  await stand.sink.connect(NEVER);
  await stand.sink.send([bronzeRow(7)], NEVER);
  assert.deepEqual(stand.zerobus.rows(TABLE), [{
    event_time: 1_700_000_000_000_007,
    topic: "plant/oven",
    sensor_name: "oven",
    value: 3.5,
    qos: 1,
    retain: false,
    edge_id: "e",
    boot_epoch: 1,
    seq: 7,
  }]);
  await Promise.all([0, 1, 2].map((i) => stand.sink.send(bronzeRows(8 + i * 100, 100), NEVER)));
  assert.deepEqual(stand.stored, Array.from({ length: 301 }, (_, i) => 7 + i));
  assert.deepEqual(stand.zerobus.refusals, []);
});
