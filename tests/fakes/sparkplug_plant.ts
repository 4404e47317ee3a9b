import type { SourceEvent } from "../../src/core/source.ts";
import type { MqttReading } from "../../src/sources/mqtt/reading.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { SparkplugDecoder } from "../../src/sources/mqtt/sparkplug/decoder.ts";
import { KnownNodes } from "../../src/sources/mqtt/sparkplug/known_nodes.ts";
import type { Taken } from "../../src/sources/mqtt/sparkplug/taken.ts";
import { TopicRules } from "../../src/sources/mqtt/topic_rules.ts";
import { type PayloadInput, sparkplugPayload } from "./sparkplug_payload.ts";

/** When every message of the plant arrives. */
export const ARRIVED_US = 1_800_000_000_000_000;

export interface Line {
  readonly isRedelivered?: boolean;
}

interface PlantOptions {
  readonly maxNodes?: number;
  readonly maxMetrics?: number;
  readonly maxPayloadBytes?: number;
  readonly nodes?: KnownNodes;
}

/** What a message gives, with all its rows. */
export type TakenRows = Omit<Taken, "readings"> & { readonly readings: readonly MqttReading[] };

export interface SparkplugPlant {
  /** `topic` without `spBv1.0/`. */
  take(topic: string, payload: PayloadInput, line?: Line): TakenRows;
  takeBytes(topic: string, payload: Uint8Array, line?: Line): TakenRows;
  readonly events: readonly SourceEvent[];
  readonly asked: readonly string[];
  counted(): string[];
  readonly nodes: KnownNodes;
  readonly decoder: SparkplugDecoder;
}

/** A decoder that is told messages by type, and what it reported and asked for. */
export function sparkplugPlant(
  { maxNodes = 100, maxMetrics = 1000, maxPayloadBytes = 100_000, nodes = new KnownNodes({ maxNodes, maxMetrics }) }:
    PlantOptions = {},
): SparkplugPlant {
  const events: SourceEvent[] = [];
  const asked: string[] = [];
  const rules = new TopicRules(mqttSettings.parse({ topics: [{ topic: "#" }] }));
  const decoder = new SparkplugDecoder(nodes, {
    maxMetrics,
    maxPayloadBytes,
    report: (event) => events.push(event),
    onBirthMissing(group, node) {
      asked.push(`${group}/${node}`);
      return { state: "off" };
    },
  });
  const takeBytes = (topic: string, payload: Uint8Array, { isRedelivered = false }: Line = {}) => {
    const message = { topic, payload, payloadBytes: payload.length, qos: 0, isRetained: false, isRedelivered };
    const taken = decoder.take(message, rules.of(topic), ARRIVED_US);
    return { ...taken, readings: [...taken.readings] };
  };
  const take = (topic: string, payload: PayloadInput, line?: Line) =>
    takeBytes(`spBv1.0/${topic}`, sparkplugPayload(payload), line);
  const counted = () => events.flatMap((event) => event.kind === "device_side" ? [event.what] : []);
  return { take, takeBytes, events, asked, counted, nodes, decoder };
}

/** Sensor, value and status of each row. */
export function shortOf(readings: readonly MqttReading[]): (string | number | null | undefined)[][] {
  return readings.map((
    { from, value, text, sparkplug },
  ) => [from.sensorName, value ?? text ?? null, sparkplug?.status]);
}
