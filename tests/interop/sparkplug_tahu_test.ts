/** Edge nodes of Eclipse Tahu, with a broker between. */
import assert from "node:assert/strict";
import type { Source } from "../../src/core/source.ts";
import { adapter } from "../../src/sources/mqtt/mod.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { TahuNode } from "../peers/tahu_node.ts";
import { eventually } from "../wait.ts";
import { observe, readUntil, sensor, short, SPARKPLUG_TOPICS, sparkplugSource } from "./sparkplug_session.ts";

/** What the node's metrics must become, whether they come by name with a type or by alias without. */
const TYPES: Readonly<Record<string, number | string | null>> = {
  Int8: -8,
  Int16: -16,
  Int32: -32,
  Int64: "-9223372036854775808",
  UInt8: 255,
  UInt16: 65535,
  UInt32: 4294967295,
  UInt64: "18446744073709551615",
  Float: 1.5,
  Double: 0.1,
  Boolean: "true",
  String: "grün",
  DateTime: "2023-11-14T22:13:20.000Z",
  Text: "long",
  UUID: "7f3b9a52-4f0e-4c3a-8a2f-0d8b8f6c1a11",
  Bytes: "AQL/",
  File: "CQ==",
  DataSet: '{"columns":["id","name"],"types":["Int64","String"],"rows":[[-5,"a"]]}',
  "Motor/speed": -7,
  "Motor/on": "true",
  Int8Array: "[-1,2]",
  Int16Array: "[-1,2]",
  Int32Array: "[-1,2]",
  Int64Array: "[-9223372036854775808,2]",
  UInt8Array: "[255,2]",
  UInt16Array: "[65535,2]",
  UInt32Array: "[4294967295,2]",
  UInt64Array: "[18446744073709551615,2]",
  FloatArray: '[1.5,"NaN"]',
  DoubleArray: "[0.1,-2]",
  BooleanArray: "[false,false,true,true,false,true,false,false,true,true,false,true]",
  StringArray: '["ABC","grün"]',
  DateTimeArray: '["2023-11-14T22:13:20.000Z"]',
  Null: null,
};

function deviceSide({ events }: FakeSourceDeps): string[] {
  return events.flatMap((event) => event.kind === "device_side" ? [event.what] : []);
}

/** A node whose births the broker has passed on already. */
async function bornNode(broker: Mosquitto): Promise<TahuNode> {
  await using observer = await observe(broker, "spBv1.0/plant/DBIRTH/#");
  const node = await TahuNode.start(broker.port);
  await eventually("the broker has its births", () => observer.messages.length > 0);
  return node;
}

/** Connects one session of the same source after another, as the supervisor does. */
function sessionsOf(broker: Mosquitto): () => Promise<Source> {
  const settings = mqttSettings.parse({ topics: SPARKPLUG_TOPICS });
  const sessions = adapter();
  return async () => {
    const config = { name: "plant", endpoint: `mqtt://127.0.0.1:${broker.port}`, labels: {}, settings };
    const source = sessions.create(config, fakeSourceDeps());
    await source.connect(AbortSignal.timeout(10_000));
    return source;
  };
}

Deno.test("Tahu: every data type, in births, in data by alias, and in compressed data", async (t) => {
  await using broker = await Mosquitto.start();
  await using source = await sparkplugSource(broker);
  await using node = await TahuNode.start(broker.port);
  const born = await readUntil(source, sensor("temperature"));
  const ofNode = { ...TYPES, bdSeq: 0, "Node Control/Rebirth": "false", line1: "online" };
  for (const [name, order] of [["births"], ["data", "node"], ["DEFLATE", "packed DEFLATE"], ["GZIP", "packed GZIP"]]) {
    await t.step(name!, async () => { // every entry has a name
      if (order !== undefined) await node.order(order);
      const { readings, refusals } = order === undefined ? born : await readUntil(source, sensor("Null"));
      const ofDevice = new Set(["oven", "temperature"]);
      const values = readings.map(short).filter(([sensor]) => !ofDevice.has(sensor));
      assert.deepEqual(Object.fromEntries(values), order === undefined ? ofNode : TYPES);
      assert.deepEqual(refusals, []);
      assert.ok(readings.every(({ sparkplug }) => sparkplug?.status !== "Unconfirmed"));
    });
  }
});

Deno.test("Tahu: unit and quality of the birth, its unit for data, and a flag for what is sent later than it was", async () => {
  await using broker = await Mosquitto.start();
  await using source = await sparkplugSource(broker);
  await using node = await TahuNode.start(broker.port);
  await readUntil(source, sensor("temperature", 20.5));
  await node.order("temperature 21");
  await node.order("past 7");
  const { readings } = await readUntil(source, sensor("temperature", 7));
  const [now, past] = readings;
  assert.deepEqual([now?.value, now?.from.unit, now?.sparkplug?.isHistorical], [21, "degC", false]);
  assert.deepEqual([past?.value, past?.from.unit, past?.sparkplug?.isHistorical], [7, "degC", true]);
  assert.equal(past?.eventTimeUs, 1_700_000_000_000_000);
  assert.equal(past?.tag, "spBv1.0/plant/line1/oven:temperature");
});

Deno.test("Tahu: the deaths of a device and of a node make every metric of theirs stale, once", async () => {
  await using broker = await Mosquitto.start();
  await using source = await sparkplugSource(broker);
  await using node = await TahuNode.start(broker.port);
  await readUntil(source, sensor("temperature"));
  await node.order("device-death");
  const device = await readUntil(source, sensor("oven", "offline"));
  assert.deepEqual(device.readings.map(short), [["oven", "offline", "Stale"], ["temperature", null, "Stale"]]);
  await node.crash();
  const { readings } = await readUntil(source, sensor("line1", "offline"));
  assert.deepEqual(new Set(readings.map(({ sparkplug }) => sparkplug?.status)), new Set(["Stale"]));
  const names = [...Object.keys(TYPES), "bdSeq", "Node Control/Rebirth", "line1"];
  assert.deepEqual(readings.map(({ from }) => from.sensorName).sort(), names.sort());
  assert.deepEqual(new Set(readings.map(({ from }) => from.topic)), new Set(["spBv1.0/plant/NDEATH/line1"]));
});

Deno.test("Tahu: after missed messages rows are kept as Unconfirmed, nothing is sent to the node, and a birth ends it", async () => {
  await using broker = await Mosquitto.start();
  const deps = fakeSourceDeps();
  await using source = await sparkplugSource(broker, {}, deps);
  await using node = await TahuNode.start(broker.port);
  await readUntil(source, sensor("temperature"));
  await node.order("skip");
  await node.order("temperature 1");
  const missed = await readUntil(source, sensor("temperature", 1));
  assert.deepEqual(missed.readings.map(short), [["temperature", 1, "Unconfirmed"]]);
  await node.order("rebirth");
  await readUntil(source, sensor("temperature", 1));
  await node.order("temperature 2");
  const { readings } = await readUntil(source, sensor("temperature", 2));
  assert.deepEqual(readings.map(short), [["temperature", 2]]);
  assert.deepEqual(deviceSide(deps), ["sparkplug_gap"]);
  assert.deepEqual(node.lines.filter((line) => line.startsWith("command")), []);
});

Deno.test("Tahu: births are asked for where that is allowed, and the node sends them", async () => {
  await using broker = await Mosquitto.start();
  await using node = await bornNode(broker);
  const deps = fakeSourceDeps();
  await using source = await sparkplugSource(broker, { rebirth_requests: true }, deps);
  await node.order("temperature 1");
  const { readings, refusals } = await readUntil(source, sensor("temperature"));
  await node.line(/^command Node Control\/Rebirth true$/);
  assert.equal(refusals.length, 1);
  assert.match(
    refusals[0]?.reason.message ?? "",
    /no birth has said what the metric with alias \d+ is.*its births were asked for at \d{4}-/,
  );
  assert.deepEqual(readings.map(short).at(-1), ["temperature", 1, "Good"]);
  assert.deepEqual(deviceSide(deps), ["sparkplug_no_birth", "sparkplug_rebirth_request"]);
});

Deno.test("Tahu: names are known after we come back, and are Unconfirmed where messages were missed meanwhile", async () => {
  await using broker = await Mosquitto.start();
  await using node = await bornNode(broker);
  const comeBack = sessionsOf(broker);
  {
    await using first = await comeBack();
    await node.order("rebirth");
    await readUntil(first, sensor("temperature"));
  }
  {
    await using second = await comeBack();
    await node.order("temperature 1");
    assert.deepEqual((await readUntil(second, sensor("temperature"))).readings.map(short), [["temperature", 1]]);
  }
  await node.order("temperature 2");
  await using third = await comeBack();
  await node.order("temperature 3");
  const { readings } = await readUntil(third, sensor("temperature"));
  assert.deepEqual(readings.map(short), [["temperature", 3, "Unconfirmed"]]);
});

Deno.test("Tahu: a node that dies while we are away is stale when we are back", async () => {
  await using broker = await Mosquitto.start();
  await using node = await bornNode(broker);
  const comeBack = sessionsOf(broker);
  {
    await using first = await comeBack();
    await node.order("rebirth");
    await readUntil(first, sensor("temperature"));
  }
  await node.crash();
  await using second = await comeBack();
  const { readings } = await readUntil(second, sensor("oven", "offline"));
  assert.deepEqual(readings.map(short).slice(-2), [["oven", "offline", "Stale"], ["temperature", null, "Stale"]]);
});

Deno.test("Tahu: a node waits for us as its primary host, and learns when we go", async () => {
  await using broker = await Mosquitto.start();
  await using node = await TahuNode.start(broker.port, "edge");
  {
    await using source = await sparkplugSource(broker, { host_id: "edge" });
    const { readings } = await readUntil(source, sensor("temperature"));
    const states = readings.filter(({ tag }) => tag === "spBv1.0/STATE/edge");
    assert.match(states[0]?.text ?? "", /^\{"online":true,"timestamp":\d{13}\}$/);
    await node.line(/^state .*"online":true/);
  }
  await node.line(/^state .*"online":false/);
});
