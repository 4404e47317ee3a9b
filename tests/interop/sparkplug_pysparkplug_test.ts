/** An edge node of pysparkplug, which gives names and types in all its messages. */
import assert from "node:assert/strict";
import { Mosquitto } from "../peers/mosquitto.ts";
import { PeerProcess } from "../peers/process.ts";
import { PYTHON } from "../peers/provision.ts";
import { readUntil, sensor, short, sparkplugSource } from "./sparkplug_session.ts";

const NODE = new URL("peers/sparkplug_pysparkplug_node.py", import.meta.url).pathname;

const TYPES: Readonly<Record<string, number | string>> = {
  INT8: -8,
  INT16: -16,
  INT32: -32,
  INT64: "-9223372036854775808",
  UINT8: 255,
  UINT16: 65535,
  UINT32: 4294967295,
  UINT64: "18446744073709551615",
  FLOAT: 1.5,
  DOUBLE: 0.1,
  BOOLEAN: "true",
  STRING: "grün",
  DATETIME: "2023-11-14T22:13:20.000Z",
  TEXT: "long",
  UUID: "7f3b9a52-4f0e-4c3a-8a2f-0d8b8f6c1a11",
  BYTES: "AQL/",
  INT8_ARRAY: "[-1,2]",
  INT16_ARRAY: "[-1,2]",
  INT32_ARRAY: "[-1,2]",
  INT64_ARRAY: "[-9223372036854775808,2]",
  UINT8_ARRAY: "[255,2]",
  UINT16_ARRAY: "[65535,2]",
  UINT32_ARRAY: "[4294967295,2]",
  UINT64_ARRAY: "[18446744073709551615,2]",
  FLOAT_ARRAY: "[1.5,-2]",
  DOUBLE_ARRAY: "[0.1,-2]",
  BOOLEAN_ARRAY: "[false,true,true]",
  STRING_ARRAY: '["ABC","grün"]',
  DATETIME_ARRAY: '["2023-11-14T22:13:20.000Z"]',
};

Deno.test("pysparkplug: the whole life of a node and its device, in order, with every type that it has", async () => {
  await using broker = await Mosquitto.start();
  await using source = await sparkplugSource(broker);
  const { peer } = await PeerProcess.start(PYTHON, { args: [NODE, String(broker.port)], ready: /^done$/ });
  await using _ = peer;
  const { readings, refusals } = await readUntil(source, sensor("py", "offline"));
  assert.deepEqual(refusals.map(({ reason }) => reason.message), []);
  const at = (type: string) => readings.filter(({ from }) => from.topic.includes(`/${type}/`)).map(short);
  assert.deepEqual(Object.fromEntries(at("NBIRTH")), { py: "online", bdSeq: 0, ...TYPES });
  assert.deepEqual(at("DBIRTH"), [["pump", "online"], ["flow", 1]]);
  assert.deepEqual(at("DDATA"), [["flow", 2], ["flow", 3], ["flow", null]]);
  assert.deepEqual(at("DDEATH"), [["pump", "offline", "Stale"], ["flow", null, "Stale"]]);
  assert.equal(at("NDEATH").length, Object.keys(TYPES).length + 2);
  const flags = readings.filter(({ from }) => from.topic.includes("/DDATA/")).map(({ sparkplug }) => sparkplug);
  assert.deepEqual(flags.map((flag) => [flag?.isHistorical, flag?.isTransient]), [[false, false], [true, false], [
    false,
    true,
  ]]);
});
