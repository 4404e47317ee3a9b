import { DecodeError } from "../../../core/error.ts";
import type { Refusal } from "../../../core/reading.ts";
import type { MqttMessage } from "../message.ts";
import type { MqttReading } from "../reading.ts";
import { adviceOn, type BirthRequest } from "./birth_request.ts";
import { bornMetric, type Outcome } from "./births.ts";
import { deathRows, deviceEnvelope, joined, plausibleMs, staleRows, stateRow } from "./deaths.ts";
import { KnownMetrics } from "./known_metrics.ts";
import type { Born, KnownNode } from "./known_nodes.ts";
import type { SparkplugPayload } from "./payload.ts";
import type { Envelope } from "./readings.ts";
import { payloadOf } from "./rest.ts";
import type { SparkplugTopic } from "./topic.ts";

/** What is read of a message: of one that was kept as a dead letter, less is known. */
export type Readable = Pick<MqttMessage, "topic" | "payload" | "payloadBytes"> & {
  readonly qos: number | undefined;
  readonly isRetained: boolean | undefined;
  readonly isRedelivered?: boolean;
};

/** What one message gives. */
export interface Taken {
  /** To be gone through once: what a death gives may be far longer than its message, and is made as it is asked for. */
  readonly readings: Iterable<MqttReading>;
  readonly refusal?: Refusal;
}

export type MessageTopic = Extract<SparkplugTopic, { kind: "message" }>;

/** A message on its way to rows. */
export interface Arrived {
  readonly topic: MessageTopic;
  readonly message: Readable;
  readonly payload: SparkplugPayload;
  readonly envelope: Envelope;
}

/** Rows of a birth, and what it makes known. `before`: the birth that it replaces. */
export function birth(arrived: Arrived, before: Born | undefined): Taken & { readonly born: Born } {
  const { payload, envelope } = arrived;
  const metrics = new KnownMetrics(envelope.topic.length);
  const taken = refusing(arrived, payload.metrics.map((metric) => bornMetric(metric, metrics, envelope)));
  const ms = plausibleMs(payload.timestampMs);
  const gone = staleRows(envelope, before?.metrics, { ms, but: metrics });
  const readings = joined([stateRow(envelope, "online", ms)], gone, taken.readings);
  return { ...taken, readings, born: { metrics, isConfirmed: true } };
}

/** Rows of what can be read, and one dead letter that holds the metrics which cannot. */
export function refusing(
  { message, payload, envelope }: Arrived,
  outcomes: readonly Outcome[],
  request: BirthRequest = { state: "off" },
): Taken {
  const readings = outcomes.flatMap((each) => each.readings ?? []);
  const faults = outcomes.flatMap((each) => each.fault === undefined ? [] : [each]);
  const [first] = faults;
  if (!first) return { readings };
  const refused = payload.metrics.filter((_, i) => outcomes[i]?.fault !== undefined);
  const isAll = refused.length === payload.metrics.length;
  const kept = isAll ? message.payload.slice() : payloadOf(refused, payload);
  const others = faults.length > 1 ? ` (and ${faults.length - 1} more metrics)` : "";
  const advice = first.isUnknown ? adviceOn(request) : "mend the publisher";
  return { readings, refusal: refusalOf(envelope, first, { others, advice, payload: kept }) };
}

function refusalOf(
  { topic, arrivedUs }: Envelope,
  { fault, isUnknown }: { fault: string; isUnknown: boolean },
  { others, advice, payload }: { others: string; advice: string; payload: Uint8Array },
): Refusal {
  const code = isUnknown ? "sparkplug_no_birth" : "sparkplug_metric";
  const reason = new DecodeError(code, `Message of topic ${topic} is not read in full: ${fault}${others}: ${advice}`);
  return { tag: topic, eventTimeUs: arrivedUs, payload, reason };
}

/** The devices died with their node. Of those that it has now, also where it has forgotten them when rows are asked for. */
export function devicesDeath(envelope: Envelope, { devices }: KnownNode): Iterable<MqttReading> {
  const dead = [...devices].values();
  return dead.flatMap(([device, born]) => deathRows(deviceEnvelope(envelope, device), born, undefined));
}
