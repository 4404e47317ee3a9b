/**
 * What the service manager is told while the connector runs (sd_notify(3)). Everything rests on progress that was seen: the
 * timer itself shows that the event loop turns, and the spool says how long the disk has owed an answer.
 */
import type { Clock } from "../core/clock.ts";
import type { Notifier } from "./notify.ts";

/** How often it is looked whether there is something to tell. */
const LOOK_MS = 500;
/** How often the manager is told how it goes, where it does not want to hear more often. */
const TELL_MS = 5_000;
/** A start or a stop that makes progress may take a minute more from each of these on. */
const EXTENSION = "EXTEND_TIMEOUT_USEC=60000000";
/** A device that is still being tried holds up the word that the connector has started no longer than this. */
const MAX_STARTING_MS = 60_000;
/** A disk that owes an answer for so long is taken for stuck, and no longer for slow. */
export const STUCK_MS = 60_000;

/** How the connector is now. */
export interface Look {
  /** Every source was tried once, well or not. */
  readonly isReady: boolean;
  /** How long the disk has not answered what is being written to the spool; 0 where nothing is. */
  readonly unansweredMs: number;
  /** One line for people. */
  status(): string;
}

export interface WatchdogOptions {
  /** Closed with the watchdog. */
  readonly notifier: Notifier;
  readonly clock: Clock;
  /** `WATCHDOG_USEC`: how long the manager waits for a sign of life; undefined where it does not. */
  readonly watchdogUs: string | undefined;
  /** Undefined while the connector is between two starts inside the process, and before the first. */
  readonly look: () => Look | undefined;
}

/** Tells the manager, until disposed of, that the connector starts, runs and moves. */
export class Watchdog implements Disposable {
  readonly #options: WatchdogOptions;
  readonly #startedMs: number;
  readonly #periodMs: number;
  readonly #timer: Disposable;
  #phase: "starting" | "running" | "stopping" = "starting";
  #toldMs = -Infinity;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#periodMs = periodMs(options.watchdogUs);
    this.#timer = options.clock.every(Math.min(LOOK_MS, this.#periodMs), () => this.#tick());
  }

  /** The connector was told to stop: from now on the manager hears that, and that it goes on. */
  async stopping(): Promise<void> {
    this.#phase = "stopping";
    await this.#options.notifier.send("STOPPING=1", "STATUS=Stops: sends what is queued", EXTENSION);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#options.notifier[Symbol.dispose]();
  }

  async #tick(): Promise<void> {
    const now = this.#options.look();
    const nowMs = this.#options.clock.monotonicMs();
    const begins = this.#phase === "starting" && now !== undefined && this.#hasStarted(now, nowMs);
    if (begins) this.#phase = "running";
    else if (nowMs - this.#toldMs < this.#periodMs) return;
    if (now && now.unansweredMs > STUCK_MS) return; // silence is the sign that something is wrong
    this.#toldMs = nowMs;
    await this.#options.notifier.send("WATCHDOG=1", ...(begins ? ["READY=1"] : []), ...this.#news(now));
  }

  #news(now: Look | undefined): readonly string[] {
    switch (this.#phase) {
      case "starting":
        return ["STATUS=Starts", EXTENSION];
      case "running":
        return [`STATUS=${now ? now.status() : "Starts anew inside the process"}`];
      case "stopping":
        return [EXTENSION];
    }
  }

  #hasStarted({ isReady }: Look, nowMs: number): boolean {
    return isReady || nowMs - this.#startedMs >= MAX_STARTING_MS;
  }
}

/** A third of what the manager waits: sd_watchdog_enabled(3) wants at most half of it. */
function periodMs(watchdogUs: string | undefined): number {
  const us = Number(watchdogUs);
  return us > 0 ? Math.min(TELL_MS, us / 3000) : TELL_MS;
}
