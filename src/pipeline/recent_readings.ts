import type { Clock } from "../core/clock.ts";
import type { Reading } from "../core/reading.ts";

/** Readings that are kept of one batch, and while somebody looks, of all. */
const MAX_OF_BATCH = 50;
const MAX_READINGS = 200;
/** Batches while somebody looks: readings hold on to what they came with. */
const MAX_BATCHES = 50;
/** Of what they hold, roughly; the newest reading is kept however large it is. */
const MAX_BYTES = 1024 * 1024;
/** Members of members of a reading that are looked into for their size. */
const MAX_DEPTH = 3;
/** Somebody looks for so long after asking. */
const LOOK_MS = 30_000;

/**
 * The last readings of one source. While nobody looks, that is a reference to the last of them from the newest batch, so
 * that 500 sources hold little; after somebody asked, more are kept for as long as it is asked again.
 */
export class RecentReadings {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #batches: Kept[] = [];
  #lookedAtMs: number | undefined;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** On the way of every batch: it takes a reference, and copies nothing but the places of 50 at most. */
  keep(readings: readonly Reading[]): void {
    if (readings.length === 0) return;
    const newest = newestOf(readings);
    if (!this.#isLookedAt) this.#batches = [newest];
    else this.#add(newest);
  }

  /** The newest first. Keeps more from now on, for a while. */
  look(): Reading[] {
    this.#lookedAtMs = this.#clock.monotonicMs();
    return this.#batches.flatMap(({ readings }) => readings).reverse();
  }

  get #isLookedAt(): boolean {
    if (this.#lookedAtMs === undefined) return false;
    if (this.#clock.monotonicMs() - this.#lookedAtMs < LOOK_MS) return true;
    this.#lookedAtMs = undefined;
    return false;
  }

  #add(newest: Kept): void {
    this.#batches.push(newest);
    let count = this.#batches.reduce((sum, { readings }) => sum + readings.length, 0);
    let bytes = this.#batches.reduce((sum, each) => sum + each.bytes, 0);
    while (
      this.#batches.length > MAX_BATCHES || count > MAX_READINGS || (bytes > MAX_BYTES && this.#batches.length > 1)
    ) {
      const oldest = this.#batches.shift();
      count -= oldest?.readings.length ?? count;
      bytes -= oldest?.bytes ?? bytes;
    }
  }
}

interface Kept {
  readonly readings: readonly Reading[];
  readonly bytes: number;
}

/** The last of a batch: one at least, and no more than fit. */
function newestOf(readings: readonly Reading[]): Kept {
  const known = new Set<unknown>();
  const least = Math.max(0, readings.length - MAX_OF_BATCH);
  let bytes = bytesOf(readings.at(-1), known);
  let from = readings.length - 1;
  while (from > least) {
    const more = bytesOf(readings[from - 1], known);
    if (bytes + more > MAX_BYTES) break;
    bytes += more;
    from--;
  }
  return { readings: from === 0 ? readings : readings.slice(from), bytes };
}

/** Roughly. What is in `known`, such as a payload that many readings came in, counts once. */
function bytesOf(value: unknown, known: Set<unknown>, depth = 0): number {
  if (typeof value === "string") return 2 * value.length;
  if (typeof value !== "object" || value === null) return 8;
  const whole = ArrayBuffer.isView(value) ? value.buffer : value;
  if (known.has(whole)) return 8;
  known.add(whole);
  if (ArrayBuffer.isView(value)) return value.buffer.byteLength;
  if (Array.isArray(value) && typeof value[0] !== "object" && typeof value[0] !== "string") return 8 * value.length;
  if (depth >= MAX_DEPTH) return 64;
  let bytes = 64;
  for (const member of Object.values(value)) bytes += bytesOf(member, known, depth + 1);
  return bytes;
}
