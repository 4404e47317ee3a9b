import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";

/** Between two lines of the log. */
const QUIET_MS = 60_000;

/** How a connection ended that did not prove that it may give commands. */
export type Refusal = "refused" | "evicted";

export interface RefusalsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the counting. */
  readonly signal: AbortSignal;
}

/** Warns of connections that were turned away: of the first at once, and of all that follow once a minute. */
export class Refusals {
  readonly #options: RefusalsOptions;
  #counts: Record<Refusal, number> = { refused: 0, evicted: 0 };
  #isTelling = false;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  note(refusal: Refusal): void {
    if (this.#options.signal.aborted) return;
    this.#counts[refusal]++;
    if (!this.#isTelling) this.#tellUntilQuiet();
  }

  async #tellUntilQuiet(): Promise<void> {
    const { clock, signal } = this.#options;
    this.#isTelling = true;
    while (this.#counts.refused + this.#counts.evicted > 0) {
      this.#tell();
      await clock.sleep(QUIET_MS, signal).catch(() => {/* it closes: `note` counts no more */});
    }
    this.#isTelling = false;
  }

  #tell(): void {
    const { refused, evicted } = this.#counts;
    this.#counts = { refused: 0, evicted: 0 };
    const message = `Connections to the port for commands were turned away: ${refused} did not prove that they know ` +
      `run/cli.token, ${evicted} said nothing and made way for others. A program of this host tries the port`;
    this.#options.log.log("warn", message, { code: "commands_refused", refused, evicted });
  }
}
