import { DecodeError } from "../../../core/error.ts";
import type { Refusal } from "../../../core/reading.ts";
import type { SourceEvent } from "../../../core/source.ts";
import type { MqttMessage } from "../message.ts";
import type { MqttReading } from "../reading.ts";
import type { TopicRule } from "../topic_rules.ts";
import { bornMetric, dataMetric, type Outcome } from "./births.ts";
import { readAnyPayload } from "./compressed.ts";
import { deathMs, deathRows, deviceEnvelope, staleRows, stateRow } from "./deaths.ts";
import { KnownMetrics } from "./known_metrics.ts";
import { type Born, doubt, type KnownNode, type KnownNodes } from "./known_nodes.ts";
import type { Metric, SparkplugPayload } from "./payload.ts";
import type { Envelope } from "./readings.ts";
import { payloadOf } from "./rest.ts";
import { parseSparkplugTopic, type SparkplugTopic } from "./topic.ts";
import { MalformedPayload } from "./wire.ts";

/** What is read of a message: of one that was kept as a dead letter, less is known. */
export type Readable = Pick<MqttMessage, "topic" | "payload" | "payloadBytes"> & {
  readonly qos: number | undefined;
  readonly isRetained: boolean | undefined;
  readonly isRedelivered?: boolean;
};

export interface DecoderOptions {
  readonly maxMetrics: number;
  /** Of a payload that was compressed. */
  readonly maxPayloadBytes: number;
  report(event: SourceEvent): void;
  /** Its births are missing, or may be: asks for them where that is allowed. */
  onBirthMissing(group: string, node: string): void;
}

/** What one message gives. */
export interface Taken {
  readonly readings: readonly MqttReading[];
  readonly refusal?: Refusal;
}

type MessageTopic = Extract<SparkplugTopic, { kind: "message" }>;

interface Arrived {
  readonly topic: MessageTopic;
  readonly message: Readable;
  readonly payload: SparkplugPayload;
  readonly envelope: Envelope;
}

/** Messages of one session with the broker, in their order, as readings: follows births, data and deaths of the nodes. */
export class SparkplugDecoder {
  readonly #nodes: KnownNodes;
  readonly #options: DecoderOptions;

  constructor(nodes: KnownNodes, options: DecoderOptions) {
    this.#nodes = nodes;
    this.#options = options;
  }

  /** @throws {DecodeError} where the message as a whole is none of Sparkplug B */
  take(message: Readable, rule: TopicRule, arrivedUs: number): Taken {
    const topic = parseSparkplugTopic(message.topic);
    if (topic?.kind === "state") return { readings: [hostState(message, rule, arrivedUs)] };
    if (!topic) {
      throw new DecodeError(
        "sparkplug_topic",
        `${message.topic} is no topic of Sparkplug B, which looks like spBv1.0/<group>/<message type>/<node>/<device>: ` +
          "give these topics another payload.format",
      );
    }
    if (topic.type === "NCMD" || topic.type === "DCMD") return { readings: [] }; // what others order is no reading
    const payload = this.#read(message);
    const { group, node, device } = topic;
    const { unit, sensorType } = rule.tag;
    const { qos, isRetained } = message;
    const place = { group, node, device };
    const { timestampMs } = payload;
    const envelope = { topic: message.topic, place, qos, isRetained, arrivedUs, timestampMs, unit, sensorType };
    return this.#take({ topic, message, payload, envelope });
  }

  #read({ topic, payload }: Readable): SparkplugPayload {
    const { maxMetrics, maxPayloadBytes: maxBytes } = this.#options;
    try {
      return readAnyPayload(payload, { maxMetrics, maxBytes });
    } catch (error) {
      if (!(error instanceof MalformedPayload)) throw error;
      const advice = "mend the publisher, or give the topic another payload.format";
      throw new DecodeError(
        "sparkplug_malformed",
        `Payload of topic ${topic} is no Sparkplug B: ${error.message}; ${advice}`,
      );
    }
  }

  #take(arrived: Arrived): Taken {
    switch (arrived.topic.type) {
      case "NBIRTH":
        return this.#nodeBirth(arrived);
      case "DBIRTH":
        return this.#deviceBirth(arrived);
      case "NDEATH":
        return { readings: this.#nodeDeath(arrived) };
      case "DDEATH":
        return { readings: this.#deviceDeath(arrived) };
      default:
        return this.#data(arrived);
    }
  }

  #nodeBirth(arrived: Arrived): Taken {
    const { payload, envelope, topic } = arrived;
    const known = this.#nodes.get(keyOf(topic));
    const node = this.#nodes.open(keyOf(topic));
    const bdSeq = bdSeqOf(payload);
    const isSameSession = !known || bdSeq === undefined || bdSeq === node.bdSeq;
    node.bdSeq = bdSeq;
    node.nextSeq = payload.seq === undefined ? undefined : next(payload.seq);
    const { born, ...taken } = this.#birth(arrived, node.own);
    node.own = born;
    if (!born && node.devices.size === 0) this.#nodes.delete(keyOf(topic));
    if (isSameSession) {
      for (const device of node.devices.values()) device.isConfirmed = false;
      return taken;
    }
    // Its death has not reached us: what it knew of devices ended with that session.
    const readings = [...devicesDeath(envelope, node), ...taken.readings];
    node.devices.clear();
    return { ...taken, readings };
  }

  #deviceBirth(arrived: Arrived): Taken {
    const { topic: { device = "" }, topic } = arrived;
    const node = this.#nodes.open(keyOf(topic));
    this.#follow(node, arrived);
    const { born, ...taken } = this.#birth(arrived, node.devices.get(device));
    if (born) node.devices.set(device, born);
    else node.devices.delete(device);
    if (!node.own && node.devices.size === 0) this.#nodes.delete(keyOf(topic));
    return taken;
  }

  #birth(arrived: Arrived, before: Born | undefined): Taken & { readonly born: Born | undefined } {
    const { payload, envelope } = arrived;
    const metrics = new KnownMetrics();
    const taken = refusing(arrived, payload.metrics.map((metric) => bornMetric(metric, metrics, envelope)));
    const ms = deathMs(payload.timestampMs);
    const gone = staleRows(envelope, before?.metrics, { ms, but: metrics });
    const readings = [stateRow(envelope, "online", ms), ...gone, ...taken.readings];
    const hasRoom = this.#nodes.hasRoomFor(metrics.size, before);
    if (!hasRoom) this.#reportFull(arrived.topic);
    return { ...taken, readings, born: hasRoom ? { metrics, isConfirmed: true } : undefined };
  }

  #nodeDeath({ topic, payload, envelope }: Arrived): readonly MqttReading[] {
    const node = this.#nodes.get(keyOf(topic));
    const bdSeq = bdSeqOf(payload);
    if (node && isEarlier(bdSeq, node.bdSeq)) {
      this.#count("sparkplug_old_death");
      return [];
    }
    this.#nodes.delete(keyOf(topic));
    return [...deathRows(envelope, node?.own, undefined), ...(node ? devicesDeath(envelope, node) : [])];
  }

  #deviceDeath(arrived: Arrived): readonly MqttReading[] {
    const { topic, payload, envelope } = arrived;
    const node = this.#nodes.get(keyOf(topic));
    if (node) this.#follow(node, arrived);
    const device = topic.device ?? "";
    const rows = deathRows(envelope, node?.devices.get(device), deathMs(payload.timestampMs));
    node?.devices.delete(device);
    return rows;
  }

  #data(arrived: Arrived): Taken {
    const { topic, payload, envelope } = arrived;
    const node = this.#nodes.get(keyOf(topic));
    if (node) this.#follow(node, arrived);
    const born = topic.device === undefined ? node?.own : node?.devices.get(topic.device);
    const outcomes = payload.metrics.map((metric) => dataMetric(metric, born, envelope));
    const isMissing = !born || outcomes.some((each) => each.fault !== undefined && each.isUnknown);
    if (isMissing) this.#count("sparkplug_no_birth");
    if (isMissing || !born?.isConfirmed) this.#options.onBirthMissing(topic.group, topic.node);
    return refusing(arrived, outcomes);
  }

  /** Notes the sequence number (Sparkplug 3.0, 6.4.5). A message that the broker repeats may be one that was seen. */
  #follow(node: KnownNode, { payload: { seq }, message }: Arrived): void {
    if (seq === undefined) return;
    if (message.isRedelivered && seq !== node.nextSeq) return;
    if (node.nextSeq !== undefined && seq !== node.nextSeq) {
      this.#count("sparkplug_gap");
      doubt(node);
    }
    node.nextSeq = next(seq);
  }

  #count(what: "sparkplug_gap" | "sparkplug_no_birth" | "sparkplug_old_death"): void {
    this.#options.report({ kind: "device_side", what, count: 1 });
  }

  #reportFull({ group, node, device }: MessageTopic): void {
    const tag = [group, node, device].filter((level) => level !== undefined).join("/");
    const reason = "its birth is not kept, as sparkplug.max_nodes or sparkplug.max_metrics is reached: " +
      "what it sends by alias becomes dead letters; raise them, or subscribe to less";
    this.#options.report({ kind: "tag_failed", tag, reason });
  }
}

/** Rows of what can be read, and one dead letter that holds the metrics which cannot. */
function refusing({ message, payload, envelope }: Arrived, outcomes: readonly Outcome[]): Taken {
  const readings = outcomes.flatMap((each) => each.readings ?? []);
  const faults = outcomes.flatMap((each) => each.fault === undefined ? [] : [each]);
  const [first] = faults;
  if (!first) return { readings };
  const refused = payload.metrics.filter((_, i) => outcomes[i]?.fault !== undefined);
  const isAll = refused.length === payload.metrics.length;
  return {
    readings,
    refusal: refusalOf(envelope, first, isAll ? message.payload.slice() : payloadOf(refused, payload), faults.length),
  };
}

function refusalOf(
  { topic, arrivedUs }: Envelope,
  { fault, isUnknown }: { fault: string; isUnknown: boolean },
  payload: Uint8Array,
  count: number,
): Refusal {
  const others = count > 1 ? ` (and ${count - 1} more metrics)` : "";
  const advice = isUnknown
    ? "restart the node or have it publish its births, or set sparkplug.rebirth_requests"
    : "mend the publisher";
  const code = isUnknown ? "sparkplug_no_birth" : "sparkplug_metric";
  const reason = new DecodeError(code, `Message of topic ${topic} is not read in full: ${fault}${others}: ${advice}`);
  return { tag: topic, eventTimeUs: arrivedUs, payload, reason };
}

function devicesDeath(envelope: Envelope, { devices }: KnownNode): MqttReading[] {
  return [...devices].flatMap(([device, born]) => deathRows(deviceEnvelope(envelope, device), born, undefined));
}

/** The state of a host application: its JSON as text. */
function hostState({ topic, payload, qos, isRetained }: Readable, rule: TopicRule, arrivedUs: number): MqttReading {
  const text = new TextDecoder().decode(payload);
  const from = rule.tag;
  return {
    tag: topic,
    from,
    eventTimeUs: arrivedUs,
    value: undefined,
    text,
    timestampMs: undefined,
    qos,
    isRetained,
    payload,
  };
}

function keyOf({ group, node }: MessageTopic): string {
  return `${group}/${node}`;
}

function next(seq: number): number {
  return (seq + 1) % 256;
}

/** Which session of the node a birth or death belongs to: 0 to 255, in turn. */
function bdSeqOf({ metrics }: SparkplugPayload): number | undefined {
  const value = metrics.find(({ name }: Metric) => name === "bdSeq")?.value;
  return value?.kind === "integer" && value.value <= 255 ? Number(value.value) : undefined;
}

/**
 * Whether a death is that of a session before the one that was born last: a will that the broker published late. One of a
 * later session is not: we missed the birth.
 */
function isEarlier(death: number | undefined, birth: number | undefined): boolean {
  if (death === undefined || birth === undefined) return false;
  return death !== birth && (birth - death + 256) % 256 < 128;
}
