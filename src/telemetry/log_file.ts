import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/error.ts";
import { within } from "../lib/within.ts";

/** Characters of lines that wait for the disk at most; further lines are counted as lost. */
const MAX_WAITING = 4 * 1024 * 1024;
/** How soon a disk that took nothing is tried again. */
const RETRY_MS = 5000;
const SWEEP_MS = 3_600_000;
/** A disk that fails again and again is told of no more often. */
const TELL_MS = 60_000;
const CLOSE_MS = 2000;

const utf8 = new TextEncoder();

/** What is written to. */
export type OpenLogFile = Pick<Deno.FsFile, "write" | "stat" | "close">;

/** Where the file stands, and the former ones. Each may throw what the file system throws. */
export interface Shelf {
  open(): Promise<OpenLogFile>;
  rotate(): Promise<void>;
  sweep(): Promise<void>;
}

export interface LogFileOptions {
  readonly shelf: Shelf;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** The line that stands for so many that are not there. */
  readonly lostLine: (count: number) => string;
  /** Is told why the disk does not take lines. Never throws, never waits. */
  readonly failed: (reason: string) => void;
  /** Is told of each line that is lost. Never throws, never waits. */
  readonly lost: () => void;
}

/**
 * Log lines on disk. `write` never waits for it: lines wait in memory, and those that find no room there are lost and
 * counted, so that a full or hanging disk holds nothing up.
 */
export class LogFile implements AsyncDisposable {
  readonly #options: LogFileOptions;
  readonly #timer: Disposable;
  #lines: string[] = [];
  #characters = 0;
  #lost = 0;
  /** What is being written: its rest, after a failure. */
  #batch: Uint8Array = new Uint8Array();
  #file: OpenLogFile | undefined;
  #size = 0;
  #running: Promise<void> | undefined;
  #isFailing = false;
  #isClosed = false;
  #toldAtMs = -Infinity;
  #sweptAtMs = -Infinity;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#timer = options.clock.every(RETRY_MS, () => this.#wake());
  }

  /** Takes a line, without its line feed. */
  readonly write = (line: string): void => {
    if (this.#isClosed) return;
    if (this.#characters + line.length > MAX_WAITING) {
      this.#lost++;
      this.#options.lost();
      return;
    }
    this.#lines.push(line);
    this.#characters += line.length + 1;
    if (!this.#isFailing) this.#wake();
  };

  /** Writes what waits, as far as the disk takes it within two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await within(this.#running ?? Promise.resolve(), CLOSE_MS, this.#options.clock);
    this.#wake();
    this.#isClosed = true;
    await within(this.#running ?? Promise.resolve(), CLOSE_MS, this.#options.clock);
    this.#close();
  }

  #wake(): void {
    if (!this.#running && !this.#isClosed) this.#running = this.#run();
  }

  async #run(): Promise<void> {
    try {
      await this.#sweep();
      while (this.#batch.length > 0 || this.#take()) await this.#append();
      this.#isFailing = false;
    } catch (error) {
      this.#fail(reasonOf(error));
    } finally {
      this.#running = undefined;
    }
  }

  /** Whether anything waited. */
  #take(): boolean {
    const lines = this.#lost > 0 ? [...this.#lines, this.#options.lostLine(this.#lost)] : this.#lines;
    if (lines.length === 0) return false;
    this.#batch = utf8.encode(`${lines.join("\n")}\n`);
    this.#lines = [];
    this.#characters = 0;
    this.#lost = 0;
    return true;
  }

  async #append(): Promise<void> {
    const file = await this.#fileFor(this.#batch.length);
    while (this.#batch.length > 0) {
      const count = await file.write(this.#batch);
      this.#size += count;
      this.#batch = this.#batch.subarray(count);
    }
  }

  async #fileFor(bytes: number): Promise<OpenLogFile> {
    const file = this.#file ?? await this.#open();
    if (this.#size === 0 || this.#size + bytes <= this.#options.maxBytes) return file;
    this.#close();
    await this.#options.shelf.rotate();
    return await this.#open();
  }

  async #open(): Promise<OpenLogFile> {
    const file = await this.#options.shelf.open();
    this.#file = file;
    this.#size = (await file.stat()).size;
    return file;
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return;
    if (!this.#file) await this.#open();
    await this.#options.shelf.sweep();
    this.#sweptAtMs = nowMs;
  }

  #fail(reason: string): void {
    this.#close();
    this.#isFailing = true;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#toldAtMs < TELL_MS) return;
    this.#toldAtMs = nowMs;
    this.#options.failed(reason);
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
