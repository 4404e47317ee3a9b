import type { SourceMemory } from "../../src/core/source_memory.ts";

/** A memory that lives as long as the test; values pass through JSON, as through a file. */
export class FakeSourceMemory implements SourceMemory {
  readonly #values = new Map<string, string>();

  recall(key: string): unknown {
    const text = this.#values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  keep(key: string, value: unknown): void {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, JSON.stringify(value));
  }
}
