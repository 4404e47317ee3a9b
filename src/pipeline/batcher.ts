import type { Clock } from "../core/clock.ts";
import { joinRows } from "../buffer/joined_rows.ts";
import { type Rows, sizeOf, totalSizeOf } from "../core/reading.ts";

/** Bytes that a row adds to a request beside its own. */
const FRAMING_BYTES = 5;

/** Rows wait for company no longer than this while the sink has nothing to do. */
const LINGER_MS = 10;

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
  /** The longest that a row waits for others while earlier rows are on their way. */
  readonly maxWaitMs: number;
}

export interface BatcherOptions extends BatchLimits {
  readonly clock: Clock;
  /** Resolves when the sink has nothing in flight: then rows need not wait for more to come. */
  readonly idle: () => Promise<void>;
}

/** Rows that go to the sink in one call. */
export interface RowBatch {
  readonly rows: Rows;
  readonly bytes: number;
}

/** Gathers rows, in order, into batches by count, bytes and age. Ends when `arrivals` does; what is held then is dropped. */
export async function* inBatches(
  arrivals: AsyncIterable<Rows>,
  options: BatcherOptions,
): AsyncGenerator<RowBatch> {
  const iterator = arrivals[Symbol.asyncIterator]();
  const open = new OpenBatch(options);
  try {
    let arriving = iterator.next();
    while (true) {
      const arrival = open.isEmpty ? await arriving : await Promise.race([arriving, open.due]);
      if (arrival === DUE) {
        yield open.close();
        continue;
      }
      if (arrival.done) return;
      yield* open.add(arrival.value);
      arriving = iterator.next();
    }
  } finally {
    open.discard();
    await iterator.return?.();
  }
}

const DUE = Symbol("due");
/** A reason of its own: the default one is an error with a stack, once per batch. */
const CLOSED = Symbol("closed");

/** The batch that is being filled. */
class OpenBatch {
  readonly #options: BatcherOptions;
  #parts: Rows[] = [];
  #count = 0;
  #bytes = 0;
  #closed = new AbortController();
  #due: Promise<typeof DUE> | undefined;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Resolves when the batch has waited long enough. */
  get due(): Promise<typeof DUE> {
    return this.#due ??= this.#wait(this.#closed.signal);
  }

  /** Takes rows in; yields each batch that they fill. */
  *add(rows: Rows): Generator<RowBatch> {
    const { maxRows } = this.#options;
    for (let rest = rows; rest.length > 0;) {
      const end = this.#roomFor(rest);
      if (end > 0) this.#take(end === rest.length ? rest : rest.slice(0, end));
      rest = rest.slice(end);
      if (rest.length > 0 || this.#count >= maxRows) yield this.close();
    }
  }

  /** How many of the first rows still fit. */
  #roomFor(rows: Rows): number {
    const { maxRows, maxBytes } = this.#options;
    const most = Math.min(rows.length, maxRows - this.#count);
    if (this.#bytes + sizeInRequest(most === rows.length ? rows : rows.slice(0, most)) <= maxBytes) return most;
    let bytes = this.#bytes;
    let fitting = 0;
    for (const row of rows) {
      bytes += sizeOf(row) + FRAMING_BYTES;
      // A row that is larger than any batch goes alone.
      if (fitting === most || (bytes > maxBytes && this.#count + fitting > 0)) break;
      fitting++;
    }
    return fitting;
  }

  #take(rows: Rows): void {
    this.#parts.push(rows);
    this.#count += rows.length;
    this.#bytes += sizeInRequest(rows);
  }

  close(): RowBatch {
    const batch = { rows: joinRows(this.#parts), bytes: this.#bytes };
    this.discard();
    return batch;
  }

  discard(): void {
    this.#parts = [];
    this.#count = 0;
    this.#bytes = 0;
    if (!this.#due) return; // it filled up before anybody waited: no timer to end
    this.#due = undefined;
    this.#closed.abort(CLOSED);
    this.#closed = new AbortController();
  }

  async #wait(signal: AbortSignal): Promise<typeof DUE> {
    const { clock, maxWaitMs, idle } = this.#options;
    const lingered = idle().then(() => clock.sleep(Math.min(LINGER_MS, maxWaitMs), signal));
    const aged = clock.sleep(maxWaitMs, signal);
    const outcome = Promise.race([lingered, aged]);
    for (const each of [lingered, aged]) each.catch(() => {/* the batch was closed by its size */});
    await outcome.catch(() => {/* the same: nobody waits for this any more */});
    return DUE;
  }
}

function sizeInRequest(rows: Rows): number {
  return totalSizeOf(rows) + rows.length * FRAMING_BYTES;
}
