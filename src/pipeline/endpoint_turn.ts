/** What to do after a failure. */
export type NextTurn =
  /** Another endpoint is tried. */
  | { readonly kind: "at_once" }
  /** Each that may help had its turn. */
  | { readonly kind: "after_backoff" }
  /** None helps until a person acts: the first one is worth another attempt after so long. */
  | { readonly kind: "halted"; readonly afterMs: number };

/** A failure of the present endpoint. */
export interface TurnFailure {
  /** Undefined where it may be tried again soon; else for how long trying it helps nobody. */
  readonly restMs: number | undefined;
  /** Monotonic. */
  readonly nowMs: number;
}

/**
 * Which of a source's endpoints is next. The one that works is kept to, also when an earlier one is back: a move costs a
 * pause and, with some devices, values, so it is made for a failure only. After a failure the next one in the list is
 * tried at once, the first one after the last; once each had its turn there is a wait, so that endpoints which take
 * connections and lose them are not run through at full speed. One that refuses us rests for itself, while the others
 * have their turns.
 */
export class EndpointTurn<T> {
  readonly #places: readonly [T, ...T[]];
  #at = 0;
  /** Which failed since the last wait, or since a session that lasted. */
  readonly #failed = new Set<number>();
  /** Until when those rest that helped nobody, by the monotonic clock. */
  readonly #restsUntilMs = new Map<number, number>();

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

  /** The present one failed: goes on to the next. */
  failed({ restMs, nowMs }: TurnFailure): NextTurn {
    this.#failed.add(this.#at);
    if (restMs === undefined) this.#restsUntilMs.delete(this.#at);
    else this.#restsUntilMs.set(this.#at, nowMs + restMs);
    const awake = this.#others().filter((at) => this.#restOf(at) <= nowMs);
    const fresh = awake.find((at) => !this.#failed.has(at));
    if (fresh === undefined) this.#failed.clear();
    const next = fresh ?? awake[0] ?? this.#firstAwake();
    this.#at = next;
    if (fresh !== undefined) return { kind: "at_once" };
    return awake.length > 0 ? { kind: "after_backoff" } : { kind: "halted", afterMs: this.#restOf(next) - nowMs };
  }

  /** A session that lasted: each has its turn again. */
  begin(): void {
    this.#failed.clear();
  }

  /** What kept them away may be mended: each has its turn again, also those that rest. */
  wake(): void {
    this.#failed.clear();
    this.#restsUntilMs.clear();
  }

  /** All in the order of their turns, the present one last. */
  #others(): number[] {
    return this.#places.map((_, index) => (this.#at + 1 + index) % this.#places.length);
  }

  #firstAwake(): number {
    return this.#others().reduce((first, at) => this.#restOf(at) < this.#restOf(first) ? at : first);
  }

  #restOf(at: number): number {
    return this.#restsUntilMs.get(at) ?? -Infinity;
  }
}
