import type { Clock } from "../../core/clock.ts";
import { SpoolFullError } from "../../core/error.ts";
import { Condition } from "../../lib/condition.ts";

/** A commit that was begun. Neither promise rejects. */
export interface Begun {
  /** What it writes is ready; the next one may be begun. */
  readonly sealed: Promise<void>;
  /** It is over. */
  readonly written: Promise<void>;
}

export interface GroupCommitOptions {
  /** Takes what waits and writes it, once `before` is over. Undefined where nothing waits. */
  readonly begin: (before: Promise<void>) => Begun | undefined;
  /** Whether something waits that somebody waits for. */
  readonly isUrgent: () => boolean;
  /** Whether so much waits that a commit holds no more. */
  readonly isFull: () => boolean;
  /** The longest that something waits when nobody waits for it. */
  readonly intervalMs: number;
  readonly clock: Clock;
}

/**
 * One commit is written at a time; what comes meanwhile goes into the next, all at once: the slower the disk, the larger
 * they are. Where a whole one waits, it is prepared while the one before is written.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #hurry = new Condition();
  readonly #filled = new Condition();
  readonly #done = new Condition();
  #running: Promise<void> | undefined;
  #isClosing = false;
  #hasMore = false;
  /** Commits that were begun, and that are over. */
  #begun = 0;
  #over = 0;
  /** Resolves when the newest commit is over. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** There is something to write: at once where it is urgent, soon otherwise. */
  wake(): void {
    this.#hasMore = true;
    if (this.#options.isUrgent()) this.#hurry.wake();
    if (this.#options.isFull()) this.#filled.wake();
    this.#running ??= this.#run();
  }

  /** Lets those who wait for a commit look at what has changed meanwhile. */
  interrupt(): void {
    this.#done.wake();
  }

  /** Resolves after the next commit, or `interrupt`. @throws the signal's reason */
  settled(signal?: AbortSignal): Promise<void> {
    return this.#done.wait(signal);
  }

  /** Resolves once what waits now was written. @throws {SpoolFullError} when the spool is closed before */
  async flush(signal?: AbortSignal): Promise<void> {
    const target = this.#begun + 1;
    while (this.#over < target) {
      if (this.#isClosing) throw new SpoolFullError("spool_closed", "The connector stops: this was not written");
      this.wake();
      this.#hurry.wake();
      await this.settled(signal);
    }
  }

  /** Writes what is left, and ends. `last` is called when only what it notes itself is still to be written. */
  async close(last: () => void = () => {}): Promise<void> {
    this.#isClosing = true;
    this.#hurry.wake();
    await this.#running;
    last();
    await this.#begin()?.written;
    this.#done.wake();
  }

  async #run(): Promise<void> {
    while (true) {
      if (!this.#hasMore) await this.#writing;
      if (!this.#hasMore) break;
      if (!this.#options.isUrgent() && !this.#isClosing) await this.#linger();
      this.#hasMore = false;
      const before = this.#writing;
      const begun = this.#begin();
      if (!begun) continue;
      this.#hasMore = true;
      await begun.sealed;
      await before; // this one is being written from now on
      if (!this.#options.isFull()) await Promise.race([begun.written, this.#filled.wait()]);
    }
    this.#running = undefined;
  }

  #begin(): Begun | undefined {
    const number = ++this.#begun;
    const begun = this.#options.begin(this.#writing);
    const before = this.#writing;
    this.#writing = begun ? begun.written.then(() => this.#end(number)) : before.then(() => this.#end(number));
    return begun;
  }

  #end(number: number): void {
    this.#over = number;
    this.#done.wake();
  }

  async #linger(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    const over = new AbortController();
    const lingered = clock.sleep(intervalMs, over.signal).catch(() => {/* it became urgent */});
    await Promise.race([lingered, this.#hurry.wait()]);
    over.abort();
  }
}
