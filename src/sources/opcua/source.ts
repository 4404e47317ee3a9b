import { CreateSessionRequest } from "node-opcua-client";
import type { Batch } from "../../core/reading.ts";
import type { Source, SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { ClockCheck } from "./clock_check.ts";
import { briefly, connectError, isBreak, lost, saying, statusIn } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import type { DataChange } from "./decode.ts";
import { toReading } from "./reading.ts";
import { keepLookingAgain } from "./rebrowse.ts";
import { keepRetrying } from "./retry.ts";
import type { ServerMemory } from "./server_memory.ts";
import type { BrowsePathSettings } from "./node_settings.ts";
import { ownCertificatePath } from "./own_certificate.ts";
import { type OpenSession, openSession } from "./session.ts";
import type { OpcuaSettings } from "./settings.ts";
import { hasOverflow } from "./status.ts";
import { openWatching, type Watching } from "./watching.ts";

/** Readings in one batch at most. */
const MAX_BATCH = { values: 5000, bytes: 4_194_304 };
/** Of what cannot be decoded, so much is kept for people to look at. */
const KEPT_BYTES = 65_536;
const WATCH_INTERVAL_MS = 250;
/** A session may outlast our certificate: how often is looked whether a new one is due. */
const RENEWAL_INTERVAL_MS = 3_600_000;

/** What there is while there is a session. */
interface Live extends OpenSession {
  readonly watching: Watching;
  /** The session is another one than that which has our subscription. */
  isSessionNew: boolean;
}

/** When the connection broke, by the monotonic clock, and why. */
interface Broken {
  readonly atMs: number;
  readonly reason: string;
}

/** A session with one OPC UA server. It reads only: there is no Write and no Call in this folder. */
export class OpcuaSource implements Source {
  readonly #config: SourceConfig<OpcuaSettings>;
  readonly #deps: SourceDeps;
  readonly #memory: ServerMemory;
  readonly #stack = new AsyncDisposableStack();
  readonly #closing = new AbortController();
  readonly #lost = new AbortController();
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

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async connect(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const open = this.#stack.use(await openSession(this.#config, this.#deps, signal));
    try {
      signal.throwIfAborted();
      this.#live = await abortable(this.#watch(open), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw connectError(
        { endpoint: this.#config.endpoint, ownCertificate: ownCertificatePath(this.#config.settings) },
        error,
      );
    }
    this.#listen(this.#live);
    this.#stack.use(this.#deps.clock.every(WATCH_INTERVAL_MS, () => this.#look()));
    this.#stack.use(this.#deps.clock.every(RENEWAL_INTERVAL_MS, () => this.#renewCertificate(open)));
    this.#keepNodes(this.#live).catch((error) => {
      const status = statusIn(error);
      this.#fail(`a request failed: ${status === undefined ? briefly(error) : saying(status)}`, error);
    });
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
    this.#live?.watching.feed.stop();
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

  async #watch(open: OpenSession): Promise<Live> {
    const watching = await openWatching(open.session, {
      settings: this.#config.settings,
      deps: this.#deps,
      memory: this.#memory,
      onData: (change) => this.#receive(change),
      onLost: (why) => this.#fail(why),
      onForgotten: (handle) => this.#clockCheck.forget(handle),
      signal: this.#closing.signal,
    });
    return { ...open, watching, isSessionNew: false };
  }

  /** The nodes are watched. */
  #tell({ terms }: Watching): void {
    const { clock, log } = this.#deps;
    this.#memory.outage.end(clock.nowUs(), log);
    if (terms === this.#memory.toldTerms) return;
    this.#memory.toldTerms = terms;
    if (terms !== undefined) log.log("warn", terms);
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

  #broke({ watching: { feed } }: Live): void {
    this.#startRepair(feed.breakReason);
    feed.stop();
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

  /** The library has a session again. */
  async #mend(live: Live): Promise<void> {
    this.#startRepair("the session was made anew");
    this.#clockCheck.begin(); // a subscription that was handed over sends all values again
    await live.watching.feed.resume(live.isSessionNew);
    live.isSessionNew = false;
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

  #look(): void {
    const { feed } = this.#live?.watching ?? {};
    if (feed?.isSilent) this.#fail(feed.breakReason);
    const limitMs = this.#config.settings.repair_timeout_seconds * 1000;
    const isOverdue = this.#broken && this.#deps.clock.monotonicMs() - this.#broken.atMs > limitMs;
    if (isOverdue) this.#fail(`it did not come back within ${limitMs} ms`);
  }

  #receive({ values, refusals }: DataChange): void {
    const { nodes, deadbands } = this.#live?.watching ?? {};
    if (!nodes || !deadbands) return; // nothing is asked for before
    const { clock } = this.#deps;
    const arrivedUs = clock.nowUs();
    const isOursWrong = clock.doubt?.() !== undefined;
    let overflows = 0;
    const readings = [];
    for (const { handle, value } of values) {
      if (hasOverflow(value.statusCode)) overflows++;
      const isNews = nodes.heard(handle, value);
      this.#clockCheck.see(handle, value, arrivedUs, isOursWrong);
      const tag = nodes.tag(handle);
      if (tag && isNews && deadbands.passes(handle, value)) {
        readings.push(toReading(tag, nodes.named(handle, value), arrivedUs));
      }
    }
    this.#inbox.put(readings);
    if (overflows > 0) this.#deps.report({ kind: "device_side", what: "overflow", count: overflows });
    for (const { handle, bytes, reason } of refusals) {
      const tag = handle === undefined ? undefined : nodes.tag(handle)?.name;
      this.#inbox.refuse({ tag: tag ?? "*", eventTimeUs: arrivedUs, payload: bytes.slice(0, KEPT_BYTES), reason });
    }
    this.#askOrHold();
  }

  /** Whoever reads us slowly leaves the values with the server, which queues them. */
  #askOrHold(): void {
    if (!this.#live || this.#broken || this.#isOver) return;
    if (!this.#inbox.isFull) return this.#live.watching.feed.ask();
    this.#live.watching.feed.hold();
    this.#clockCheck.allowLate();
  }

  /**
   * Watches the nodes, tries again what failed, and looks for what is new, as long as the session lives. An attempt to
   * connect has a deadline, and requests that wait for their turn have none: so this begins when the session is there.
   */
  async #keepNodes({ watching }: Live): Promise<void> {
    const { nodes } = watching;
    const leave = (error: unknown) => this.#leave(error);
    await watching.begin().catch(leave);
    this.#tell(watching);
    const { clock, random } = this.#deps;
    const { signal } = this.#closing;
    const canAsk = () => this.#broken === undefined && !this.#isOver;
    const lookAgain = (entries: readonly BrowsePathSettings[]) => nodes.lookAgain(entries);
    await Promise.all([
      keepRetrying(nodes, { clock, random, canAsk, leave, signal }),
      keepLookingAgain(this.#config.settings.nodes, { clock, canAsk, lookAgain, leave, signal }),
    ]);
  }

  /** What a broken connection has kept from being done is tried again once that is mended. @throws every other error */
  #leave(error: unknown): void {
    if (this.#broken === undefined && !isBreak(error)) throw error;
  }

  #fail(why: string, cause?: unknown): void {
    if (this.#isOver) return;
    const { feed } = this.#live?.watching ?? {};
    if (feed) this.#memory.outage.begin(this.#deps.clock.nowUs() - feed.quietMs * 1000);
    feed?.stop();
    const reason = this.#broken ? `${this.#broken.reason}, and ${why}` : why;
    const failure = lost(this.#config.endpoint, reason, cause);
    this.#inbox.fail(failure);
    this.#lost.abort(failure);
  }
}
