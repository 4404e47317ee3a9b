import assert from "node:assert/strict";
import mqtt from "mqtt";
import type { Batch, Refusal } from "../../src/core/reading.ts";
import type { Source, SourceDeps } from "../../src/core/source.ts";
import type { MqttReading } from "../../src/sources/mqtt/reading.ts";
import type { Mosquitto } from "../peers/mosquitto.ts";
import { connectedSource, readingsOf } from "./mqtt_session.ts";

/** All that Sparkplug publishes. */
export const SPARKPLUG_TOPICS = [{ topic: "spBv1.0/#", qos: 1, payload: { format: "sparkplug_b" } }];

/** A source of `broker` that reads Sparkplug; `sparkplug` is its block of the configuration. */
export function sparkplugSource(broker: Mosquitto, sparkplug: object = {}, deps?: SourceDeps): Promise<Source> {
  const settings = { topics: SPARKPLUG_TOPICS, sparkplug };
  return connectedSource({ endpoint: `mqtt://127.0.0.1:${broker.port}`, settings, ...(deps ? { deps } : {}) });
}

/** Readings and refusals until one of them is wanted. */
export interface Seen {
  readonly readings: readonly MqttReading[];
  readonly refusals: readonly Refusal[];
}

export async function readUntil(source: Source, isEnd: (seen: Seen) => boolean): Promise<Seen> {
  const batches: Batch[] = [];
  for await (const batch of source.batches(AbortSignal.timeout(20_000))) {
    batch.ack();
    batches.push(batch);
    const seen = { readings: readingsOf(batches), refusals: batches.flatMap(({ refusals }) => refusals ?? []) };
    if (isEnd(seen)) return seen;
  }
  assert.fail(`it did not come; there were ${readingsOf(batches).map(({ tag }) => tag).join(", ")}`);
}

/** The end is a row of this sensor, with this value where one is given. */
export function sensor(name: string, value?: number | string): (seen: Seen) => boolean {
  return ({ readings }) =>
    readings.some(({ from, value: number, text }) =>
      from.sensorName === name && (value === undefined || value === number || value === text)
    );
}

/** A reading as a line of a table: sensor, value, status. */
export function short({ from, value, text, sparkplug }: MqttReading): [string, number | string | null, string?] {
  const said = value ?? text ?? null;
  return sparkplug?.status === undefined ? [from.sensorName, said] : [from.sensorName, said, sparkplug.status];
}

/** Somebody else who sees what is published, as the broker hands it on. */
export interface Observer extends AsyncDisposable {
  readonly messages: readonly { readonly topic: string; readonly payload: string }[];
  publish(topic: string, payload: string): Promise<void>;
}

export async function observe(broker: Mosquitto, filter: string): Promise<Observer> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0 });
  const messages: { topic: string; payload: string }[] = [];
  client.on("message", (topic, payload) => messages.push({ topic, payload: payload.toString() }));
  await client.subscribeAsync(filter, { qos: 1 });
  return {
    messages,
    publish: async (topic, payload) => void await client.publishAsync(topic, payload, { qos: 1, retain: true }),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}
