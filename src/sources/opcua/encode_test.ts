import assert from "node:assert/strict";
import { encodeRow, OPCUA, type OpcuaRow } from "../../bronze/mod.ts";
import { decodeDataValue } from "./decode.ts";
import { opcuaEncoder } from "./encode.ts";
import { type OpcuaTag, toReading } from "./reading.ts";
import { opcuaSettings } from "./settings.ts";
import { WireReader } from "./wire_reader.ts";

const TAG: OpcuaTag = {
  name: "oven",
  nodeId: "ns=2;s=Oven",
  namespace: 2,
  browsePath: undefined,
  labels: { unit: "degC", tag: "oven" },
};
const CONFIG = {
  name: "press",
  endpoint: "opc.tcp://plc:4840",
  labels: { plc_name: "press_4" },
  settings: opcuaSettings.parse({ nodes: [{ node_id: "ns=2;s=Oven" }] }),
};
const STAMP = { ingestTimeUs: 5, edgeId: "e", bootEpoch: 7, seq: 9 };

/** The fields of a message as numbers and hexadecimal payloads, in any order. */
function fieldsOf(bytes: Uint8Array): string[] {
  return bytes.toHex().match(/.{2}/g)?.sort() ?? [];
}

function encode(hex: string): Uint8Array {
  return opcuaEncoder(CONFIG)(toReading(TAG, decodeDataValue(new WireReader(Uint8Array.fromHex(hex))), 42), STAMP);
}

const CONSTANT: OpcuaRow = {
  source_name: "press",
  endpoint: "opc.tcp://plc:4840",
  namespace: 2,
  node_id: "ns=2;s=Oven",
  plc_name: "press_4",
  labels: '{"plc_name":"press_4","unit":"degC","tag":"oven"}',
  ingest_time: 5,
  edge_id: "e",
  boot_epoch: 7,
  seq: 9,
};

Deno.test("opcuaEncoder() fills the columns of a value", () => {
  const row: OpcuaRow = {
    ...CONSTANT,
    event_time: 1_704_164_645_678_901,
    source_time: 1_704_164_645_678_901,
    status_code: 0,
    status: "Good",
    value_type: "Double",
    value: "0.1",
    value_num: 0.1,
    raw: Uint8Array.fromHex("0b9a9999999999b93f"),
  };
  assert.deepEqual(fieldsOf(encode("050b9a9999999999b93f1258b058283dda01")), fieldsOf(encodeRow(OPCUA, row)));
});

Deno.test("opcuaEncoder() writes a bad value without a value, at its time of arrival", () => {
  const row: OpcuaRow = { ...CONSTANT, event_time: 42, status_code: 0x80340000, status: "BadNodeIdUnknown" };
  assert.deepEqual(fieldsOf(encode("0200003480")), fieldsOf(encodeRow(OPCUA, row)));
});

Deno.test("toReading() takes the server's time when the source gives none", () => {
  const value = decodeDataValue(new WireReader(Uint8Array.fromHex("081258b058283dda01")));
  assert.equal(toReading(TAG, value, 42).eventTimeUs, 1_704_164_645_678_901);
});
