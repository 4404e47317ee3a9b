import { Buffer } from "node:buffer";
import type { BrowseAlternative, BrowseEntry, BrowseNode, BrowseSetting } from "../../core/browse.ts";
import type { MqttMessage } from "./message.ts";

/** Topics kept at most; of further ones only that they came is known. */
const MAX_TOPICS = 10_000;
/** Of a payload, so much is shown, and so much is looked at. */
const MAX_SAMPLE_CHARACTERS = 200;
const MAX_SAMPLE_BYTES = 4096;
/** Members of a JSON object that hold the value, as publishers of many makers call them. */
const VALUE_NAMES = ["value", "Value", "val", "v"];

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

interface Heard {
  readonly topic: string;
  /** Of the newest message; its first part where it is long. */
  payload: Uint8Array;
  payloadBytes: number;
  timeUs: number;
  qos: number;
  isRetained: boolean;
  /** Messages that were published while we listened: not those that the broker had retained. */
  live: number;
}

/** What was heard while listening, by topic. Bounded, however many topics a broker has and however long their messages are. */
export class HeardTopics {
  readonly #topics = new Map<string, Heard>();
  /** Whether there were more topics than are kept. */
  isCut = false;

  take({ topic, payload, payloadBytes, qos, isRetained }: MqttMessage, timeUs: number): void {
    const known = this.#topics.get(topic);
    if (!known && this.#topics.size >= MAX_TOPICS) {
      this.isCut = true;
      return;
    }
    const live = (known?.live ?? 0) + (isRetained ? 0 : 1);
    const sample = payload.slice(0, MAX_SAMPLE_BYTES); // a copy: the rest of what came with it is let go
    const isEver = isRetained || (known?.isRetained ?? false);
    this.#topics.set(topic, { topic, payload: sample, payloadBytes, timeUs, qos, isRetained: isEver, live });
  }

  /** All topics by name. @param listenedMs for how long, which makes counts rates */
  nodes(listenedMs: number): BrowseNode[] {
    const heard = [...this.#topics.values()].sort((a, b) => a.topic < b.topic ? -1 : 1);
    return heard.map((each) => nodeOf(each, listenedMs));
  }
}

function nodeOf(heard: Heard, listenedMs: number): BrowseNode {
  const { topic, timeUs, qos, isRetained, payloadBytes, live } = heard;
  const { dataType, text, document } = contentOf(heard);
  const alternatives = alternativesOf(topic, document);
  return {
    id: topic,
    name: topic.split("/").at(-1) ?? topic,
    kind: "topic",
    hasChildren: undefined,
    dataType,
    sample: { value: shortened(text), timeUs },
    facts: { qos, retained: isRetained, messages_per_second: rate(live, listenedMs), bytes: payloadBytes },
    configure: entryFor(topic, payloadFor(topic, document)),
    ...(alternatives.length > 0 ? { alternatives } : {}),
  };
}

interface Content {
  readonly dataType: "number" | "json" | "text" | "binary" | "sparkplug_b";
  readonly text: string;
  /** A JSON object. */
  readonly document?: Readonly<Record<string, unknown>>;
}

function contentOf({ topic, payload, payloadBytes }: Heard): Content {
  const text = textOf(payload, payloadBytes);
  if (isSparkplug(topic)) return { dataType: "sparkplug_b", text: text ?? base64(payload) };
  if (text === undefined) return { dataType: "binary", text: base64(payload) };
  const parsed = parse(text);
  if (typeof parsed === "number") return { dataType: "number", text };
  if (typeof parsed !== "object" || parsed === null) return { dataType: "text", text };
  return Array.isArray(parsed) ? { dataType: "json", text } : { dataType: "json", text, document: { ...parsed } };
}

/** A payload whose end is missing may end within a character. */
function textOf(payload: Uint8Array, payloadBytes: number): string | undefined {
  const cut = payloadBytes > payload.length
    ? payload.subarray(0, payload.findLastIndex((byte) => byte < 0x80) + 1)
    : payload;
  try {
    return utf8.decode(cut);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first entry's payload: the member that is called a value, where there is one. */
function payloadFor(topic: string, document: Content["document"]): BrowseSetting | undefined {
  if (isSparkplug(topic)) return { format: "sparkplug_b" };
  const name = VALUE_NAMES.find((each) => document !== undefined && Object.hasOwn(document, each));
  return name === undefined ? undefined : { value: `$.${name}` };
}

/** An object may as well be a row for each of its members. */
function alternativesOf(topic: string, document: Content["document"]): BrowseAlternative[] {
  if (document === undefined || Object.keys(document).length === 0) return [];
  return [{ dataType: "json, a row per member", configure: entryFor(topic, { rows: "$" }) }];
}

function entryFor(topic: string, payload: BrowseSetting | undefined): BrowseEntry {
  return { list: "topics", entry: { topic, ...(payload === undefined ? {} : { payload }) } };
}

function isSparkplug(topic: string): boolean {
  return topic.startsWith("spBv1.0/") && !topic.startsWith("spBv1.0/STATE/");
}

function rate(count: number, ms: number): number {
  return ms <= 0 ? 0 : Math.round((count / ms) * 100_000) / 100;
}

function base64(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, MAX_SAMPLE_CHARACTERS)).toString("base64");
}

function shortened(text: string): string {
  return text.length > MAX_SAMPLE_CHARACTERS ? `${text.slice(0, MAX_SAMPLE_CHARACTERS)}…` : text;
}
