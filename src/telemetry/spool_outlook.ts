/** Where the spool's level leads: when it is full, or when all that waits is sent. */
import type { SpoolTrend } from "../core/status.ts";
import type { History } from "./history.ts";

/** A pace is taken over the last minutes, or since a table was lost or came back. */
const WINDOW_SECONDS = 180;
/** Over less time than this a pace says nothing. */
const MIN_SECONDS = 20;
/** Estimates change this often, and no oftener: nobody can read what jumps each second. */
const STEP_SECONDS = 10;
/** The history's newest second is this old. */
const LAG_SECONDS = 2;
/** What waits changes by more than this part of what comes, or its level is steady. */
const NOTABLE = 0.05;
/** Fewer rows than these are gone before anybody has read how long it takes. */
const FEW_ROWS = 1000;

export interface SpoolQuestion {
  readonly nowUs: number;
  /** Sealed bytes that it may hold. */
  readonly maxBytes: number;
  /** When a table was last lost or came back, microseconds since 1970-01-01 UTC: the pace of before is over. */
  readonly changedUs: number;
}

/** A moment of the history that is known. */
interface Level {
  readonly second: number;
  readonly rows: number;
  readonly bytes: number;
}

export function spoolTrend(
  history: Pick<History, "answer">,
  { nowUs, maxBytes, changedUs }: SpoolQuestion,
): SpoolTrend {
  const until = Math.floor((nowUs / 1e6 - LAG_SECONDS) / STEP_SECONDS) * STEP_SECONDS;
  const since = Math.max(until - WINDOW_SECONDS, Math.ceil(changedUs / 1e6));
  const { levels, read } = levelsOf(history, nowUs, { since, until });
  const [first, last] = [levels[0], levels.at(-1)];
  if (!first || !last || last.second - first.second < MIN_SECONDS) return { kind: "steady" };
  const pace = (of: "rows" | "bytes") => (last[of] - first[of]) / (last.second - first.second);
  const rows = pace("rows");
  if (Math.abs(rows) <= read * NOTABLE) return { kind: "steady" };
  if (rows < 0 && last.rows >= FEW_ROWS) return { kind: "draining", emptyInSeconds: whole(last.rows / -rows) };
  const bytes = pace("bytes");
  if (rows <= 0 || bytes <= 0) return { kind: "steady" };
  return { kind: "filling", fullInSeconds: whole((maxBytes - last.bytes) / bytes) };
}

function whole(seconds: number): number {
  return Math.max(0, Math.round(seconds));
}

interface Stretch {
  readonly since: number;
  readonly until: number;
}

/** The known seconds of a stretch, and how many readings came in each, on average. */
function levelsOf(
  history: Pick<History, "answer">,
  nowUs: number,
  { since, until }: Stretch,
): { readonly levels: readonly Level[]; readonly read: number } {
  const { times = [], values } = history.answer(nowUs, { step: "second", since: since - 1 }) ?? {};
  const levels: Level[] = [];
  let read = 0;
  times.forEach((second, at) => {
    const [rows, bytes] = [values?.queue[at], values?.spool_bytes[at]];
    if (second > until || typeof rows !== "number" || typeof bytes !== "number") return;
    levels.push({ second, rows, bytes });
    read += values?.read[at] ?? 0;
  });
  return { levels, read: read / Math.max(1, levels.length) };
}
