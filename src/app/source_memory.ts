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

const utf8 = new TextEncoder();

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
  /** As JSON, which nobody changes any more. */
  readonly #values: Map<string, string>;
  /** Of the file as it would be. */
  #bytes: number;
  #isChanged = false;
  /** Whether it was told that the disk takes nothing, or that there is too much. */
  readonly #told = { unwritable: false, full: false };

  constructor(source: string, options: SourceMemoryOptions) {
    this.#options = options;
    this.#path = `${options.home}/${MEMORY_DIRECTORY}/${source}.json`;
    this.#values = read(options.home, this.#path);
    this.#bytes = bytesOf(textOf(this.#values));
    this.#timer = options.clock.every(WRITE_EVERY_MS, () => this.#write());
  }

  recall(key: string): unknown {
    const text = this.#values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  keep(key: string, value: unknown): void {
    const before = this.#values.get(key);
    const text: string | undefined = JSON.stringify(value); // undefined for what JSON cannot hold
    if (text === before) return;
    const bytes = this.#bytes + entryBytes(key, text) - entryBytes(key, before);
    if (text !== undefined && bytes > MAX_BYTES) {
      return this.#tell("full", `it would have ${bytes} bytes, and may have ${MAX_BYTES}`);
    }
    if (text === undefined) this.#values.delete(key);
    else this.#values.set(key, text);
    this.#bytes = bytes;
    this.#isChanged = true;
    this.#told.full = false;
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#write();
  }

  /** A disk that takes nothing is no reason to stop: the source reads on, and it is tried again. */
  #write(): void {
    if (!this.#isChanged) return;
    const { home } = this.#options;
    try {
      makeDirectory(home, `${home}/${MEMORY_DIRECTORY}`);
      replaceFile(home, this.#path, textOf(this.#values));
      this.#isChanged = false;
      this.#told.unwritable = false;
    } catch (error) {
      this.#tell("unwritable", reasonOf(error));
    }
  }

  /** Once until it works again. */
  #tell(what: "unwritable" | "full", reason: string): void {
    if (this.#told[what]) return;
    this.#told[what] = true;
    const message = `Cannot keep in ${this.#path} what was learned of the device: ${reason}; ` +
      "nothing is lost by it, but it is learned again after the next start";
    this.#options.log.log("warn", message, { code: "source_memory_not_kept" });
  }
}

function textOf(values: ReadonlyMap<string, string>): string {
  return `{${[...values].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}\n`;
}

/** What an entry takes in the file, with its colon and comma. */
function entryBytes(key: string, text: string | undefined): number {
  return text === undefined ? 0 : bytesOf(JSON.stringify(key)) + bytesOf(text) + 2;
}

function bytesOf(text: string): number {
  return utf8.encode(text).length;
}

function read(home: string, path: string): Map<string, string> {
  try {
    if (Deno.statSync(linkFree(home, path)).size > MAX_BYTES) return new Map();
    const value: unknown = JSON.parse(Deno.readTextFileSync(path));
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return new Map(entries.map(([key, each]) => [key, JSON.stringify(each)]));
  } catch {
    return new Map(); // none yet, damaged, or a link: it is written anew, which says what is in the way
  }
}
