/**
 * Which of a source's endpoints is next. The one that works is kept to, also when an earlier one is back: a move costs a
 * pause and, with some devices, values, so it is made for a failure only. After a failure the next one in the list is
 * tried at once, the first one after the last; once each had its turn there is a wait, so that endpoints which take
 * connections and lose them are not run through at full speed.
 */
export class EndpointTurn<T> {
  readonly #places: readonly [T, ...T[]];
  #at = 0;
  /** Failures since the last wait, or since a session that lasted. */
  #failures = 0;

  constructor(places: readonly [T, ...T[]]) {
    this.#places = places;
  }

  get current(): T {
    return this.#places[this.#at] ?? this.#places[0];
  }

  /** 1 is the first. */
  get number(): number {
    return this.#at + 1;
  }

  get count(): number {
    return this.#places.length;
  }

  /** The present one failed: goes on to the next. True when that is to be tried at once. */
  failed(): boolean {
    this.#at = (this.#at + 1) % this.#places.length;
    this.#failures++;
    if (this.#failures < this.#places.length) return true;
    this.#failures = 0;
    return false;
  }

  /** A session that lasted: each has its turn again. */
  begin(): void {
    this.#failures = 0;
  }
}
