import { Duplex } from "node:stream";

/** A connection whose other side reads only when it is told to. What comes from there is `push`ed. */
export class UnreadSocket extends Duplex {
  readonly #waiting: (() => void)[] = [];
  readonly #written: Uint8Array[] = [];
  isReading = false;

  /** What the other side was given, read or not. */
  get written(): number {
    return this.#written.reduce((sum, { length }) => sum + length, 0);
  }

  /** The pieces of it. */
  get pieces(): readonly Uint8Array[] {
    return this.#written;
  }

  readOn(): void {
    this.isReading = true;
    for (const done of this.#waiting.splice(0)) done();
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#written.push(chunk);
    if (this.isReading) done();
    else this.#waiting.push(done);
  }
}
