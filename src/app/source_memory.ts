import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/error.ts";
import { linkFree, makeDirectory, replaceFile } from "../core/home_file.ts";
import type { Logger } from "../core/logger.ts";
import type { SourceMemory } from "../core/source_memory.ts";

/** Where memories lie, seen from the home directory: one file per source, named after it. */
export const MEMORY_DIRECTORY = "memory";
/** The most that a source may keep; what it wants to keep beyond that is not kept. */
const MAX_BYTES = 1024 * 1024;
/** Changes are written together, so often at most: each is two syncs of the disk. */
const WRITE_EVERY_MS = 10_000;

export interface SourceMemoryOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The memory of one source in `<home>/memory/<source>.json`. A file that is damaged counts as empty and is written anew:
 * all that is lost is time. Dispose of it to write what is left.
 */
export class SourceMemoryFile implements SourceMemory, Disposable {
  readonly #options: SourceMemoryOptions;
  readonly #path: string;
  readonly #timer: Disposable;
  readonly #values: Map<string, unknown>;
  #isChanged = false;

  constructor(source: string, options: SourceMemoryOptions) {
    this.#options = options;
    this.#path = `${options.home}/${MEMORY_DIRECTORY}/${source}.json`;
    this.#values = read(options.home, this.#path);
    this.#timer = options.clock.every(WRITE_EVERY_MS, () => this.#write());
  }

  recall(key: string): unknown {
    return structuredClone(this.#values.get(key));
  }

  keep(key: string, value: unknown): void {
    if (value === undefined) this.#isChanged = this.#values.delete(key) || this.#isChanged;
    else {
      this.#values.set(key, structuredClone(value));
      this.#isChanged = true;
    }
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#write();
  }

  /** A disk that takes nothing is no reason to stop: the source reads on, and learns again after the next start. */
  #write(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const { home, log } = this.#options;
    const text = JSON.stringify(Object.fromEntries(this.#values)) + "\n";
    try {
      if (text.length > MAX_BYTES) throw new RangeError(`it has ${text.length} bytes, and may have ${MAX_BYTES}`);
      makeDirectory(home, `${home}/${MEMORY_DIRECTORY}`);
      replaceFile(home, this.#path, text);
    } catch (error) {
      const message = `Cannot keep in ${this.#path} what was learned of the device: ${reasonOf(error)}; ` +
        "nothing is lost by it, but it is learned again after the next start";
      log.log("warn", message, { code: "source_memory_not_kept" });
    }
  }
}

function read(home: string, path: string): Map<string, unknown> {
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(linkFree(home, path)));
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  } catch {
    return new Map(); // none yet, damaged, or a link: it is written anew, which says what is in the way
  }
}
