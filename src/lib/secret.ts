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

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value leaves for its peer, nowhere else. */
  reveal(): string {
    return this.#value;
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
