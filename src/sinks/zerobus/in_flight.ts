/** One request that waits for its acknowledgement. */
export interface Sent<T> {
  readonly offset: number;
  readonly item: T;
  readonly bytes: number;
  readonly sentMs: number;
}

/** The requests of one stream that are not acknowledged, oldest first. */
export class InFlight<T> {
  #sent: Sent<T>[] = [];
  #head = 0;
  #bytes = 0;

  get size(): number {
    return this.#sent.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(sent: Sent<T>): void {
    this.#sent.push(sent);
    this.#bytes += sent.bytes;
  }

  /** Takes out every request up to and including `offset`. */
  takeUpTo(offset: number): Sent<T>[] {
    const end = this.#sent.findIndex((sent, index) => index >= this.#head && sent.offset > offset);
    const taken = this.#sent.slice(this.#head, end < 0 ? undefined : end);
    this.#head += taken.length;
    for (const sent of taken) this.#bytes -= sent.bytes;
    this.#compact();
    return taken;
  }

  takeAll(): Sent<T>[] {
    return this.takeUpTo(Number.MAX_SAFE_INTEGER);
  }

  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#sent.length) return;
    this.#sent = this.#sent.slice(this.#head);
    this.#head = 0;
  }
}
