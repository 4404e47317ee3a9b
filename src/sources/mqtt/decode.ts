import { Buffer } from "node:buffer";
import { DecodeError, reasonOf } from "../../core/error.ts";
import type { Refusal } from "../../core/reading.ts";
import { digitsOf, numberIn, parseExactly } from "./exact_json.ts";
import { isDeeperThan } from "./json_depth.ts";
import { type JsonPath, type RowScope, valueAt } from "./json_path.ts";
import { membersOf } from "./members.ts";
import type { MqttMessage } from "./message.ts";
import type { MqttReading, MqttTag } from "./reading.ts";
import { timestampFault, timestampUs } from "./timestamp.ts";
import { RowRoom } from "./row_room.ts";
import { tagOf, type TopicRule } from "./topic_rules.ts";

/** How much of a payload that is too long goes into its dead letter. */
const KEPT_PAYLOAD_BYTES = 65_536;
/** Objects and arrays of a payload within each other. JSON can be read deeper than it can be written. */
const MAX_DEPTH = 200;

const utf8Bytes = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface DecodeOptions {
  readonly rule: TopicRule;
  /** Microseconds since 1970-01-01 UTC. */
  readonly arrivedUs: number;
  readonly maxPayloadBytes: number;
}

export type Decoded =
  | { readonly readings: readonly MqttReading[]; readonly refusal?: undefined }
  | { readonly refusal: Refusal; readonly readings?: undefined };

/** What is read of a message: of one that was kept, less is known. */
export type Readable = Pick<MqttMessage, "topic" | "payload" | "payloadBytes"> & {
  readonly qos: number | undefined;
  readonly isRetained: boolean | undefined;
};

/** What a payload holds: text that may be a JSON document, which is then there too. */
interface Content {
  readonly text: string;
  readonly document: unknown;
  readonly isJson: boolean;
  /** What it is called in the object that it is a member of. */
  readonly name?: string | undefined;
}

/**
 * A message as its readings, most often one, or as a refusal that says why it is none. Never throws, whatever the payload.
 * All or nothing: a dead letter holds the whole message, and all of its rows come of it when it is read again.
 */
export function decodeMessage(message: MqttMessage, options: DecodeOptions): Decoded {
  try {
    return { readings: readingsOf(message, options) };
  } catch (error) {
    return { refusal: refusalOf(message, options, error) };
  }
}

/** A message as the dead letter that it becomes by `error`. */
export function refusalOf(
  message: MqttMessage,
  { maxPayloadBytes, arrivedUs }: Omit<DecodeOptions, "rule">,
  error: unknown,
): Refusal {
  const reason = error instanceof DecodeError ? error : undecodable(message, error);
  const isCut = message.payloadBytes > maxPayloadBytes;
  const payload = message.payload.slice(0, isCut ? KEPT_PAYLOAD_BYTES : maxPayloadBytes);
  const kept = payload.length < message.payloadBytes ? { payload, isCut: true as const } : { payload };
  return { tag: message.topic, eventTimeUs: arrivedUs, ...kept, reason };
}

/**
 * A message that was refused before, and of which only topic and payload were kept: `qos` and `retain` are not known any
 * more. @throws {DecodeError}
 */
export function decodeKept(kept: Pick<MqttMessage, "topic" | "payload">, options: DecodeOptions): MqttReading[] {
  const message = { ...kept, payloadBytes: kept.payload.length, qos: undefined, isRetained: undefined };
  try {
    return readingsOf(message, options);
  } catch (error) {
    throw error instanceof DecodeError ? error : undecodable(message, error);
  }
}

/** @throws {DecodeError} where the payload is longer than may be */
export function checkSize(message: Readable, maxPayloadBytes: number): void {
  if (message.payloadBytes > maxPayloadBytes) throw oversize(message, maxPayloadBytes);
}

function readingsOf(message: Readable, options: DecodeOptions): MqttReading[] {
  checkSize(message, options.maxPayloadBytes);
  const { rule } = options;
  const content = contentOf(message, rule);
  if (!rule.rows || !content.isJson) return [readingOf(content, message, options)];
  const room = new RowRoom(message);
  return membersOf(mapped(content, rule, "rows"), rule.topic).map(([name, member]) => {
    const scope: RowScope = { $: content.document, "@": member };
    const payload = utf8Bytes.encode(JSON.stringify(member));
    const reading = readingOf({ text: "", document: scope, isJson: true, name }, { ...message, payload }, options);
    room.take(reading);
    return reading;
  });
}

function readingOf(content: Content, message: Readable, options: DecodeOptions): MqttReading {
  const { rule } = options;
  const us = timeOf(content, rule);
  const value = rule.value && content.isJson ? mapped(content, rule, "value") : content.document;
  const from = tagFor(content, rule);
  return {
    tag: from.name,
    from,
    eventTimeUs: us ?? options.arrivedUs,
    value: numberIn(value),
    text: textOf(value, content),
    timestampMs: us === undefined ? undefined : Math.floor(us / 1000),
    qos: message.qos,
    isRetained: message.isRetained,
    payload: message.payload,
  };
}

function contentOf({ payload }: Readable, rule: TopicRule): Content {
  const { format } = rule.settings;
  if (format === "binary") return plain(base64(payload));
  const text = asText(payload);
  if (format === "json") return { text: text ?? "", document: parsed(text, rule), isJson: true };
  if (text !== undefined) return format === "text" ? plain(text) : guessed(text, rule);
  if (format === "auto") return plain(base64(payload));
  throw new DecodeError(
    "mqtt_not_text",
    `Payload of topic ${rule.topic} is not UTF-8 text: publish text, or set payload.format to auto`,
  );
}

function base64(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("base64");
}

function plain(text: string): Content {
  return { text, document: text, isJson: false };
}

/** `auto`: JSON only where it is an object or a number, an array too where that is rows; a string in quotes, true and null stay the text that they are. */
function guessed(text: string, { rows }: TopicRule): Content {
  if (!(rows ? /^\s*[[{]/ : /^\s*[{\d-]/).test(text) || isDeeperThan(MAX_DEPTH, text)) return plain(text);
  try {
    const document = parseExactly(text);
    return { text, document, isJson: true };
  } catch {
    return plain(text);
  }
}

function parsed(text: string | undefined, rule: TopicRule): unknown {
  if (text !== undefined && isDeeperThan(MAX_DEPTH, text)) throw tooDeep(rule);
  try {
    if (text !== undefined) return parseExactly(text);
  } catch {
    // Said below, in words for whoever publishes it.
  }
  throw new DecodeError(
    "mqtt_not_json",
    `Payload of topic ${rule.topic} is not JSON: publish JSON, or set payload.format to auto or text`,
  );
}

function asText(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload);
  } catch {
    return undefined;
  }
}

function timeOf(content: Content, rule: TopicRule): number | undefined {
  if (!rule.timestamp || !content.isJson) return undefined;
  const { timestamp_format: format } = rule.settings;
  const value = mapped(content, rule, "timestamp");
  const time = numberIn(value) ?? value;
  const us = timestampUs(time, format);
  if (us !== undefined) return us;
  throw new DecodeError(
    "mqtt_bad_timestamp",
    `Payload of topic ${rule.topic} has the timestamp ${shortened(value)}, which is ${timestampFault(time, format)}: ` +
      "mend the publisher, or set payload.timestamp_format",
  );
}

function tagFor(content: Content, rule: TopicRule): MqttTag {
  const { sensorName, sensorType, unit } = rule;
  if (!content.isJson || !(sensorName || sensorType || unit || content.name !== undefined)) return rule.tag;
  const isNamed = rule.settings.sensor_name !== null;
  return tagOf(rule, {
    sensorName: isNamed ? said(content, sensorName) : content.name,
    sensorType: said(content, sensorType),
    unit: said(content, unit),
  });
}

/** What describes a value may be missing: the value counts. */
function said({ document }: Content, path: JsonPath | undefined): string | undefined {
  const value = path && valueAt(document, path);
  return value === undefined || value === null ? undefined : typeof value === "string" ? value : JSON.stringify(value);
}

/** What stands at the path that the setting `key` is, or the whole where there is none. */
function mapped(content: Content, rule: TopicRule, key: "rows" | "value" | "timestamp"): unknown {
  const path = rule[key] ?? [];
  const value = valueAt(content.document, path);
  if (value !== undefined) return value;
  throw new DecodeError(
    "mqtt_path_missing",
    `Payload of topic ${rule.topic} has nothing at ${written(path, rule)}: mend the publisher, or set payload.${key}`,
  );
}

/** What stands in `value_string`: nothing for a number or null, unless no double is it, a string as it is, and JSON for the rest. */
function textOf(value: unknown, content: Content): string | undefined {
  const digits = digitsOf(value);
  if (digits !== undefined) return digits;
  if (typeof value === "number" || value === null) return undefined;
  if (typeof value === "string") return value;
  return value === content.document ? content.text : JSON.stringify(value);
}

function written(path: JsonPath, { rows }: TopicRule): string {
  const [root, steps] = rows && path !== rows ? [String(path[0]), path.slice(1)] : ["$", path];
  return root + steps.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("");
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function tooDeep({ topic }: TopicRule): DecodeError {
  return new DecodeError(
    "mqtt_too_deep",
    `Payload of topic ${topic} is nested more than ${MAX_DEPTH} deep: publish flatter JSON, or set payload.format to text`,
  );
}

/** An error that nobody foresaw concerns this one message only. */
function undecodable({ topic }: Readable, error: unknown): DecodeError {
  return new DecodeError("mqtt_undecodable", `Payload of topic ${topic} cannot be decoded: ${reasonOf(error)}`, {
    cause: error,
  });
}

function oversize({ topic, payloadBytes }: Readable, maxBytes: number): DecodeError {
  return new DecodeError(
    "mqtt_payload_too_long",
    `Payload of topic ${topic} has ${payloadBytes} bytes and at most ${maxBytes} are taken: ` +
      "publish less at once, or raise max_payload_kb",
  );
}
