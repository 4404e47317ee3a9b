import type { Buffer, Route } from "../buffer/buffer.ts";
import { connectWithin } from "../core/connect_within.ts";
import { ConnectionError, EdgeError } from "../core/error.ts";
import type { Report, SourceState } from "../core/event.ts";
import type { Batch } from "../core/reading.ts";
import type { Source, SourceAdapter, SourceConfig, SourceDeps, SourceEvent, SourceSpec } from "../core/source.ts";
import { Backoff } from "../lib/backoff.ts";
import { RateLimit } from "../lib/rate_limit.ts";
import type { BatchTraces } from "./batch_traces.ts";
import { boundedEnd } from "./bounded_end.ts";
import { EndpointTurn } from "./endpoint_turn.ts";
import { Outstanding } from "./outstanding.ts";
import type { RecentReadings } from "./recent_readings.ts";

/** An attempt to connect is given up after so long, whatever the protocol's own limits are. */
const CONNECT_MS = 60_000;
/** The same where another endpoint may do. */
const CONNECT_ONE_OF_MANY_MS = 20_000;
/** How often a source is tried again when nothing helps until a person changes something, or when it has a bug. */
const PROBE_MS = 60_000;

/** Readings that come in bursts are limited over this time. */
const BURST_MS = 1000;

export interface ReconnectOptions {
  readonly isEnabled: boolean;
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** 0: without end. */
  readonly maxAttempts: number;
}

/** A source at one of its endpoints, and where what it reads there goes. */
export interface Place {
  readonly config: SourceConfig;
  readonly route: Route;
}

export interface SupervisorOptions {
  readonly spec: SourceSpec;
  /** At its first endpoint. */
  readonly config: SourceConfig;
  readonly route: Route;
  /** At its other ones. */
  readonly alternates?: readonly Place[];
  /** Readings that are accepted per second; undefined: as many as come. */
  readonly maxReadingsPerSecond?: number | undefined;
  readonly buffer: Buffer;
  readonly reconnect: ReconnectOptions;
  readonly deps: Omit<SourceDeps, "report">;
  readonly report: Report;
  /** Is given what was taken last, for people to look at. */
  readonly recent?: RecentReadings | undefined;
  /** Not there: nothing is traced. */
  readonly traces?: BatchTraces | undefined;
}

/** The two ways to end: take no more and see what was taken through, or give up at once. */
export interface Ends {
  readonly stopping: AbortSignal;
  readonly killed: AbortSignal;
}

/** Keeps one source connected: connects, reads into the buffer, acknowledges, and after a loss begins anew. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #backoff: Backoff;
  readonly #turn: EndpointTurn<Place>;
  readonly #limit: RateLimit | undefined;
  /** The endpoint that was last told of. */
  #toldEndpoint: string | undefined;
  /** Why the last attempt or session failed, and where. */
  #failed: { readonly endpoint: string; readonly reason: string } | undefined;
  #state: SourceState["state"] = "stopped";
  /** When the newest session was connected, by the monotonic clock; undefined where it never was. */
  #connectedAtMs: number | undefined;
  /** Since when its next batch is waited for, where batches are traced. */
  #askedAtMs = 0;
  #adapter: Promise<SourceAdapter> | undefined;
  /** Ends the wait after the attempt that is under way, or that was the last. */
  #hurry = new AbortController();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...options.reconnect, random: options.deps.random });
    const { config, route, alternates = [], maxReadingsPerSecond: perSecond, deps: { clock } } = options;
    this.#turn = new EndpointTurn([{ config, route }, ...alternates]);
    this.#limit = perSecond === undefined ? undefined : new RateLimit({ perSecond, burstMs: BURST_MS, clock });
  }

  get name(): string {
    return this.#options.config.name;
  }

  /**
   * Something that may have kept it away is mended: where it waits, it tries at once, and where it tries just now and
   * fails, once more. Nothing for one that is connected.
   */
  tryNow(): void {
    if (this.#state === "connected" || this.#state === "repairing") return;
    this.#turn.wake();
    this.#hurry.abort(new Error("what kept it away may be mended"));
  }

  /** Runs until `stopping` aborts and what was taken is safe, or until `killed` aborts. Never throws. */
  async run(ends: Ends): Promise<void> {
    let isOn = true;
    while (isOn && !ends.stopping.aborted) {
      const failure = await this.#session(ends);
      if (ends.stopping.aborted) break;
      isOn = await this.#stayAway(failure, ends.stopping);
    }
    if (isOn) this.#changeTo({ state: "stopped", since: this.#nowUs });
  }

  /** One session, from connecting to its loss. Returns what ended it. */
  async #session(ends: Ends): Promise<unknown> {
    const outstanding = new Outstanding();
    this.#hurry = new AbortController();
    try {
      this.#changeTo({ state: "connecting", since: this.#nowUs, attempt: this.#backoff.failures + 1 });
      const source = await this.#create();
      await using _end = boundedEnd(source, { name: this.name, deps: this.#options.deps });
      await this.#connect(source, ends.stopping);
      this.#changeTo({ state: "connected", since: this.#nowUs });
      this.#tellEndpoint();
      this.#connectedAtMs = this.#options.deps.clock.monotonicMs();
      await this.#read(source, outstanding, ends.stopping);
      await outstanding.settled(ends.killed); // its acknowledgements leave through the open session
      return new ConnectionError("source_ended", `${this.name} ended its readings by itself`);
    } catch (error) {
      return error;
    }
  }

  async #create(): Promise<Source> {
    const { spec, deps, report } = this.#options;
    const { config } = this.#turn.current;
    this.#adapter ??= spec.load();
    const tell = (event: SourceEvent) => {
      report({ kind: "source_event", source: this.name, event });
      this.#follow(event);
    };
    return (await this.#adapter).create(config, { ...deps, report: tell });
  }

  async #connect(source: Source, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.deps;
    const { endpoint } = this.#turn.current.config;
    const ms = this.#turn.count > 1 ? CONNECT_ONE_OF_MANY_MS : CONNECT_MS;
    await connectWithin(source, { endpoint, ms, clock, signal });
  }

  /** A session that is lost while it waits gives what had arrived at once: the next one waits for that too. */
  async #read(source: Source, outstanding: Outstanding, stopping: AbortSignal): Promise<void> {
    const { lost } = source;
    const ended = lost ? AbortSignal.any([stopping, lost]) : stopping;
    const mayGoOn = (count: number) => this.#mayGoOn(count, ended).then(() => !stopping.aborted);
    if (!await mayGoOn(0)) return;
    this.#asks();
    for await (const batch of source.batches(stopping)) {
      if (!await this.#take(batch, outstanding, stopping)) return;
      this.#backoff.reset();
      if (!await mayGoOn(batch.readings.length)) return;
      this.#asks();
    }
  }

  /** From now on the source is waited for. */
  #asks(): void {
    const { traces } = this.#options;
    if (traces) this.#askedAtMs = traces.nowMs;
  }

  /** Waits as the limit wants it, which pushes the device back, until the session or the connector ends. */
  async #mayGoOn(count: number, ended: AbortSignal): Promise<void> {
    try {
      const spent = this.#limit?.spend(count, ended);
      this.#tellOwed(count);
      await spent;
    } catch (error) {
      if (!ended.aborted) throw error;
    }
  }

  #tellOwed(count: number): void {
    const { maxReadingsPerSecond: perSecond, report } = this.#options;
    const waitMs = this.#limit?.owedMs ?? 0;
    if (count === 0 || waitMs === 0 || perSecond === undefined) return;
    report({ kind: "source_held_back", source: this.name, perSecond, waitMs });
  }

  /** Puts a batch into the buffer. False when the connector stops before there was room for it. */
  async #take(batch: Batch, outstanding: Outstanding, stopping: AbortSignal): Promise<boolean> {
    const { buffer, recent, traces } = this.#options;
    const { route } = this.#turn.current;
    try {
      const receipt = traces
        ? await traces.accept(batch, { buffer, route, signal: stopping, askedAtMs: this.#askedAtMs })
        : await buffer.accept(batch, route, stopping);
      recent?.keep(batch.readings);
      const answered = answer(batch, receipt.durable);
      if (batch.isWithheld) outstanding.add(answered);
      return true;
    } catch (error) {
      batch.nack(notTaken(error));
      if (stopping.aborted) return false;
      throw error;
    }
  }

  /** Reports a failure and waits before the next attempt. False when there is to be none. */
  async #stayAway(failure: unknown, stopping: AbortSignal): Promise<boolean> {
    const { reconnect, deps } = this.#options;
    if (this.#wasSteady) {
      this.#backoff.reset();
      this.#turn.begin();
    }
    this.#connectedAtMs = undefined;
    this.#failed = { endpoint: this.#turn.current.config.endpoint, reason: asError(failure).message };
    const isRetried = failure instanceof EdgeError && failure.disposition === "retry";
    const restMs = isRetried ? undefined : PROBE_MS;
    const next = this.#turn.failed({ restMs, nowMs: deps.clock.monotonicMs() });
    if (reconnect.isEnabled && next.kind === "at_once") return this.#goOn(failure);
    const backoffMs = this.#backoff.next();
    const isFinal = !reconnect.isEnabled ||
      (reconnect.maxAttempts > 0 && this.#backoff.failures >= reconnect.maxAttempts);
    if (isFinal) return this.#giveUp(asError(failure));
    const isHalted = next.kind === "halted";
    const retryInMs = isHalted ? next.afterMs : backoffMs;
    this.#reportFailure(failure, { retryInMs });
    this.#changeTo({ state: isHalted ? "halted" : "waiting", since: this.#nowUs, retryInMs });
    const ended = AbortSignal.any([stopping, this.#hurry.signal]);
    await deps.clock.sleep(retryInMs, ended).catch(() => {/* stopping: the loop ends; else it goes on at once */});
    return true;
  }

  /** There is another endpoint to try, at once. */
  #goOn(failure: unknown): true {
    this.#reportFailure(failure, { retryInMs: 0, goesOn: true });
    return true;
  }

  #reportFailure(failure: unknown, next: { readonly retryInMs: number; readonly goesOn?: boolean }): void {
    const { report } = this.#options;
    if (failure instanceof EdgeError) report({ kind: "source_failed", source: this.name, error: failure, ...next });
    else report({ kind: "source_bug", source: this.name, error: asError(failure), ...next });
  }

  /** Says at which endpoint the source is connected, when that is another than before. */
  #tellEndpoint(): void {
    const { endpoint } = this.#turn.current.config;
    if (endpoint === this.#toldEndpoint) return;
    const { number, count } = this.#turn;
    const before = this.#toldEndpoint;
    const left = before === undefined && number === 1 ? undefined : this.#failed;
    this.#toldEndpoint = endpoint;
    this.#options.report({ kind: "source_endpoint", source: this.name, endpoint, number, count, before, left });
  }

  #giveUp(error: Error): false {
    const { report } = this.#options;
    report({ kind: "source_given_up", source: this.name, error, attempts: this.#backoff.failures });
    this.#changeTo({ state: "given_up", since: this.#nowUs });
    return false;
  }

  /** Whether the session that ended had lasted: a quiet device that is lost once a month has not failed in a row. */
  get #wasSteady(): boolean {
    if (this.#connectedAtMs === undefined) return false;
    return this.#options.deps.clock.monotonicMs() - this.#connectedAtMs >= this.#options.reconnect.maxMs;
  }

  #follow(event: SourceEvent): void {
    if (event.kind === "repairing" && this.#state === "connected") {
      this.#changeTo({ state: "repairing", since: this.#nowUs, reason: event.reason });
    }
    if (event.kind === "repaired" && this.#state === "repairing") {
      this.#changeTo({ state: "connected", since: this.#nowUs });
    }
  }

  #changeTo(state: SourceState): void {
    this.#state = state.state;
    this.#options.report({ kind: "source_state", source: this.name, state });
  }

  get #nowUs(): number {
    return this.#options.deps.clock.nowUs();
  }
}

/** Answers the batch once it is known whether it is durable; what the batch holds is let go until then. */
function answer(batch: Batch, durable: Promise<void>): Promise<void> {
  const { ack, nack } = batch;
  return durable.then(ack, (error) => nack(notTaken(error)));
}

function notTaken(error: unknown): EdgeError {
  if (error instanceof EdgeError) return error;
  return new ConnectionError("stopped", "the connector stopped before there was room for it", { cause: error });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
