/**
 * A value that must not be seen: it prints as `***` wherever text or JSON is made of it.
 *
 * ```ts
 * const password = new Secret("hunter2");
 * `${password}`; // "***"
 * password.reveal(); // "hunter2"
 * ```
 */
export class Secret {
  readonly #value: string;
  #current: (() => string) | undefined;

  constructor(value: string) {
    this.#value = value;
  }

  /**
   * The value itself, as it is now. Call it where the value leaves for its peer, nowhere else.
   * @throws what tells of a secret that is followed, where it is not known
   */
  reveal(): string {
    return this.#current ? this.#current() : this.#value;
  }

  /** From now on the value is what `current` tells; what was written only names it. */
  follow(current: () => string): void {
    this.#current = current;
  }

  /** Whether both are the same value, or name the same one. */
  isSame(other: Secret): boolean {
    return this.#value === other.#value && (this.#current === undefined) === (other.#current === undefined);
  }

  /** Whether there is anything to keep. */
  get isEmpty(): boolean {
    return this.#value === "";
  }

  toString(): string {
    return "***";
  }

  toJSON(): string {
    return "***";
  }

  [Symbol.for("Deno.customInspect")](): string {
    return "***";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "***";
  }
}
