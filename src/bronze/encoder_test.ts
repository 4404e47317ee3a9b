import assert from "node:assert/strict";
import { decodeRow } from "./decode_row.ts";
import { labelColumns, rowEncoder } from "./encoder.ts";
import { MQTT, type MqttRow } from "./mod.ts";

const stamp = { edgeId: "e", bootEpoch: 1, seq: 7, ingestTimeUs: 5 };
const LABELS = { line: "one", host_clock: "mine" };

function labelsOf(labels: Record<string, string>, row: MqttRow, clockDoubt?: "went_back"): unknown {
  const encode = rowEncoder(MQTT, { ...labelColumns(MQTT, labels), source_name: "s" });
  const decoded = decodeRow(MQTT, encode(row, { ...stamp, clockDoubt }));
  assert.deepEqual([decoded.source_name, decoded.seq], ["s", 7]);
  return decoded.labels === undefined ? undefined : JSON.parse(String(decoded.labels));
}

Deno.test("rowEncoder() puts into the labels that the host's clock is not to be trusted, and leaves the others there", () => {
  assert.deepEqual(labelsOf({}, {}, "went_back"), { host_clock: "went_back" });
  assert.deepEqual(labelsOf(LABELS, {}, "went_back"), { line: "one", host_clock: "went_back" });
  assert.deepEqual(labelsOf(LABELS, { labels: '{"own":"1"}' }, "went_back"), { own: "1", host_clock: "went_back" });
});

Deno.test("rowEncoder() leaves the labels alone while the clock is right, a row's own ones first", () => {
  assert.equal(labelsOf({}, {}), undefined);
  assert.deepEqual(labelsOf(LABELS, {}), LABELS);
  assert.deepEqual(labelsOf(LABELS, { labels: '{"own":"1"}' }), { own: "1" });
});

Deno.test("rowEncoder() writes labels once, however they come about", () => {
  const encode = rowEncoder(MQTT, labelColumns(MQTT, LABELS));
  const bytes = encode({ labels: "{}" }, { ...stamp, clockDoubt: "went_back" });
  assert.equal(new TextDecoder().decode(bytes).split("host_clock").length, 2);
});
