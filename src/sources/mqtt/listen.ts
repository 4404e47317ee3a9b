import { ConfigError, ConnectionError } from "../../core/error.ts";
import type { HeardMessage, ListenSession } from "../../core/listen.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable, Condition } from "../../lib/condition.ts";
import { batchesOf } from "./batch.ts";
import type { MqttMessage } from "./message.ts";
import { openSession } from "./open_session.ts";
import { Receipts } from "./receipts.ts";
import type { MqttSession } from "./session.ts";
import type { MqttSettings } from "./settings.ts";
import { SparkplugHost } from "./sparkplug/host.ts";
import { KnownNodes } from "./sparkplug/known_nodes.ts";
import { shownSparkplug } from "./sparkplug/shown.ts";
import { parseSparkplugTopic } from "./sparkplug/topic.ts";
import { topicFilterFault } from "./topic_filter.ts";
import { TopicRules } from "./topic_rules.ts";

/** Messages that wait to be taken, and bytes of their payloads. */
const MAX_WAITING = 500;
const MAX_WAITING_BYTES = 8_388_608;
/** So much of a payload is handed on. */
const SHOWN_BYTES = 16_384;

interface Waiting {
  readonly message: MqttMessage;
  readonly arrivedUs: number;
  readonly missed: number;
}

/** Hears the messages of a topic filter, and what the source's settings make of them. It publishes nothing. */
export class MqttListen implements ListenSession {
  readonly #config: SourceConfig<MqttSettings>;
  readonly #deps: SourceDeps;
  readonly #rules: TopicRules;
  readonly #sparkplug: SparkplugHost;
  /** The session is ours alone and ends with it: everything is acknowledged as it comes. */
  readonly #receipts = new Receipts((bytes) => this.#session?.write(bytes));
  readonly #news = new Condition();
  #session: MqttSession | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #missed = 0;

  /** @param config of a session of its own, see `SourceSpec.aside` */
  constructor(config: SourceConfig<MqttSettings>, deps: SourceDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#rules = new TopicRules(config.settings);
    const { max_nodes: maxNodes, max_metrics: maxMetrics } = config.settings.sparkplug;
    const nodes = new KnownNodes({ maxNodes, maxMetrics });
    // Nothing is sent: `aside` has taken the host's id and the requests for births out of the settings.
    this.#sparkplug = new SparkplugHost(config, deps, { nodes, send: () => Promise.resolve() });
  }

  async connect(signal: AbortSignal): Promise<void> {
    await openSession({
      config: this.#config,
      deps: this.#deps,
      signal,
      onSession: (session) => this.#session = session,
      onMessage: (message) => this.#take(message),
      onRelease: (packetId) => this.#receipts.release(packetId),
      onChunkEnd: () => this.#news.wake(),
    });
  }

  async *messages(filter: string, signal: AbortSignal): AsyncIterable<HeardMessage> {
    const session = this.#session;
    if (!session) throw new ConnectionError("mqtt_not_connected", "Cannot listen: the session is not connected");
    const topic = filter.replace(/^\$share\/[^/]+\//, ""); // a shared one would take messages away from its group
    refuseFault(topic);
    const lost = new AbortController();
    session.lost.catch((reason) => lost.abort(reason));
    const ended = AbortSignal.any([signal, lost.signal]);
    try {
      await abortable(session.subscribe([{ topic, qos: 2 }]), signal);
      while (!signal.aborted) {
        for (const next of this.#taken()) yield this.#heard(next);
        lost.signal.throwIfAborted();
        if (this.#waiting.length === 0) await this.#news.isWoken(ended);
      }
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }

  #taken(): readonly Waiting[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return taken;
  }

  #take(message: MqttMessage): void {
    if (!this.#receipts.isNew(message)) return;
    if (message.qos > 0) this.#receipts.owe([message])("acked");
    const bytes = this.#waitingBytes + message.payload.length;
    if (this.#waiting.length >= MAX_WAITING || (bytes > MAX_WAITING_BYTES && this.#waiting.length > 0)) {
      this.#missed++;
      return;
    }
    this.#waiting.push({ message, arrivedUs: this.#deps.clock.nowUs(), missed: this.#missed });
    this.#waitingBytes = bytes;
    this.#missed = 0;
  }

  #heard({ message, arrivedUs, missed }: Waiting): HeardMessage {
    const { topic, payload, payloadBytes, qos, isRetained } = message;
    const { max_payload_kb, sparkplug: { max_metrics: maxMetrics } } = this.#config.settings;
    const maxPayloadBytes = max_payload_kb * 1024;
    const decoding = { rules: this.#rules, maxPayloadBytes, sparkplug: this.#sparkplug.decoder };
    const batches = [...batchesOf([{ message, arrivedUs, order: 0 }], decoding)];
    const [refusal] = batches.flatMap(({ refusals = [] }) => refusals);
    const isSparkplug = parseSparkplugTopic(topic)?.kind === "message";
    return {
      topic,
      arrivedUs,
      qos,
      isRetained,
      payload: payload.slice(0, SHOWN_BYTES),
      payloadBytes,
      decoded: isSparkplug ? shownSparkplug(payload, { maxMetrics, maxBytes: maxPayloadBytes }) : undefined,
      readings: batches.flatMap(({ readings }) => readings),
      reason: refusal?.reason.message,
      missed,
    };
  }
}

/** @throws {ConfigError} */
function refuseFault(filter: string): void {
  const fault = topicFilterFault(filter);
  if (fault === undefined) return;
  const message = `Cannot listen to ${
    filter.slice(0, 200)
  }: ${fault}; a topic filter looks like plant/+/temperature or plant/#`;
  throw new ConfigError("listen_no_filter", message);
}
