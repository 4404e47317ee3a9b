import { ConnectionError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable, Condition } from "../../lib/condition.ts";
import { batchesOf, type BatchOptions } from "./batch.ts";
import type { Endings } from "./endings.ts";
import { Inbox, type TakeLimits } from "./inbox.ts";
import type { MqttMessage } from "./message.ts";
import { needsSparkplug, type Send, SparkplugHost } from "./sparkplug/host.ts";
import type { KnownNodes } from "./sparkplug/known_nodes.ts";
import { Receipts } from "./receipts.ts";
import { clientIdOf, openSession } from "./open_session.ts";
import type { MqttSession } from "./session.ts";
import type { MqttSettings } from "./settings.ts";
import { subscribeTo } from "./subscriptions.ts";
import { TopicRules } from "./topic_rules.ts";

/** One batch: enough to share the cost of a hand-over, few enough to keep receipts flowing and to need little memory. */
const MAX_BATCH = { messages: 1000, bytes: 4_194_304 };
/** The same where a few bytes of a message can be a row. */
const MAX_DENSE_BATCH = { messages: 1000, bytes: 262_144 };
/**
 * Of what may wait, so much may be QoS 1 and 2, which the broker keeps all the same: what waits for long outlives the
 * garbage collector's first look, and costs several times its size.
 */
const WITHHELD_SHARE = 1 / 16;
/** Said of a session that should have outlived the connection. */
const NOT_RESUMED =
  "The broker knows no earlier session of ours. That is so at the first connection; otherwise what was " +
  "published with QoS 1 and 2 while we were away is lost: switch the broker's persistence on";

/** What sessions of one source leave to those after them. */
export interface EarlierSessions {
  /** What they know of Sparkplug's nodes. */
  readonly nodes: KnownNodes;
  readonly endings: Endings;
}

/** A session with one broker. */
export class MqttSource implements Source {
  readonly #config: SourceConfig<MqttSettings>;
  readonly #deps: SourceDeps;
  readonly #rules: TopicRules;
  readonly #inbox: Inbox;
  readonly #receipts = new Receipts((bytes) => this.#session?.write(bytes));
  /** Messages came, or the session was lost, or reading is over. */
  readonly #news = new Condition();
  /** More came than may wait. */
  readonly #filled = Promise.withResolvers<void>();
  readonly #lost = new AbortController();
  /** Why subscribing failed, perhaps after `connect`. */
  #fault: unknown;
  readonly #endings: Endings;
  #session: MqttSession | undefined;
  /** When the broker let us in, by the monotonic clock. */
  #openedAtMs = 0;
  #isDisposed = false;
  #hasStrays = false;
  #isQos0Next = false;
  /** Batches of what was taken from the inbox last, the next of them not made yet. */
  #taken: Iterator<Batch, undefined> | undefined;
  #redelivered = 0;
  #dropped = 0;
  #received = 0;
  readonly #sparkplug: SparkplugHost | undefined;

  constructor(config: SourceConfig<MqttSettings>, deps: SourceDeps, { nodes, endings }: EarlierSessions) {
    this.#endings = endings;
    this.#config = config;
    this.#deps = deps;
    const send: Send = (...sent) => this.#session?.send(...sent) ?? Promise.resolve();
    if (needsSparkplug(config.settings)) this.#sparkplug = new SparkplugHost(config, deps, { nodes, send });
    this.#rules = new TopicRules(config.settings, (topic) => this.#warnOfStray(topic));
    const { max_waiting_messages: maxMessages, max_waiting_mb: maxMb } = config.settings;
    const maxBytes = maxMb * 1_000_000;
    this.#inbox = new Inbox({ maxMessages, maxBytes, maxWithheldBytes: maxBytes * WITHHELD_SHARE });
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async connect(signal: AbortSignal): Promise<void> {
    try {
      await this.#open(signal);
    } catch (error) {
      await this.#sparkplug?.goOffline();
      await this.#session?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const session = this.#session;
    if (!session) throw new ConnectionError("mqtt_not_connected", "Cannot read: the source is not connected");
    const wake = () => this.#news.wake();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted && !this.#isDisposed) {
        if (session.isLost && this.#isRemembered) this.#inbox.dropWithheld();
        const batch = this.#next();
        if (batch) yield batch;
        else if (this.#fault && !session.isLost) throw this.#fault;
        else await (session.isLost ? this.#end(session) : this.#news.wait());
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#news.wake();
    await this.#sparkplug?.goOffline();
    await this.#session?.[Symbol.asyncDispose]();
  }

  /** @throws what ended the session */
  async #end(session: MqttSession): Promise<never> {
    const livedMs = this.#deps.clock.monotonicMs() - this.#openedAtMs;
    throw this.#endings.judge(await session.lost.catch((error) => error), livedMs, this.#clientId);
  }

  async #open(signal: AbortSignal): Promise<void> {
    const deps = this.#deps;
    const { session, isResumed } = await openSession({
      config: this.#config,
      deps,
      signal,
      lastWord: this.#sparkplug?.lastWord,
      onSession: (made) => this.#follow(made),
      onMessage: (message) => this.#receive(message),
      onRelease: (packetId) => this.#receipts.release(packetId),
      onChunkEnd: () => this.#reportChunk(),
    });
    this.#openedAtMs = deps.clock.monotonicMs();
    if (this.#isRemembered && !isResumed) deps.log.log("info", NOT_RESUMED, { client_id: this.#clientId });
    const ready = this.#subscribe(session);
    ready.catch((fault) => {
      this.#fault = fault;
      this.#news.wake();
    });
    // A broker may send all that it kept for us before it answers SUBSCRIBE, more than may wait until somebody reads.
    await abortable(Promise.race([ready, this.#filled.promise]), signal);
  }

  async #subscribe(session: MqttSession): Promise<void> {
    const { endpoint, settings: { topics } } = this.#config;
    const { log, memory } = this.#deps;
    const known = this.#isRemembered ? memory : undefined;
    const own = this.#sparkplug?.ownTopics ?? [];
    await subscribeTo([...topics, ...own], { session, memory: known, log, endpoint, clientId: this.#clientId });
    await this.#sparkplug?.goOnline();
  }

  #follow(session: MqttSession): void {
    this.#session = session;
    session.lost.catch((reason) => {
      this.#lost.abort(reason);
      this.#news.wake();
    });
  }

  /** Said once: such messages are taken like any other. */
  #warnOfStray(topic: string): void {
    if (this.#hasStrays) return;
    this.#hasStrays = true;
    const message =
      `Messages come of topic ${topic}, which no entry of topics matches: the broker's session has it from ` +
      "an earlier configuration. They are rows like the others; to end it, use another client_id, or let the broker forget the session";
    this.#deps.log.log("warn", message, { code: "mqtt_stray_topic", topic });
  }

  #receive(message: MqttMessage): void {
    if (message.isRedelivered) this.#redelivered++;
    if (!this.#receipts.isNew(message) || this.#sparkplug?.sees(message) === "own") return;
    const arrival = { message, arrivedUs: this.#deps.clock.nowUs(), order: this.#received++ };
    if (!this.#inbox.add(arrival)) this.#dropped++;
  }

  #reportChunk(): void {
    if (this.#redelivered > 0) {
      this.#deps.report({ kind: "device_side", what: "redelivered", count: this.#redelivered });
    }
    if (this.#dropped > 0) this.#deps.report({ kind: "device_side", what: "dropped_qos0", count: this.#dropped });
    this.#redelivered = this.#dropped = 0;
    if (!this.#inbox.isEmpty) this.#news.wake();
    if (!this.#inbox.isOverfull) return;
    this.#filled.resolve();
    this.#session?.hold();
  }

  /** The next batch of what was taken last, or of what waits; the two kinds take turns. */
  #next(): Batch | undefined {
    const { value } = this.#taken?.next() ?? {};
    if (value) return value;
    this.#isQos0Next = !this.#isQos0Next;
    this.#taken = this.#isQos0Next
      ? this.#takeOpen() ?? this.#takeWithheld()
      : this.#takeWithheld() ?? this.#takeOpen();
    return this.#taken?.next().value;
  }

  #takeOpen(): Iterator<Batch, undefined> | undefined {
    const arrivals = this.#inbox.takeOpen(this.#limitsBefore(this.#inbox.orderOfWithheld));
    return arrivals.length === 0 ? undefined : batchesOf(arrivals, this.#decoding);
  }

  #takeWithheld(): Iterator<Batch, undefined> | undefined {
    const arrivals = this.#inbox.takeWithheld(this.#limitsBefore(this.#inbox.orderOfOpen));
    if (this.#inbox.hasRoom) this.#session?.goOn();
    if (arrivals.length === 0) return undefined;
    const settle = this.#receipts.owe(arrivals.map(({ message }) => message));
    return batchesOf(arrivals, { ...this.#decoding, settle });
  }

  /** Where births and deaths matter, neither kind goes before what came earlier of the other. */
  #limitsBefore(before: number): TakeLimits {
    if (this.#sparkplug) return { ...MAX_DENSE_BATCH, before };
    return this.#rules.hasRows ? MAX_DENSE_BATCH : MAX_BATCH;
  }

  get #decoding(): Omit<BatchOptions, "settle"> {
    const maxPayloadBytes = this.#config.settings.max_payload_kb * 1024;
    return { rules: this.#rules, maxPayloadBytes, sparkplug: this.#sparkplug?.decoder };
  }

  /** Whether the broker keeps what is not acknowledged until we are back. */
  get #isRemembered(): boolean {
    const { clean_session, protocol_version, session_expiry_seconds } = this.#config.settings;
    return !clean_session && (protocol_version === 4 || session_expiry_seconds > 0);
  }

  get #clientId(): string {
    return clientIdOf(this.#config, this.#deps.edgeId);
  }
}
