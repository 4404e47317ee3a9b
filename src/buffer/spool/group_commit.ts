import type { Clock } from "../../core/clock.ts";
import { SpoolFullError } from "../../core/error.ts";
import { Condition } from "../../lib/condition.ts";

export interface GroupCommitOptions {
  /** Writes what waits. Says whether there was anything. Never throws. */
  readonly commit: () => Promise<boolean>;
  /** Whether something waits that somebody waits for. */
  readonly isUrgent: () => boolean;
  /** The longest that something waits when nobody waits for it. */
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** One commit at a time; what comes while one runs goes into the next, all at once. The slower the disk, the larger they are. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #hurry = new Condition();
  readonly #done = new Condition();
  #running: Promise<void> | undefined;
  #isClosing = false;
  #hasMore = false;
  /** Commits that were begun, and that are over. */
  #begun = 0;
  #over = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** There is something to write: at once where it is urgent, soon otherwise. */
  wake(): void {
    this.#hasMore = true;
    if (this.#options.isUrgent()) this.#hurry.wake();
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

  /** Writes what is left, and ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry.wake();
    await this.#running;
    await this.#options.commit();
    this.#done.wake();
  }

  async #run(): Promise<void> {
    while (this.#hasMore) {
      if (!this.#options.isUrgent() && !this.#isClosing) await this.#linger();
      this.#hasMore = false;
      this.#begun++;
      if (await this.#options.commit()) this.#hasMore = true;
      this.#over++;
      this.#done.wake();
    }
    this.#running = undefined;
  }

  async #linger(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    const over = new AbortController();
    const lingered = clock.sleep(intervalMs, over.signal).catch(() => {/* it became urgent */});
    await Promise.race([lingered, this.#hurry.wait()]);
    over.abort();
  }
}
