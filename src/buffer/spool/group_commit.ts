import type { Clock } from "../../core/clock.ts";
import { SpoolFullError } from "../../core/error.ts";
import { Condition } from "../../lib/condition.ts";
import { Linger } from "./linger.ts";

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
  /** Whether somebody waits for what waits. */
  readonly isAwaited: () => boolean;
  /** Bytes that wait. */
  readonly waiting: () => number;
  /** Whether so much waits that a commit holds no more. */
  readonly isFull: () => boolean;
  /** The longest that something waits when nobody waits for it. */
  readonly intervalMs: number;
  readonly clock: Clock;
}

/**
 * One commit at a time is written; what comes meanwhile goes into the next, all at once: the slower the disk, the larger
 * they are. Where a whole one waits, it is prepared while the one before is written. What nobody waits for is written every
 * `intervalMs`; what somebody waits for at once, or soon where that makes one commit of many (see linger.ts).
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #hurry = new Condition();
  readonly #filled = new Condition();
  readonly #done = new Condition();
  #running: Promise<void> | undefined;
  readonly #gathering = new Linger();
  #isClosing = false;
  #hasMore = false;
  /** What waits is to be written now. */
  #isHurried = false;
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
    if (this.#options.isAwaited() || this.#options.isFull()) this.#hurry.wake();
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

  /**
   * Resolves once one more commit is over, which takes all that was noted or taken out before; of rows that wait a commit
   * takes no more than it holds. @throws {SpoolFullError} when the spool is closed before @throws the signal's reason
   */
  async flush(signal?: AbortSignal): Promise<void> {
    const target = this.#begun + 1;
    while (this.#over < target) {
      if (this.#isClosing) throw new SpoolFullError("spool_closed", "The connector stops: this was not written");
      this.#isHurried = true;
      this.wake();
      this.#hurry.wake();
      this.#filled.wake();
      await this.settled(signal);
    }
  }

  /** Writes what is left, and ends. `last` is called when only what it notes itself is still to be written. */
  async close(last: () => void = () => {}): Promise<void> {
    this.#isClosing = this.#isHurried = true;
    this.#hurry.wake();
    this.#filled.wake();
    await this.#running;
    last();
    await this.#begin()?.written;
    this.#done.wake();
  }

  async #run(): Promise<void> {
    while (true) {
      if (!this.#hasMore) await this.#writing;
      if (!this.#hasMore) break;
      await this.#gather();
      this.#hasMore = false;
      this.#isHurried = this.#isClosing;
      const before = this.#writing;
      const begun = this.#begin();
      if (!begun) continue;
      this.#hasMore = true;
      await begun.sealed;
      await before; // this one is being written from now on
      if (!this.#options.isFull()) await woken(this.#filled, begun.written);
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

  /** Waits as long as more may come into the same commit. */
  async #gather(): Promise<void> {
    const { isAwaited, isFull, waiting, intervalMs } = this.#options;
    const isDue = () => this.#isHurried || isFull();
    if (isDue()) return;
    if (!isAwaited()) await this.#pause(intervalMs, this.#hurry);
    const ms = this.#gathering.next();
    if (ms === 0 || isDue() || !isAwaited()) return;
    const start = waiting();
    await this.#pause(ms / 2, this.#filled);
    const middle = waiting();
    if (middle > start && !isDue()) await this.#pause(ms / 2, this.#filled);
    this.#gathering.learn(ms, middle - start, waiting() - middle);
  }

  async #pause(ms: number, until: Condition): Promise<void> {
    const over = new AbortController();
    await woken(until, this.#options.clock.sleep(ms, over.signal).catch(() => {/* woken before */}));
    over.abort();
  }
}

/** Resolves at the condition's next wake or with `promise`, and leaves nobody waiting. */
async function woken(condition: Condition, promise: Promise<void>): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, condition.isWoken(over.signal)]);
  over.abort();
}
