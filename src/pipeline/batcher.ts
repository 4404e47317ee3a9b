import type { Clock } from "../core/clock.ts";
import type { Row } from "../core/reading.ts";
import { sizeOf } from "./size.ts";

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
  readonly rows: readonly Row[];
  readonly bytes: number;
}

/** Gathers rows, in order, into batches by count, bytes and age. Ends when `arrivals` does; what is held then is dropped. */
export async function* inBatches(
  arrivals: AsyncIterable<readonly Row[]>,
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

/** The batch that is being filled. */
class OpenBatch {
  readonly #options: BatcherOptions;
  #rows: Row[] = [];
  #bytes = 0;
  #closed = new AbortController();
  #due: Promise<typeof DUE> | undefined;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  /** Resolves when the batch has waited long enough. */
  get due(): Promise<typeof DUE> {
    return this.#due ??= this.#wait(this.#closed.signal);
  }

  /** Takes rows in; yields each batch that they fill. */
  *add(rows: readonly Row[]): Generator<RowBatch> {
    const { maxRows, maxBytes } = this.#options;
    for (const row of rows) {
      const size = sizeOf(row);
      if (!this.isEmpty && this.#bytes + size > maxBytes) yield this.close();
      this.#rows.push(row);
      this.#bytes += size;
      if (this.#rows.length >= maxRows) yield this.close();
    }
  }

  close(): RowBatch {
    const batch = { rows: this.#rows, bytes: this.#bytes };
    this.discard();
    return batch;
  }

  discard(): void {
    this.#rows = [];
    this.#bytes = 0;
    if (!this.#due) return; // it filled up before anybody waited: no timer to end
    this.#due = undefined;
    this.#closed.abort();
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
