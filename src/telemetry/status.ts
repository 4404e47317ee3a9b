import type { Clock, ClockDoubt } from "../core/clock.ts";
import { codeOf } from "../core/error.ts";
import type { BreakerState, ConnectorEvent, SourceState } from "../core/event.ts";
import type { SourceEvent } from "../core/source.ts";
import type { LaneStatus, LastError, SourceStatus } from "../core/status.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Keeps where every source and lane stands, from the same events that make the log. */
export class StatusBoard {
  readonly #clock: Pick<Clock, "nowUs" | "monotonicMs">;
  readonly #sources = new Map<string, Mutable<SourceStatus>>();
  /** Names of failing tags, by source: as many as it has tags, at most. */
  readonly #failing = new Map<string, Set<string>>();
  /** Sources that were connected since they were last started. */
  readonly #met = new Set<string>();
  readonly #lanes = new Map<string, Mutable<LaneStatus>>();
  #clockDoubt: ClockDoubt | undefined;

  constructor(clock: Pick<Clock, "nowUs" | "monotonicMs">) {
    this.#clock = clock;
  }

  /** Makes these known before anything happened to them. */
  expect({ sources, lanes }: { sources: readonly string[]; lanes: readonly string[] }): void {
    for (const name of sources) this.#source(name);
    for (const lane of lanes) this.#lane(lane);
  }

  /** Nothing of the configuration goes by these names any more. */
  forget({ sources, lanes }: { sources: readonly string[]; lanes: readonly string[] }): void {
    for (const name of sources) {
      this.#sources.delete(name);
      this.#failing.delete(name);
    }
    for (const lane of lanes) this.#lanes.delete(lane);
  }

  get sources(): ReadonlyMap<string, SourceStatus> {
    return this.#sources;
  }

  /** Why the host's time is known to be wrong, while it is. */
  get clockDoubt(): ClockDoubt | undefined {
    return this.#clockDoubt;
  }

  get lanes(): ReadonlyMap<string, LaneStatus> {
    return this.#lanes;
  }

  /** A `Report`: takes every event and keeps what is status. */
  readonly report = (event: ConnectorEvent): void => {
    switch (event.kind) {
      case "source_state":
        return this.#moved(event.source, event.state);
      case "source_endpoint":
        this.#source(event.source).endpoint = event.endpoint;
        return;
      case "source_given_up":
      case "source_failed":
      case "source_bug":
        return this.#sourceFailed(event.source, codeOf(event.error), event.error.message);
      case "readings_accepted":
        return this.#read(event.source, event.count);
      case "source_event":
        return this.#heard(event.source, event.event);
      case "sink_connected":
      case "rows_written":
        return this.#laneWorks(event.lane);
      case "sink_failed":
        return this.#laneFailed(event.lane, this.#error(event.error.code, event.error.message), event.retryInMs);
      case "sink_bug":
        return this.#laneFailed(event.lane, this.#error("bug", event.error.message), event.retryInMs);
      case "host_clock_doubted":
        this.#clockDoubt = event.doubt;
        return;
      case "host_clock_trusted":
        this.#clockDoubt = undefined;
        return;
      case "breaker":
        return this.#breakerMoved(event.lane, event.state);
      default: // the other kinds are no status
    }
  };

  #moved(name: string, moved: SourceState): void {
    const { state, since } = moved;
    const status = this.#source(name);
    status.state = state;
    status.since = since;
    this.#beginsQuiet(name, moved.state);
    status.nextAttemptUs = "retryInMs" in moved ? since + moved.retryInMs * 1000 : undefined;
    if (state !== "connecting" && state !== "stopped") status.wasTried = true;
    if (state === "connecting") this.#tagsFail(name, (tags) => tags.clear()); // a new session finds out anew
  }

  /** A source that has never read is quiet since it was first connected: one that never answers connects again and again. */
  #beginsQuiet(name: string, state: SourceState["state"]): void {
    const status = this.#source(name);
    if (state === "stopped") this.#met.delete(name);
    if (status.lastReadingUs === undefined && !this.#met.has(name)) status.quietSinceMs = this.#clock.monotonicMs();
    if (state === "connected") this.#met.add(name);
  }

  #read(name: string, count: number): void {
    const status = this.#source(name);
    status.recordsRead += count;
    status.lastReadingUs = this.#clock.nowUs();
    status.quietSinceMs = this.#clock.monotonicMs();
  }

  #heard(name: string, event: SourceEvent): void {
    if (event.kind === "tag_failed") this.#tagsFail(name, (tags) => tags.add(event.tag));
    if (event.kind === "tag_recovered") this.#tagsFail(name, (tags) => tags.delete(event.tag));
  }

  #tagsFail(name: string, change: (tags: Set<string>) => void): void {
    const tags = this.#failing.get(name) ?? new Set();
    this.#failing.set(name, tags);
    change(tags);
    this.#source(name).failingTags = tags.size;
  }

  #sourceFailed(name: string, code: string, message: string): void {
    const status = this.#source(name);
    status.wasTried = true;
    status.lastError = this.#error(code, message);
  }

  #laneWorks(name: string): void {
    const status = this.#lane(name);
    status.isConnected = true;
    status.nextAttemptUs = undefined;
  }

  #laneFailed(name: string, error: LastError, retryInMs: number): void {
    const status = this.#lane(name);
    status.isConnected = false;
    status.lastError = error;
    status.nextAttemptUs = error.since + retryInMs * 1000;
  }

  #breakerMoved(name: string, state: BreakerState): void {
    const status = this.#lane(name);
    if ((state === "closed") !== (status.breaker === "closed")) status.breakerSince = this.#clock.nowUs();
    status.breaker = state;
    if (state !== "open") status.nextAttemptUs = undefined;
  }

  #error(code: string, message: string): LastError {
    return { code, message, since: this.#clock.nowUs() };
  }

  #source(name: string): Mutable<SourceStatus> {
    let status = this.#sources.get(name);
    if (!status) {
      const since = this.#clock.nowUs();
      status = {
        state: "stopped",
        since,
        wasTried: false,
        endpoint: undefined,
        recordsRead: 0,
        lastReadingUs: undefined,
        quietSinceMs: this.#clock.monotonicMs(),
        failingTags: 0,
        nextAttemptUs: undefined,
        lastError: undefined,
      };
      this.#sources.set(name, status);
    }
    return status;
  }

  #lane(name: string): Mutable<LaneStatus> {
    let status = this.#lanes.get(name);
    if (!status) {
      const breakerSince = this.#clock.nowUs();
      status = { breaker: "closed", breakerSince, nextAttemptUs: undefined, isConnected: false, lastError: undefined };
      this.#lanes.set(name, status);
    }
    return status;
  }
}
