/** Batches of what arrived: bounded by what messages become, and not by their length alone. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { type PayloadInput, sparkplugPayload } from "../../../tests/fakes/sparkplug_payload.ts";
import { sparkplugPlant } from "../../../tests/fakes/sparkplug_plant.ts";
import { ConnectionError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import { batchesOf } from "./batch.ts";
import type { Arrival } from "./inbox.ts";
import type { MqttReading } from "./reading.ts";
import { mqttSettings } from "./settings.ts";
import { SharedOutcome } from "./shared_outcome.ts";
import { TopicRules } from "./topic_rules.ts";

const MAX_WEIGHT = 8_388_608;
const MAX_PAYLOAD_BYTES = 1_048_576;
const BOOLEAN_ARRAY = 32;
const INT32 = 3;

function arrivalOf(payload: Uint8Array, order: number, topic = "spBv1.0/g/NDATA/n"): Arrival {
  const message = { topic, payload, payloadBytes: payload.length, qos: 1, packetId: order + 1 };
  return { message: { ...message, isRetained: false, isRedelivered: false }, arrivedUs: 0, order };
}

function packed(inner: PayloadInput | Uint8Array): Uint8Array {
  const body = deflateSync(inner instanceof Uint8Array ? inner : sparkplugPayload(inner));
  return sparkplugPayload({ uuid: "SPBV1.0_COMPRESSED", body });
}

/** A million booleans. */
function switches(): PayloadInput {
  const bytes = new Uint8Array(4 + 125_000);
  new DataView(bytes.buffer).setUint32(0, 1_000_000, true);
  return { metrics: [{ name: "a", type: BOOLEAN_ARRAY, bytes }] };
}

/** What is made of `payloads`, one batch after another, and what was unpacked when each of them was there. */
function take(payloads: readonly Uint8Array[]) {
  return takeArrivals(payloads.map((payload, order) => arrivalOf(payload, order)));
}

function takeArrivals(arrivals: readonly Arrival[]) {
  const topics = [{ topic: "spBv1.0/#", payload: { format: "sparkplug_b" } }];
  const { decoder: sparkplug } = sparkplugPlant({ maxMetrics: 100_000, maxPayloadBytes: MAX_PAYLOAD_BYTES });
  const rules = new TopicRules(mqttSettings.parse({ topics }));
  const outcomes: string[] = [];
  const settle = (outcome: string) => outcomes.push(outcome);
  const options = { rules, maxPayloadBytes: MAX_PAYLOAD_BYTES, sparkplug, settle };
  const batches: Batch<MqttReading>[] = [];
  const unpacked: number[] = [];
  for (const batch of batchesOf(arrivals, options)) {
    batches.push(batch);
    unpacked.push(sparkplug.unpackedBytes);
  }
  return { batches, unpacked, outcomes };
}

const charactersOf = ({ readings }: Batch<MqttReading>) =>
  readings.reduce((sum, { text = "" }) => sum + text.length, 0);

Deno.test("a few small messages that become much text are several batches, in their order and without a loss", () => {
  const payloads = Array<Uint8Array>(8).fill(packed(switches()));
  assert.ok(payloads.every(({ length }) => length < 400), "they are small");
  const { batches } = take(payloads);
  assert.deepEqual(batches.map(charactersOf), Array(4).fill(2 * 6_000_001));
});

Deno.test("a payload that unpacks to much and becomes few rows counts by what it was unpacked to, each before the next", () => {
  const filler = new Uint8Array(1_000_000);
  const inner = sparkplugPayload({ metrics: [{ name: "a", type: INT32, int: 1 }], body: filler });
  const { batches, unpacked } = take(Array<Uint8Array>(20).fill(packed(inner)));
  assert.deepEqual(batches.map(({ readings }) => readings.length), [9, 9, 2]);
  assert.ok(unpacked[0]! < MAX_WEIGHT + MAX_PAYLOAD_BYTES, "the others are still packed when the first is handed over");
});

Deno.test("payloads that unpack to nothing that can be read are several batches of dead letters", () => {
  const { batches } = take(Array<Uint8Array>(20).fill(packed(new Uint8Array(2_000_000))));
  assert.deepEqual(batches.map(({ refusals }) => refusals?.length), [8, 8, 4]);
});

Deno.test("a node that dies with many devices of long names is several batches, in which no metric is missing", () => {
  const [group, node] = ["g".repeat(1000), "n".repeat(1000)];
  const names = Array.from({ length: 1000 }, (_, i) => `m${i}`);
  const metrics = names.map((name) => ({ name, type: INT32, int: 1 }));
  const at = (type: string, device = "") => `spBv1.0/${group}/${type}/${node}${device && "/"}${device}`;
  const arrivals = [
    arrivalOf(sparkplugPayload({ metrics, seq: 0 }), 0, at("NBIRTH")),
    ...["a", "b", "c", "d"].map((device, i) => arrivalOf(sparkplugPayload({ metrics }), 1 + i, at("DBIRTH", device))),
  ];
  const { batches: births } = takeArrivals(arrivals);
  const { batches } = takeArrivals([...arrivals, arrivalOf(sparkplugPayload({}), 5, at("NDEATH"))]);
  assert.ok(births.length > 1);
  assert.equal(batches.length, 2 * births.length);
  const stale = batches.flatMap(({ readings }) => readings).filter(({ sparkplug }) => sparkplug?.status === "Stale");
  const expected = [at("NDEATH"), ...["a", "b", "c", "d"].map((device) => at("DDEATH", device))].flatMap((topic) =>
    [topic.split("/").at(-1), ...names].map((name) => `${topic} ${name}`)
  );
  assert.deepEqual(stale.map(({ from: { topic, sensorName } }) => `${topic} ${sensorName}`), expected);
});

Deno.test("messages of usual length are one batch", () => {
  const metrics = Array.from({ length: 20 }, (_, i) => ({ name: `m${i}`, type: INT32, int: i }));
  const { batches } = take(Array<Uint8Array>(500).fill(sparkplugPayload({ metrics })));
  assert.deepEqual(batches.map(({ readings }) => readings.length), [10_000]);
});

Deno.test("receipts leave when all batches that were made of their messages are safe", () => {
  const { batches, outcomes } = take(Array<Uint8Array>(4).fill(packed(switches())));
  assert.equal(batches.length, 2);
  batches[1]?.ack();
  assert.deepEqual(outcomes, []);
  batches[0]?.ack();
  assert.deepEqual(outcomes, ["acked"]);
});

Deno.test("no receipt leaves where one of the batches is not safe", () => {
  const { batches, outcomes } = take(Array<Uint8Array>(4).fill(packed(switches())));
  batches[0]?.nack(new ConnectionError("stopped", "the connector stopped"));
  batches[1]?.ack();
  assert.deepEqual(outcomes, ["nacked"]);
});

Deno.test("no receipt leaves before the last batch was asked for, although all before it are safe", () => {
  const settled: string[] = [];
  const shared = new SharedOutcome((outcome) => settled.push(outcome));
  shared.share({ isLast: false })("acked");
  assert.deepEqual(settled, []);
  shared.share({ isLast: true })("acked");
  assert.deepEqual(settled, ["acked"]);
});
