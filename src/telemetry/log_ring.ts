import type { LogLevel } from "../core/logger.ts";
import { jsonLine, type LogLine } from "./log_line.ts";

const MAX_LINES = 10_000;
/** Characters of all lines together. */
const MAX_TEXT = 8 * 1024 * 1024;

/** A line that was written, as JSON text. */
export interface KeptLine {
  /** Counts up from 1: a gap says that lines are gone. */
  readonly n: number;
  readonly level: LogLevel;
  /** Microseconds since 1970-01-01 UTC. */
  readonly timeUs: number;
  readonly text: string;
}

/** The last lines of the log, for those who look at it in a browser. The oldest go first. */
export class LogRing {
  #lines: KeptLine[] = [];
  /** Index of the oldest that is kept. */
  #first = 0;
  #characters = 0;
  #n = 0;
  readonly #listeners = new Set<(line: KeptLine) => void>();

  readonly add = (line: LogLine): void => {
    const kept = { n: ++this.#n, level: line.level, timeUs: line.timeUs, text: jsonLine(line) };
    this.#lines.push(kept);
    this.#characters += kept.text.length;
    while (this.#lines.length - this.#first > MAX_LINES || this.#characters > MAX_TEXT) this.#dropOldest();
    for (const listener of this.#listeners) listener(kept);
  };

  /** The oldest first. */
  lines(): readonly KeptLine[] {
    return this.#lines.slice(this.#first);
  }

  /** Calls `listener` with each new line until disposed. It must neither throw nor wait. */
  follow(listener: (line: KeptLine) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #dropOldest(): void {
    this.#characters -= this.#lines[this.#first++]?.text.length ?? 0;
    if (this.#first < MAX_LINES) return;
    this.#lines = this.#lines.slice(this.#first);
    this.#first = 0;
  }
}
