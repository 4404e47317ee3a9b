import type { BrowseNode, BrowsePage, BrowseRequest, BrowseSession } from "../../core/browse.ts";
import { ConfigError, ConnectionError } from "../../core/error.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { HeardTopics } from "./heard_topics.ts";
import type { MqttMessage } from "./message.ts";
import { openSession } from "./open_session.ts";
import { Receipts } from "./receipts.ts";
import type { MqttSession } from "./session.ts";
import type { MqttSettings } from "./settings.ts";
import { topicFilterFault } from "./topic_filter.ts";

/**
 * Shows the topics of a broker by listening: MQTT has no list of them. What was retained comes at once, the rest as it is
 * published. A page after the first is of what was heard for the first.
 */
export class MqttBrowse implements BrowseSession {
  readonly #config: SourceConfig<MqttSettings>;
  readonly #deps: SourceDeps;
  /** The session is ours alone and ends with it: everything is acknowledged as it comes. */
  readonly #receipts = new Receipts((bytes) => this.#session?.write(bytes));
  #session: MqttSession | undefined;
  #heard = new HeardTopics();
  #nodes: readonly BrowseNode[] = [];

  /** @param config of a session of its own, see `SourceSpec.aside` */
  constructor(config: SourceConfig<MqttSettings>, deps: SourceDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  async connect(signal: AbortSignal): Promise<void> {
    await openSession({
      config: this.#config,
      deps: this.#deps,
      signal,
      onSession: (session) => this.#session = session,
      onMessage: (message) => this.#take(message),
      onRelease: (packetId) => this.#receipts.release(packetId),
      onChunkEnd: () => {},
    });
  }

  async children({ under, after, limit, listenMs }: BrowseRequest, signal: AbortSignal): Promise<BrowsePage> {
    const session = this.#session;
    if (!session) throw new ConnectionError("mqtt_not_connected", "Cannot listen: the session is not connected");
    if (after === undefined) await this.#listen(session, { filter: filterFor(under), listenMs }, signal);
    const from = Number(after ?? 0);
    const end = from + limit;
    return { nodes: this.#nodes.slice(from, end), next: end < this.#nodes.length ? String(end) : undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }

  async #listen(
    session: MqttSession,
    { filter, listenMs }: { readonly filter: string; readonly listenMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#deps;
    this.#heard = new HeardTopics();
    const startMs = clock.monotonicMs();
    await abortable(session.subscribe([{ topic: filter, qos: 2 }]), signal);
    await this.#wait(session, listenMs, signal);
    await unlessAborted(session.unsubscribe([filter]), signal);
    this.#nodes = this.#heard.nodes(clock.monotonicMs() - startMs);
    if (this.#heard.isCut) log.log("warn", `More than ${this.#nodes.length} topics were heard: look under one of them`);
  }

  /** Until the time is over, or nobody wants more. @throws {ConnectionError} the session is lost */
  async #wait(session: MqttSession, ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const time = this.#deps.clock.sleep(ms, AbortSignal.any([signal, over.signal])).catch(() => {/* heard enough */});
    try {
      await Promise.race([time, session.lost]);
    } finally {
      over.abort();
    }
  }

  #take(message: MqttMessage): void {
    if (!this.#receipts.isNew(message)) return;
    this.#heard.take(message, this.#deps.clock.nowUs());
    if (message.qos > 0) this.#receipts.owe([message])("acked");
  }
}

/** Waits for `promise`, no longer than somebody wants it. @throws what it rejects with until then */
async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await abortable(promise, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What to listen to: a filter as it stands, a topic and all below it, or everything but the broker's own. */
function filterFor(under: string | undefined): string {
  if (under === undefined) return "#";
  const filter = /[+#]/.test(under) ? under : `${under.replace(/\/$/, "")}/#`;
  const fault = topicFilterFault(filter);
  if (fault === undefined) return filter;
  const message =
    `Cannot listen under ${under}: a topic filter ${fault}; a place is a topic, such as plant/oven, or a filter`;
  throw new ConfigError("browse_no_place", message);
}
