import { DecodeError } from "../../../core/error.ts";
import type { SourceEvent } from "../../../core/source.ts";
import type { MqttReading } from "../reading.ts";
import type { TopicRule } from "../topic_rules.ts";
import type { BirthRequest } from "./birth_request.ts";
import { dataMetric } from "./births.ts";
import { readAnyPayload } from "./compressed.ts";
import { deathRows, joined, plausibleMs } from "./deaths.ts";
import { doubt, type KnownNode, type KnownNodes } from "./known_nodes.ts";
import type { Metric, SparkplugPayload } from "./payload.ts";
import { Room } from "./room.ts";
import { type Arrived, birth, devicesDeath, type MessageTopic, type Readable, refusing, type Taken } from "./taken.ts";
import { MAX_LEVEL_CHARACTERS, parseSparkplugTopic } from "./topic.ts";
import { MalformedPayload } from "./wire.ts";

export interface DecoderOptions {
  readonly maxMetrics: number;
  /** Of a payload that was compressed. */
  readonly maxPayloadBytes: number;
  report(event: SourceEvent): void;
  /** Its births are missing, or may be: asks for them where that is allowed. */
  onBirthMissing(group: string, node: string): BirthRequest;
}

/** Messages of one session with the broker, in their order, as readings: follows births, data and deaths of the nodes. */
export class SparkplugDecoder {
  readonly #nodes: KnownNodes;
  readonly #options: DecoderOptions;
  #unpackedBytes = 0;

  constructor(nodes: KnownNodes, options: DecoderOptions) {
    this.#nodes = nodes;
    this.#options = options;
  }

  /** What compressed payloads became so far, all together: work and memory beyond what their messages have. */
  get unpackedBytes(): number {
    return this.#unpackedBytes;
  }

  /** @throws {DecodeError} where the message as a whole is none of Sparkplug B */
  take(message: Readable, rule: TopicRule, arrivedUs: number): Taken {
    const topic = parseSparkplugTopic(message.topic);
    if (topic?.kind === "state") return { readings: [hostState(message, rule, arrivedUs)] };
    if (!topic) {
      throw new DecodeError(
        "sparkplug_topic",
        `${message.topic.slice(0, 200)} is no topic of Sparkplug B, which looks like ` +
          `spBv1.0/<group>/<message type>/<node>/<device>, with names of at most ${MAX_LEVEL_CHARACTERS} characters: ` +
          "give these topics another payload.format",
      );
    }
    if (topic.type === "NCMD" || topic.type === "DCMD") return { readings: [] }; // what others order is no reading
    const payload = this.#read(message);
    const { group, node, device } = topic;
    const { unit, sensorType, labels } = rule.tag;
    const { qos, isRetained } = message;
    const place = { group, node, device };
    const { timestampMs, metrics } = payload;
    const perRow = message.topic.length + charactersIn({ unit, sensorType, ...labels });
    const room = new Room({ maxMetrics: this.#options.maxMetrics, metrics: metrics.length, perRow });
    const envelope = {
      topic: message.topic,
      place,
      qos,
      isRetained,
      arrivedUs,
      timestampMs,
      unit,
      sensorType,
      labels,
      room,
    };
    return this.#take({ topic, message, payload, envelope });
  }

  #read({ topic, payload }: Readable): SparkplugPayload {
    const { maxMetrics, maxPayloadBytes: maxBytes } = this.#options;
    try {
      const onUnpacked = (bytes: number) => this.#unpackedBytes += bytes;
      return readAnyPayload(payload, { maxMetrics, maxBytes, onUnpacked });
    } catch (error) {
      if (!(error instanceof MalformedPayload)) throw error;
      const advice = "mend the publisher, or give the topic another payload.format";
      throw new DecodeError(
        "sparkplug_malformed",
        `Payload of topic ${topic} is no Sparkplug B that can be read, as it has ${error.message}: ${advice}`,
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
    const isNew = !this.#nodes.get(keyOf(topic));
    const node = this.#nodes.open(keyOf(topic));
    const bdSeq = bdSeqOf(payload);
    const isSameSession = isNew || bdSeq === undefined || bdSeq === node.bdSeq;
    node.bdSeq = bdSeq;
    node.nextSeq = payload.seq === undefined ? undefined : next(payload.seq);
    // Another session: its death has not reached us, and what it knew of devices ended with it.
    const dead = isSameSession ? [] : devicesDeath(envelope, node);
    if (isSameSession) { for (const device of node.devices.values()) device.isConfirmed = false; }
    else this.#nodes.forgetDevices(node);
    const { born, ...taken } = birth(arrived, node.own);
    if (!this.#nodes.bear(node, born)) this.#reportFull(topic);
    this.#nodes.forgetIfEmpty(keyOf(topic));
    return { ...taken, readings: joined(dead, taken.readings) };
  }

  #deviceBirth(arrived: Arrived): Taken {
    const { topic: { device = "" }, topic } = arrived;
    const node = this.#nodes.open(keyOf(topic));
    this.#follow(node, arrived);
    const { born, ...taken } = birth(arrived, node.devices.get(device));
    if (!this.#nodes.bearDevice(node, device, born)) this.#reportFull(topic);
    this.#nodes.forgetIfEmpty(keyOf(topic));
    return taken;
  }

  #nodeDeath({ topic, payload, envelope }: Arrived): Iterable<MqttReading> {
    const node = this.#nodes.get(keyOf(topic));
    const bdSeq = bdSeqOf(payload);
    if (node && isEarlier(bdSeq, node.bdSeq)) {
      this.#count("sparkplug_old_death");
      return [];
    }
    const rows = joined(deathRows(envelope, node?.own, undefined), node ? devicesDeath(envelope, node) : []);
    this.#nodes.forget(keyOf(topic));
    return rows;
  }

  #deviceDeath(arrived: Arrived): Iterable<MqttReading> {
    const { topic, payload, envelope } = arrived;
    const node = this.#nodes.get(keyOf(topic));
    if (node) this.#follow(node, arrived);
    const device = topic.device ?? "";
    const rows = deathRows(envelope, node?.devices.get(device), plausibleMs(payload.timestampMs));
    if (node) this.#nodes.forgetDevice(node, device);
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
    const isAsked = isMissing || !born?.isConfirmed;
    const request = isAsked ? this.#options.onBirthMissing(topic.group, topic.node) : undefined;
    return refusing(arrived, outcomes, request);
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

function charactersIn(columns: Readonly<Record<string, string | undefined>>): number {
  let characters = 0;
  for (const name in columns) characters += name.length + (columns[name]?.length ?? 0);
  return characters;
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
