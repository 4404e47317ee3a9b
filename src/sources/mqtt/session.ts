import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import mqtt from "mqtt";
import type { Clock } from "../../core/clock.ts";
import { AuthError, ConfigError, ConnectionError, EdgeError, reasonOf } from "../../core/error.ts";
import { within } from "../../lib/within.ts";
import { failedDial } from "./dial_errors.ts";
import { closedBeforeLogin, endedByBroker, endedSilently, endedWithoutPong, refusedConnection } from "./errors.ts";
import { PublishTap, type PublishTapOptions } from "./publish_tap.ts";
import { SentPackets } from "./sent_packets.ts";
import type { Send } from "./sparkplug/host.ts";
import { isSendable } from "./sparkplug/sendable.ts";
import type { MqttSettings, TopicSettings } from "./settings.ts";

/** Filters in one SUBSCRIBE; some hosted brokers take no more. */
const FILTERS_PER_SUBSCRIBE = 8;
/** What mqtt.js says, and by which alone it says it, when PINGRESP does not come. */
const KEEPALIVE_OVER = "Keepalive timeout";
/** How long DISCONNECT may take to leave, before the connection is cut. */
const GOODBYE_MS = 1000;
/** The same bytes in both versions (MQTT 5, 3.14); the will goes with it. */
const DISCONNECT = Uint8Array.of(0xe0, 0);

export interface SessionOptions extends Pick<PublishTapOptions, "onMessage" | "onRelease" | "onChunkEnd"> {
  readonly settings: MqttSettings;
  readonly endpoint: string;
  readonly clientId: string;
  readonly clock: Pick<Clock, "sleep">;
  /** What the broker publishes, retained, when we are gone without a word. */
  readonly lastWord?: { readonly topic: string; readonly payload: string } | undefined;
}

/** A topic filter, and the quality of service that is asked for. */
export type Subscription = Pick<TopicSettings, "topic" | "qos">;

/** `reason`: why it was lost, or is about to be. */
type State =
  | { readonly state: "opening" | "open"; readonly reason?: EdgeError | undefined }
  | { readonly state: "lost"; readonly reason: EdgeError };

/** One connection to a broker, logged in and subscribed by mqtt.js; messages go past it, see `PublishTap`. */
export class MqttSession implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #tap: PublishTap;
  readonly #client: mqtt.MqttClient;
  readonly #lost = Promise.withResolvers<never>();
  #state: State = { state: "opening" };

  constructor(socket: Duplex, options: SessionOptions) {
    this.#options = options;
    const { settings } = options;
    const { protocol_version: protocolVersion, max_payload_kb: maxPayloadKb } = settings;
    this.#lost.promise.catch(() => {}); // whoever waits for it sees it; nobody may be waiting
    this.#tap = new PublishTap(socket, { ...options, protocolVersion, maxPayloadBytes: maxPayloadKb * 1024 });
    this.#client = new mqtt.MqttClient(() => this.#tap, clientOptions(options));
    this.#client.on("error", (error) => this.#note(this.#mapped(error)));
    this.#client.on("disconnect", ({ reasonCode = 0 }) => {
      this.#note(endedByBroker(reasonCode, options.endpoint, options.clientId));
    });
    this.#client.on("connect", () => this.#state = { ...this.#state, state: "open" });
    this.#client.on("close", () => this.#lose());
  }

  /** Rejects when the session is lost. @throws {ConnectionError} @throws {AuthError} @throws {ConfigError} */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  get isLost(): boolean {
    return this.#state.state === "lost";
  }

  /** Resolves once the broker has let us in; says whether it remembered us. */
  async opened(): Promise<{ readonly isResumed: boolean }> {
    const { promise, resolve } = Promise.withResolvers<{ isResumed: boolean }>();
    this.#client.once("connect", ({ sessionPresent }) => resolve({ isResumed: sessionPresent }));
    return await Promise.race([promise, this.lost]);
  }

  /** Resolves with the QoS that was granted for each. @throws {ConfigError} naming a filter that the broker refuses */
  async subscribe(topics: readonly Subscription[]): Promise<number[]> {
    const granted = Promise.all(chunked(topics).map((chunk) => this.#subscribe(chunk)));
    return (await Promise.race([granted, this.lost])).flat();
  }

  /** Resolves once the broker has answered; filters that its session did not have do no harm. */
  async unsubscribe(filters: readonly string[]): Promise<void> {
    const answers = Promise.all(chunked(filters).map((chunk) => this.#client.unsubscribeAsync(chunk)));
    await Promise.race([answers, this.lost]);
  }

  /** Sends whole packets. Nothing happens once the session is lost. */
  write(bytes: Uint8Array): void {
    if (!this.isLost && this.#tap.writable) this.#tap.write(bytes);
  }

  /** Publishes for Sparkplug, the one user of it: our state, and requests for births. */
  readonly send: Send = async (topic, payload, options) => {
    const { sparkplug } = this.#options.settings;
    if (!isSendable(topic, sparkplug.host_id)) throw new TypeError(`The connector publishes nothing to ${topic}`);
    const sent = this.#client.publishAsync(topic, Buffer.from(payload), options);
    const answered = Promise.race([sent, this.lost]);
    answered.catch(() => {}); // nobody may be waiting
    if (!this.#tap.isHeld) await answered;
  };

  /** Reads no further until `goOn`; the session stays. */
  hold(): void {
    this.#tap.hold();
  }

  goOn(): void {
    this.#tap.goOn();
  }

  /**
   * Takes leave of the broker, so that it need not wait for the keep-alive to see that we are gone. mqtt.js would first
   * wait for answers to all that it sent, which may never come, or cannot be seen because nothing is read.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isLost) return;
    const closed = this.lost.catch(() => {});
    if (this.#state.state === "open") this.#tap.leave(DISCONNECT);
    else this.#client.end(true);
    if (!await within(closed, GOODBYE_MS, this.#options.clock)) this.#tap.destroy();
    await closed;
  }

  #subscribe(topics: readonly Subscription[]): Promise<number[]> {
    const isV5 = this.#options.settings.protocol_version === 5;
    // Retained messages once per session, not at every reconnect (MQTT 5, 3.8.3.1: retain handling 1).
    const filters = Object.fromEntries(topics.map(({ topic, qos }) => [topic, isV5 ? { qos, rh: 1 } : { qos }]));
    return new Promise((resolve, reject) => {
      this.#client.subscribe(filters, (error, asked, suback) => {
        // mqtt.js writes the granted QoS, or the reason code of a refusal, into the SUBACK it hands on.
        const codes = (suback as { granted?: number[] } | undefined)?.granted;
        const refused = codes?.findIndex((code) => code >= 0x80) ?? -1;
        if (refused >= 0) reject(refusedFilter(asked?.[refused]?.topic ?? "", codes![refused]!));
        else if (error) reject(this.#state.reason ?? this.#mapped(error));
        else resolve(codes ?? []);
      });
    });
  }

  #mapped(error: unknown): EdgeError {
    const { endpoint } = this.#options;
    const code = error instanceof mqtt.ErrorWithReasonCode ? error.code : undefined;
    if (this.#state.state === "opening") {
      if (code !== undefined) return refusedConnection(code, endpoint, reasonOf(error));
      // A broker with TLS 1.3 sees our certificate, or that there is none, only when the connection stands for us.
      return failedDial(error, endpoint);
    }
    if (reasonOf(error) === KEEPALIVE_OVER) return endedWithoutPong(endpoint, this.#options.settings.keepalive_seconds);
    return new ConnectionError("mqtt_session_lost", `Lost the session with ${endpoint}: ${reasonOf(error)}`, {
      cause: error,
    });
  }

  /** Why the session is about to be lost; the first word counts. */
  #note(reason: EdgeError): void {
    if (this.#state.reason === undefined) this.#state = { ...this.#state, reason };
  }

  #lose(): void {
    const { endpoint, clientId } = this.#options;
    const wasOpen = this.#state.state === "open";
    const reason = this.#state.reason ?? (wasOpen ? endedSilently(endpoint, clientId) : closedBeforeLogin(endpoint));
    this.#state = { state: "lost", reason };
    this.#lost.reject(reason);
  }
}

function chunked<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += FILTERS_PER_SUBSCRIBE) chunks.push(items.slice(i, i + FILTERS_PER_SUBSCRIBE));
  return chunks;
}

function clientOptions({ settings, clientId, lastWord }: SessionOptions): mqtt.IClientOptions {
  const isV5 = settings.protocol_version === 5;
  return {
    protocolVersion: settings.protocol_version,
    clientId,
    clean: settings.clean_session,
    keepalive: settings.keepalive_seconds,
    reconnectPeriod: 0,
    resubscribe: false,
    outgoingStore: new SentPackets(),
    connectTimeout: 2 ** 31 - 1, // the caller's signal bounds the attempt
    timerVariant: "native",
    ...(settings.username === "" ? {} : { username: settings.username, password: settings.password.reveal() }),
    ...(isV5 ? { properties: propertiesOf(settings) } : {}),
    ...(lastWord ? { will: { ...lastWord, payload: Buffer.from(lastWord.payload), qos: 1, retain: true } } : {}),
  };
}

function propertiesOf(settings: MqttSettings): mqtt.IClientOptions["properties"] {
  return {
    receiveMaximum: settings.receive_maximum,
    ...(settings.clean_session ? {} : { sessionExpiryInterval: settings.session_expiry_seconds }),
  };
}

/** A reason code of SUBACK above 0x80 (MQTT 5, 3.9.3; in 3.1.1 there is only 0x80). */
function refusedFilter(filter: string, code: number): EdgeError {
  const options = { path: "mqtt.topics" };
  const cannot = `Cannot subscribe to ${filter}:`;
  if (code === 0x87) {
    return new AuthError(
      "mqtt_topic_not_authorized",
      `${cannot} the broker does not allow it for this user: extend the broker's access rules`,
    );
  }
  const why = code === 0x9e
    ? "the broker has no shared subscriptions: leave $share/<group>/ out"
    : `the broker refuses it with code 0x${code.toString(16)}: correct the topic, or the broker's access rules`;
  return new ConfigError("mqtt_topic_refused", `${cannot} ${why}`, options);
}
