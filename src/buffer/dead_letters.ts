import type { Refusal, Row } from "../core/reading.ts";

/** A row, or an undecodable message, that did not reach its table, with the reason in words. */
export interface DeadLetter {
  readonly id: number;
  /** When it was put here: microseconds since 1970-01-01 UTC. */
  readonly time: number;
  readonly source: string;
  readonly tag: string;
  /** `catalog.schema.table` it was meant for. */
  readonly table: string;
  readonly code: string;
  readonly reason: string;
  readonly content: { readonly row: Row } | Payload;
}

/** What is kept of what became no row. */
export interface Payload {
  /** The message as the device sent it, unless `message` is set; a reading in words, where it could not be encoded. */
  readonly payload: Uint8Array;
  /** Set where it is a reading as a bronze message of this name, whose identity was given to another row. */
  readonly message?: string;
  /** Set where it is only the beginning. */
  readonly isCut?: true;
}

/** What is kept of a refused message. */
export function payloadOf({ payload, isCut }: Refusal): Payload {
  return isCut ? { payload, isCut } : { payload };
}

/** Dead letters in memory, bounded by the bytes they hold; the oldest go first. */
export class DeadLetters {
  readonly #maxBytes: number;
  readonly #onPurged: (letter: DeadLetter) => void;
  #letters: DeadLetter[] = [];
  /** Index of the oldest letter: those before it are gone. */
  #first = 0;
  readonly #bySource = new Map<string, number>();
  #bytes = 0;
  #nextId = 1;

  /** `onPurged` is told of each letter that the limit pushed out. */
  constructor(maxBytes: number, onPurged: (letter: DeadLetter) => void) {
    this.#maxBytes = maxBytes;
    this.#onPurged = onPurged;
  }

  add(letter: Omit<DeadLetter, "id">): void {
    this.#letters.push({ ...letter, id: this.#nextId++ });
    this.#change(letter, 1);
    while (this.#bytes > this.#maxBytes) this.#purgeOldest();
  }

  /** The newest first. */
  newest(limit: number): readonly DeadLetter[] {
    return this.#letters.slice(Math.max(this.#first, this.#letters.length - limit)).reverse();
  }

  get bySource(): ReadonlyMap<string, number> {
    return this.#bySource;
  }

  #purgeOldest(): void {
    const letter = this.#letters[this.#first++];
    if (!letter) return;
    if (this.#first > this.#letters.length / 2) {
      this.#letters = this.#letters.slice(this.#first);
      this.#first = 0;
    }
    this.#change(letter, -1);
    this.#onPurged(letter);
  }

  #change(letter: Omit<DeadLetter, "id">, by: 1 | -1): void {
    this.#bytes += by * sizeOf(letter);
    this.#bySource.set(letter.source, (this.#bySource.get(letter.source) ?? 0) + by);
  }
}

/** Bytes it holds, roughly: its content and 200 for the rest. */
function sizeOf({ content, reason }: Omit<DeadLetter, "id">): number {
  return 200 + reason.length + ("row" in content ? content.row.bytes.length : content.payload.length);
}
