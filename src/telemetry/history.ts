/** What the charts show: the last 15 minutes by the second, the last 24 hours by the minute. */
import { HistoryRing } from "./history_ring.ts";
import type { HistoryFile, Minute } from "./history_file.ts";

export { historyFile } from "./history_file.ts";

const SECONDS = 900;
const MINUTES = 1440;
const MINUTE = 60;
/** Sources that have a history of their own: those that were first. */
const MAX_SOURCES = 200;

export const HISTORY_KEYS = ["read", "written", "queue", "spool_bytes", "ack_ms"] as const;
export type HistoryKey = (typeof HISTORY_KEYS)[number];
/** A source has rates alone: rows of all wait together. */
const SOURCE_KEYS = ["read", "written"] as const;

interface Counts {
  readonly received: number;
  readonly written: number;
}

/** What was found at one moment; counters count from any beginning. */
export interface HistoryLook extends Counts {
  readonly queue: number;
  readonly spoolBytes: number;
  /** Acknowledgements so far, and how long all of them took. */
  readonly acks: number;
  readonly ackSeconds: number;
  readonly sources: ReadonlyMap<string, Counts>;
}

export type HistoryValues = Readonly<Partial<Record<HistoryKey, number | undefined>>>;

export interface HistoryQuestion {
  readonly step: "second" | "minute";
  readonly source?: string | undefined;
  readonly since?: number | undefined;
}

export interface HistoryAnswer {
  readonly step_seconds: number;
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly values: Readonly<Record<HistoryKey, readonly (number | null)[]>>;
}

interface Rings {
  readonly seconds: HistoryRing<HistoryKey>;
  readonly minutes: HistoryRing<HistoryKey>;
}

interface Moment {
  readonly second: number;
  readonly look: HistoryLook;
}

export class History {
  readonly #file: HistoryFile;
  readonly #all = newRings(HISTORY_KEYS);
  readonly #sources = new Map<string, Rings>();
  #before: Moment | undefined;
  #minute: Moment | undefined;
  #peak = { queue: 0, spoolBytes: 0 };

  /** Goes on from what the file has of the last 24 hours. */
  constructor(file: HistoryFile, nowUs: number) {
    this.#file = file;
    const now = Math.floor(nowUs / 1e6 / MINUTE);
    for (const { minute, all, sources } of file.read(now - MINUTES, now + 1)) {
      this.#all.minutes.put(minute, all);
      for (const [name, values] of Object.entries(sources)) this.#of(name)?.minutes.put(minute, values);
    }
  }

  /** Takes in a look. Of two in one second the first counts; time that goes back begins anew. */
  note(nowUs: number, look: HistoryLook): void {
    const now = { second: Math.floor(nowUs / 1e6), look };
    const before = this.#before;
    if (before?.second === now.second) return;
    this.#before = now;
    if (before && now.second > before.second) this.#second(before, now);
    this.#peak = {
      queue: Math.max(this.#peak.queue, look.queue),
      spoolBytes: Math.max(this.#peak.spoolBytes, look.spoolBytes),
    };
    const begun = this.#minute;
    if (begun && minuteOf(now) === minuteOf(begun)) return;
    if (begun && minuteOf(now) > minuteOf(begun)) this.#endMinute(begun, now);
    this.#minute = now;
    this.#peak = { queue: look.queue, spoolBytes: look.spoolBytes };
  }

  /** Of one source, or of all, after `since` (Unix seconds); undefined for a source without a history. */
  answer(nowUs: number, { step, source, since = 0 }: HistoryQuestion): HistoryAnswer | undefined {
    const rings = source === undefined ? this.#all : this.#sources.get(source);
    if (!rings) return undefined;
    const second = Math.floor(nowUs / 1e6);
    const stepSeconds = step === "second" ? 1 : MINUTE;
    // What has not ended, or may still be looked at, has no values yet.
    const last = step === "second" ? second - 2 : Math.floor(second / MINUTE) - 1;
    const ring = step === "second" ? rings.seconds : rings.minutes;
    const { steps, columns } = ring.between(Math.floor(since / stepSeconds), last);
    return { step_seconds: stepSeconds, times: steps.map((each) => each * stepSeconds), values: columns };
  }

  #second(before: Moment, now: Moment): void {
    const { queue, spoolBytes } = now.look;
    const all = { ...rates(before, now), queue, spool_bytes: spoolBytes };
    const sources = [...sourceRates(before, now)];
    // A look that came late by less than a second leaves no gap.
    const first = now.second - before.second <= 2 ? before.second + 1 : now.second;
    for (let second = first; second <= now.second; second++) {
      this.#all.seconds.put(second, all);
      for (const [name, values] of sources) this.#of(name)?.seconds.put(second, values);
    }
  }

  #endMinute(begun: Moment, now: Moment): void {
    if (now.second - begun.second > 2 * MINUTE) return; // the process stood still: nobody knows
    const minute = minuteOf(begun);
    const { queue, spoolBytes } = this.#peak;
    const all = { ...rates(begun, now), queue, spool_bytes: spoolBytes };
    const sources = [...sourceRates(begun, now)].filter(([name]) => this.#of(name));
    this.#all.minutes.put(minute, all);
    for (const [name, values] of sources) this.#of(name)?.minutes.put(minute, values);
    const line: Minute = { minute, all, sources: Object.fromEntries(sources) };
    this.#file.add(line);
  }

  #of(source: string): Rings | undefined {
    let rings = this.#sources.get(source);
    if (!rings && this.#sources.size < MAX_SOURCES) {
      rings = newRings(SOURCE_KEYS);
      this.#sources.set(source, rings);
    }
    return rings;
  }
}

function newRings(keys: readonly (typeof HISTORY_KEYS)[number][]): Rings {
  return { seconds: new HistoryRing(SECONDS, keys), minutes: new HistoryRing(MINUTES, keys) };
}

function minuteOf({ second }: Moment): number {
  return Math.floor(second / MINUTE);
}

function rates(before: Moment, now: Moment): HistoryValues {
  const acks = now.look.acks - before.look.acks;
  const seconds = now.look.ackSeconds - before.look.ackSeconds;
  return { ...countRates(before, now), ack_ms: acks > 0 ? (seconds / acks) * 1000 : undefined };
}

function* sourceRates(before: Moment, now: Moment): Generator<[string, HistoryValues]> {
  for (const [name, counts] of now.look.sources) {
    const earlier = before.look.sources.get(name);
    if (earlier) yield [name, perSecond(earlier, counts, now.second - before.second)];
  }
}

function countRates(before: Moment, now: Moment): HistoryValues {
  return perSecond(before.look, now.look, now.second - before.second);
}

function perSecond(before: Counts, now: Counts, seconds: number): Record<(typeof SOURCE_KEYS)[number], number> {
  return {
    read: Math.max(0, now.received - before.received) / seconds,
    written: Math.max(0, now.written - before.written) / seconds,
  };
}
