/**
 * Changes of how pages and API are reached: whoever makes one may lose the way by which it could be made good. So it has to
 * be proved by an administrator who is answered on the new way, and is taken back by itself otherwise.
 */
import { isSame, type LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError } from "../core/error.ts";

/** Keys of `gui` by which pages and API are reached. */
const REACH = ["bind", "port", "tls", "plain_http", "allowed_hosts", "trusted_proxies"] as const;
const PROOF_MS = 60_000;

/** What a change of the way to the pages asks of who makes it. */
export interface Confirmation {
  /** How long there is, counted from when what is new has started. */
  readonly withinSeconds: number;
  /** Where the pages are then; in place of an address that stands for all of the host's, `*`. */
  readonly address: string;
}

/** Keys of `gui` that differ. */
export function reachChanges({ config: { gui: before } }: LoadedConfig, { config: { gui } }: LoadedConfig): string[] {
  return REACH.filter((key) => !isSame(before[key], gui[key])).map((key) => `gui.${key}`);
}

/** Waits for proofs, one at a time. */
export class ReachProof {
  readonly #clock: Clock;
  readonly #withinMs: number;
  readonly #over = new AbortController();
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(clock: Clock, withinMs = PROOF_MS) {
    this.#clock = clock;
    this.#withinMs = withinMs;
  }

  /** What a change has to be proved by; undefined for one that leaves the way as it is, and where there are no pages yet. */
  neededFor(before: LoadedConfig, next: LoadedConfig): Confirmation | undefined {
    if (!before.config.gui.enabled || reachChanges(before, next).length === 0) return undefined;
    return { withinSeconds: this.#withinMs / 1000, address: addressOf(next) };
  }

  /** A sentence for each key by which whoever makes the change may lose the way to the pages. */
  warnings(before: LoadedConfig, next: LoadedConfig): string[] {
    const needed = this.neededFor(before, next);
    if (!needed) return [];
    return reachChanges(before, next).map((key) =>
      `${key} changes: pages and API may not be reached any more in the way that you reach them now. Log in at ` +
      `${needed.address} within ${needed.withinSeconds} s after the change has started, or send a request with an ` +
      "administrator's token there: else the change is taken back by itself"
    );
  }

  /** An administrator was answered. */
  noteReached(): void {
    this.#waiting?.resolve();
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#over.abort();
  }

  /** The connector ends, or has ended: nothing can be taken back by starting it again. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** @throws {ConfigError} `change_not_confirmed` where nobody comes */
  async await({ address, withinSeconds }: Confirmation): Promise<void> {
    this.#waiting = Promise.withResolvers();
    const late = new AbortController();
    const signal = AbortSignal.any([late.signal, this.#over.signal]);
    const end = this.#clock.sleep(this.#withinMs, signal).then(() => "late", () => "over");
    const how = await Promise.race([this.#waiting.promise.then(() => "proved"), end]);
    late.abort();
    this.#waiting = undefined;
    if (how === "proved") return;
    const why = how === "late" ? `within ${withinSeconds} s` : "before the connector ended";
    const message =
      `The way to the pages was not confirmed: no administrator was answered at ${address} ${why}. Make the ` +
      "change again, and log in there in time; or write it into the YAML, which needs no confirmation";
    throw new ConfigError("change_not_confirmed", message);
  }
}

function addressOf({ config: { gui: { bind, port, tls } } }: LoadedConfig): string {
  const host = ["0.0.0.0", "::"].includes(bind) ? "*" : bind.includes(":") ? `[${bind}]` : bind;
  return `${tls.enabled ? "https" : "http"}://${host}:${port}/`;
}
