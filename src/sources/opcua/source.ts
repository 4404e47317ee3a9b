import { CreateSessionRequest, type DataChangeNotification } from "node-opcua-client";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { ClockCheck } from "./clock_check.ts";
import { briefly, connectError, inSeconds, lost } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { MonitoredItems } from "./monitored_items.ts";
import { decodedBy } from "./notification.ts";
import { readOperationLimits } from "./operation_limits.ts";
import { type Agreed, Publisher } from "./publisher.ts";
import { toReading } from "./reading.ts";
import { keepRetrying } from "./retry.ts";
import type { ServerMemory } from "./server_memory.ts";
import { ownCertificatePath } from "./own_certificate.ts";
import { type OpenSession, openSession } from "./session.ts";
import type { OpcuaSettings } from "./settings.ts";
import { hasOverflow } from "./status.ts";
import { createSubscription, transferSubscription } from "./subscription.ts";

/** Readings in one batch at most. */
const MAX_BATCH = { values: 5000, bytes: 4_194_304 };
/** Of what cannot be decoded, so much is kept for people to look at. */
const KEPT_BYTES = 65_536;
const WATCH_INTERVAL_MS = 250;
/** A session may outlast our certificate: how often is looked whether a new one is due. */
const RENEWAL_INTERVAL_MS = 3_600_000;

/** What there is while there is a session. */
interface Live extends OpenSession {
  readonly agreed: Agreed;
  readonly items: MonitoredItems;
  readonly publisher: Publisher;
  /** The session is another one than that which has our subscription. */
  isSessionNew: boolean;
}

/** When the connection broke, by the monotonic clock, and why. */
interface Broken {
  readonly atMs: number;
  readonly reason: string;
}

/** A subscription at one OPC UA server. It reads only: there is no Write and no Call in this folder. */
export class OpcuaSource implements Source {
  readonly #config: SourceConfig<OpcuaSettings>;
  readonly #deps: SourceDeps;
  readonly #memory: ServerMemory;
  readonly #stack = new AsyncDisposableStack();
  readonly #closing = new AbortController();
  readonly #inbox: Inbox;
  #live: Live | undefined;
  readonly #clockCheck: ClockCheck;
  /** Undefined while the connection is whole. */
  #broken: Broken | undefined;

  constructor(config: SourceConfig<OpcuaSettings>, deps: SourceDeps, memory: ServerMemory) {
    this.#config = config;
    this.#deps = deps;
    this.#memory = memory;
    this.#clockCheck = new ClockCheck(deps.log);
    const { max_waiting_values: values, max_waiting_mb: maxMb } = config.settings;
    this.#inbox = new Inbox({ values, bytes: maxMb * 1_000_000 });
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const open = this.#stack.use(await openSession(this.#config, this.#deps, signal));
    try {
      signal.throwIfAborted();
      this.#live = await abortable(this.#subscribe(open), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw connectError(
        { endpoint: this.#config.endpoint, ownCertificate: ownCertificatePath(this.#config.settings) },
        error,
      );
    }
    this.#listen(this.#live);
    this.#tell(this.#live);
    this.#stack.use(this.#deps.clock.every(WATCH_INTERVAL_MS, () => this.#watch()));
    this.#stack.use(this.#deps.clock.every(RENEWAL_INTERVAL_MS, () => this.#renewCertificate(open)));
    this.#retryFailed(this.#live).catch((error) => this.#fail(`a request failed: ${briefly(error)}`, error));
  }

  async *batches(signal: AbortSignal): AsyncIterable<Batch> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    while (true) {
      this.#askOrHold();
      const arrivals = await this.#next(ended);
      if (!arrivals) return;
      // The server's copy was acknowledged with the next Publish: there is nothing left to confirm or give back.
      yield { ...arrivals, isWithheld: false, ack: () => {}, nack: () => {} };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#live?.publisher.stop();
    await this.#stack.disposeAsync();
  }

  async #next(signal: AbortSignal) {
    try {
      signal.throwIfAborted();
      return await this.#inbox.take(MAX_BATCH, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #subscribe(open: OpenSession): Promise<Live> {
    const { session } = open;
    const { settings } = this.#config;
    const limits = await readOperationLimits(session);
    const agreed = await createSubscription(session, settings);
    const items = new MonitoredItems({
      session,
      subscriptionId: agreed.subscriptionId,
      settings: settings.subscription,
      limits,
      namespaces: this.#memory.namespaces,
      log: this.#deps.log,
      report: (event) => this.#deps.report(event),
    });
    await items.add(settings.nodes);
    const publisher = new Publisher(session, agreed, {
      clock: this.#deps.clock,
      onData: (notification) => this.#receive(notification, items),
      onMissed: (count) => this.#deps.report({ kind: "device_side", what: "overflow", count }),
      onLost: (why) => this.#fail(why),
    });
    return { ...open, agreed, items, publisher, isSessionNew: false };
  }

  #tell({ items: { revisions: { sentence } } }: Live): void {
    const { clock, log } = this.#deps;
    this.#memory.outage.end(clock.nowUs(), log);
    if (sentence === this.#memory.toldTerms) return;
    this.#memory.toldTerms = sentence;
    if (sentence !== undefined) log.log("warn", sentence);
  }

  #listen(live: Live): void {
    const { client, session } = live;
    client.on("connection_lost", () => this.#broke(live));
    // Session ids do not tell: a restarted server may give the same ones again.
    client.on("send_request", (request) => {
      if (request instanceof CreateSessionRequest) live.isSessionNew = true;
    });
    client.on("close", () => this.#fail("the connection was closed"));
    session.on("session_closed", (status) => this.#fail(`the server closed it (${status.name})`));
    session.on("session_restored", () => {
      this.#mend(live).catch((error) => this.#fail(`it cannot be mended: ${briefly(error)}`, error));
    });
  }

  #broke({ publisher }: Live): void {
    this.#startRepair(publisher.breakReason);
    publisher.stop();
  }

  /** What is over is not repaired: when we close the connection ourselves, that is told as a break too. */
  #startRepair(reason: string): void {
    if (this.#broken || this.#isOver) return;
    this.#broken = { atMs: this.#deps.clock.monotonicMs(), reason };
    this.#deps.report({ kind: "repairing", reason });
  }

  get #isOver(): boolean {
    return this.#closing.signal.aborted || this.#inbox.hasFailed;
  }

  /** The library has a session again. Another one than before knows our subscription only if the server hands it over. */
  async #mend(live: Live): Promise<void> {
    this.#startRepair("the session was made anew");
    if (live.isSessionNew) await transferSubscription(live.session, live.agreed.subscriptionId);
    live.isSessionNew = false;
    this.#clockCheck.begin(); // a subscription that was handed over sends all values again
    await live.publisher.resume();
    if (this.#isOver) return;
    this.#broken = undefined;
    this.#deps.report({ kind: "repaired" });
  }

  /** The session goes on with the old one. */
  #renewCertificate(open: OpenSession): void {
    open.renewCertificate().catch((error) => {
      this.#deps.log.log("error", `Cannot make our OPC UA certificate anew: ${briefly(error)}`);
    });
  }

  #watch(): void {
    const { publisher } = this.#live ?? {};
    if (publisher?.isSilent) this.#fail(`the server said nothing for ${inSeconds(publisher.quietMs)}`);
    const limitMs = this.#config.settings.repair_timeout_seconds * 1000;
    const isOverdue = this.#broken && this.#deps.clock.monotonicMs() - this.#broken.atMs > limitMs;
    if (isOverdue) this.#fail(`it did not come back within ${limitMs} ms`);
  }

  #receive(notification: DataChangeNotification, items: MonitoredItems): void {
    const arrivedUs = this.#deps.clock.nowUs();
    const { values = [], refusals = [] } = decodedBy(notification);
    let overflows = 0;
    const readings = [];
    for (const { handle, value } of values) {
      if (hasOverflow(value.statusCode)) overflows++;
      items.heard(handle, value);
      this.#clockCheck.see(handle, value, arrivedUs);
      const tag = items.tag(handle);
      if (tag) readings.push(toReading(tag, value, arrivedUs));
    }
    this.#inbox.put(readings);
    if (overflows > 0) this.#deps.report({ kind: "device_side", what: "overflow", count: overflows });
    for (const { handle, bytes, reason } of refusals) {
      const tag = handle === undefined ? undefined : items.tag(handle)?.name;
      this.#inbox.refuse({ tag: tag ?? "*", eventTimeUs: arrivedUs, payload: bytes.slice(0, KEPT_BYTES), reason });
    }
    this.#askOrHold();
  }

  /** Whoever reads us slowly leaves the values with the server, which queues them. */
  #askOrHold(): void {
    if (!this.#live || this.#broken || this.#isOver) return;
    if (!this.#inbox.isFull) return this.#live.publisher.ask();
    this.#live.publisher.hold();
    this.#clockCheck.allowLate();
  }

  async #retryFailed({ items }: Live): Promise<void> {
    const { clock, random } = this.#deps;
    const canAsk = () => this.#broken === undefined && !this.#isOver;
    await keepRetrying(items, { clock, random, canAsk, signal: this.#closing.signal });
  }

  #fail(why: string, cause?: unknown): void {
    if (this.#isOver) return;
    const { publisher } = this.#live ?? {};
    if (publisher) this.#memory.outage.begin(this.#deps.clock.nowUs() - publisher.quietMs * 1000);
    publisher?.stop();
    const reason = this.#broken ? `${this.#broken.reason}, and ${why}` : why;
    this.#inbox.fail(lost(this.#config.endpoint, reason, cause));
  }
}
