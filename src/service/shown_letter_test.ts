import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeRow, encodeRow, MQTT, type MqttRow } from "../bronze/mod.ts";
import type { DeadLetter } from "../buffer/dead_letters.ts";
import { laneTo } from "../core/lane.ts";
import { shownLetter } from "./dead_letter_admin.ts";
import { withColumns } from "./letter_edit.ts";

const table = "main.bronze.line";
const about = {
  id: 1,
  time: 0,
  source: "line",
  tag: "t",
  table,
  code: "required_field_missing",
  reason: "unit is empty",
};

function shown(content: DeadLetter["content"]) {
  return shownLetter({ id: 1, source: "line", letter: { ...about, content } });
}

const rows: fc.Arbitrary<MqttRow> = fc.record({
  event_time: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  topic: fc.string({ unit: "grapheme" }),
  value: fc.double(),
  retain: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 9 }),
}, { requiredKeys: [] });

Deno.test("shownLetter() shows columns in JSON as they can be set, whatever they hold", () => {
  fc.assert(fc.property(rows, (row) => {
    const bytes = encodeRow(MQTT, row);
    const identity = { lane: laneTo(table, MQTT.name).id, source: "line", tag: "t", edgeId: "e", bootEpoch: 1, seq: 2 };
    const { columns } = JSON.parse(JSON.stringify(shown({ row: { ...identity, bytes } }))).row;
    const texts = Object.entries(columns).map(([name, value]) => [name, String(value)]);
    assert.deepEqual(withColumns(MQTT, {}, Object.fromEntries(texts)), decodeRow(MQTT, bytes));
  }));
});

Deno.test("shownLetter() shows a reading that became no row by its columns, without the identity that another row has", () => {
  const payload = encodeRow(MQTT, { topic: "t", value: 1, edge_id: "e", boot_epoch: 1, seq: 2, ingest_time: 3 });
  const { row, ...others } = shown({ payload, message: MQTT.name });
  const lane = `${table}#${MQTT.name}`;
  assert.deepEqual(row, { lane, columns: { topic: "t", value: 1 }, bytes: payload.toBase64() });
  assert.equal(others.payload, undefined);
});

Deno.test("shownLetter() says where only the beginning was kept, and does not try to read a row in it", () => {
  const payload = encodeRow(MQTT, { topic: "a topic" }).subarray(0, 4);
  const { row, is_cut } = shown({ payload, message: MQTT.name, isCut: true });
  assert.deepEqual([row?.columns, is_cut], [undefined, true]);
  assert.equal(shown({ payload, isCut: true }).is_cut, true);
  assert.equal("is_cut" in shown({ payload }), false);
});
