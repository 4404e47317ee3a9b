import type { DeliveryStatus } from "../core/alert.ts";
import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/error.ts";
import type { Logger } from "../core/logger.ts";
import { Backoff } from "../lib/backoff.ts";
import { Condition } from "../lib/condition.ts";
import type { Destination, Notice } from "./notice.ts";

/** Notices that wait for one destination; of those that are not being sent the oldest makes way. */
const MAX_WAITING = 100;
/** Tries of one notice: with the waits between them some four hours. */
const MAX_TRIES = 30;
const BACKOFF = { initialMs: 2000, maxMs: 900_000, multiplier: 2 };

export interface OutboxOptions {
  readonly destination: Destination;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** Tells one destination, in order, again and again where that fails; what is too much is let go, and counted. */
export class Outbox implements AsyncDisposable {
  readonly #options: OutboxOptions;
  readonly #waiting: Notice[] = [];
  readonly #news = new Condition();
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #delivered = 0;
  #lost = 0;
  #lastError: DeliveryStatus["lastError"] = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#running = this.#run(this.#end.signal);
  }

  get status(): DeliveryStatus {
    const { name, type } = this.#options.destination;
    const [waiting, delivered, lost, lastError] = [this.#waiting.length, this.#delivered, this.#lost, this.#lastError];
    return { name, type, waiting, delivered, lost, lastError };
  }

  put(notice: Notice): void {
    if (this.#waiting.length >= MAX_WAITING) {
      // The first is being sent: it may arrive yet, and is counted by that.
      this.#waiting.splice(1, 1);
      this.#lost++;
    }
    this.#waiting.push(notice);
    this.#news.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [notice] = this.#waiting;
      if (notice) await this.#deliver(notice, signal);
      else await this.#news.isWoken(signal);
    }
  }

  async #deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    const { destination, clock, random } = this.#options;
    const backoff = new Backoff({ ...BACKOFF, random });
    while (!signal.aborted) {
      try {
        await destination.send(notice, signal);
        this.#delivered++;
        this.#lastError = null;
        return this.#remove(notice);
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error, backoff.failures);
        const waitMs = backoff.next();
        if (backoff.failures >= MAX_TRIES) {
          this.#lost++;
          return this.#remove(notice);
        }
        await clock.sleep(waitMs, signal).catch(() => {/* the end */});
      }
    }
  }

  #failed(error: unknown, failures: number): void {
    const { destination: { name }, clock, log } = this.#options;
    const message = reasonOf(error);
    this.#lastError = { message, since: this.#lastError?.since ?? clock.nowUs() };
    if (failures > 0) return; // told once; the page says how it stands
    log.log("warn", `An alert could not be told to ${name}, and is tried again: ${message}`, {
      code: "alert_not_told",
    });
  }

  #remove(notice: Notice): void {
    const at = this.#waiting.indexOf(notice);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}
