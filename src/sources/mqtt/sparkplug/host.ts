import type { SourceConfig, SourceDeps } from "../../../core/source.ts";
import { within } from "../../../lib/within.ts";
import type { MqttMessage } from "../message.ts";
import type { MqttSettings, TopicSettings } from "../settings.ts";
import { levelsOf, matchesTopic } from "../topic_filter.ts";
import type { BirthRequest } from "./birth_request.ts";
import { SparkplugDecoder } from "./decoder.ts";
import { saysOffline, statePayload, stateTopic } from "./host_state.ts";
import type { KnownNodes } from "./known_nodes.ts";
import { rebirthPayload, RebirthRequests } from "./rebirth_requests.ts";
import { sparkplugTopic } from "./topic.ts";

/** How long our word that we go may take to reach the broker. */
const GOODBYE_MS = 1000;
/** How often others' word on our state is corrected: who goes on saying it must not make us flood the broker. */
const CORRECTION_MS = 1000;

/**
 * Something that goes out to the broker. Resolves when it has left, and with QoS 1 when the broker has it, or at once where
 * its answer cannot be seen because nothing is read.
 */
export type Send = (
  topic: string,
  payload: string | Uint8Array,
  options: { readonly qos: 0 | 1; readonly retain: boolean },
) => Promise<void>;

/**
 * The connector as a host application of Sparkplug, for one session with the broker. It sends two things, each only where
 * the configuration says so: requests for births, and its own state.
 */
export class SparkplugHost {
  readonly decoder: SparkplugDecoder;
  readonly #settings: MqttSettings["sparkplug"];
  readonly #deps: SourceDeps;
  readonly #send: Send;
  readonly #requests: RebirthRequests;
  /** Of the newest state that was published, or will be. */
  #stateMs: number;
  /** What we said last of ourselves; nothing follows `gone`. */
  #presence: "unsaid" | "online" | "gone" = "unsaid";
  readonly #gone = new AbortController();
  /** Under way, of what somebody else said of us; `isWanted`: once more. */
  #correction: { isWanted: boolean } | undefined;
  /** Some filter of the configuration takes our state too. */
  readonly #isStateRead: boolean;

  constructor(
    config: SourceConfig<MqttSettings>,
    deps: SourceDeps,
    { nodes, send }: { nodes: KnownNodes; send: Send },
  ) {
    const { sparkplug, max_payload_kb: maxPayloadKb } = config.settings;
    this.#settings = sparkplug;
    this.#deps = deps;
    this.#send = send;
    this.#requests = new RebirthRequests({
      intervalMs: sparkplug.rebirth_interval_seconds * 1000,
      maxNodes: sparkplug.max_nodes,
      monotonicMs: () => deps.clock.monotonicMs(),
    });
    this.decoder = new SparkplugDecoder(nodes, {
      maxMetrics: sparkplug.max_metrics,
      maxPayloadBytes: maxPayloadKb * 1024,
      report: (event) => deps.report(event),
      onBirthMissing: (group, node) => this.#askForBirths(group, node),
    });
    this.#stateMs = this.#nowMs;
    const levels = this.stateTopic?.split("/") ?? [];
    this.#isStateRead = config.settings.topics.some(({ topic }) => matchesTopic(levelsOf(topic), levels));
  }

  /** Where our state stands; undefined where none is published. */
  get stateTopic(): string | undefined {
    return this.#settings.host_id === null ? undefined : stateTopic(this.#settings.host_id);
  }

  /** What the broker publishes when we are gone without a word. */
  get lastWord(): { readonly topic: string; readonly payload: string } | undefined {
    const topic = this.stateTopic;
    return topic === undefined ? undefined : { topic, payload: statePayload(false, this.#stateMs) };
  }

  /** We are connected and subscribed; nothing happens where we went meanwhile. */
  async goOnline(): Promise<void> {
    if (this.#presence === "gone") return;
    this.#presence = "online";
    // The same time as in the last word, by which nodes see that they belong together (Sparkplug 3.0, 5.13).
    await this.#publishState(true);
  }

  /** Never throws, and takes a second at most: where the broker does not take it, nothing more can be done. */
  async goOffline(): Promise<void> {
    const wasOnline = this.#presence === "online";
    this.#presence = "gone";
    this.#gone.abort();
    if (!wasOnline) return;
    this.#stateMs = this.#nowMs;
    const said = this.#publishState(false).catch(() => {}); // the session is lost, and says so itself
    await within(said, GOODBYE_MS, this.#deps.clock);
  }

  /** What we subscribe to for ourselves, beside what the configuration says: what others say of our state. */
  get ownTopics(): readonly TopicSettings[] {
    const topic = this.stateTopic;
    return topic === undefined || this.#isStateRead ? [] : [{ topic, qos: 0, payload: null, labels: {} }];
  }

  /**
   * Sees every message: a last word of an earlier session may come late, and is corrected. Says `own` of one that is
   * nobody else's matter.
   */
  sees({ topic, payload, qos }: MqttMessage): "own" | undefined {
    if (this.stateTopic === undefined || topic !== this.stateTopic) return undefined;
    if (this.#presence === "online" && saysOffline(payload)) void this.#correct();
    return this.#isStateRead || qos > 0 ? undefined : "own";
  }

  /** Says anew that we are there, and once more where somebody said otherwise meanwhile. */
  async #correct(): Promise<void> {
    if (this.#correction) {
      this.#correction.isWanted = true;
      return;
    }
    const correction = { isWanted: true };
    this.#correction = correction;
    while (correction.isWanted && this.#presence === "online") {
      correction.isWanted = false;
      await this.#publishState(true).catch(() => {}); // the session is lost, and says so itself
      await this.#deps.clock.sleep(CORRECTION_MS, this.#gone.signal).catch(() => {/* we go */});
    }
    this.#correction = undefined;
  }

  async #publishState(isOnline: boolean): Promise<void> {
    const topic = this.stateTopic;
    if (topic === undefined) return;
    await this.#send(topic, statePayload(isOnline, this.#stateMs), { qos: 1, retain: true });
  }

  #askForBirths(group: string, node: string): BirthRequest {
    if (!this.#settings.rebirth_requests) return { state: "off" };
    const key = `${group}/${node}`;
    if (!this.#requests.mayAsk(key)) {
      const sinceMs = this.#requests.askedMsAgo(key);
      return sinceMs === undefined
        ? { state: "waiting" }
        : { state: "unanswered", atUs: this.#deps.clock.nowUs() - sinceMs * 1000 };
    }
    const topic = sparkplugTopic("NCMD", { group, node });
    this.#deps.report({ kind: "device_side", what: "sparkplug_rebirth_request", count: 1 });
    const sent = this.#send(topic, rebirthPayload(this.#nowMs), { qos: 0, retain: false });
    void sent.catch(() => {}); // the session is lost, and says so itself
    return { state: "asked", atUs: this.#deps.clock.nowUs() };
  }

  get #nowMs(): number {
    return Math.floor(this.#deps.clock.nowUs() / 1000);
  }
}

/** Whether some topic is read as Sparkplug B. */
export function needsSparkplug({ topics, payload }: MqttSettings): boolean {
  return topics.some((topic) => (topic.payload ?? payload).format === "sparkplug_b");
}
