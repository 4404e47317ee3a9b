import { networkOf } from "./network_of.ts";

/** How many failures in a row are let through, and after how long one more is. */
export interface AttemptLimit {
  readonly burst: number;
  readonly everyMs: number;
}

/** From one network: who tries elsewhere does not keep the owner out. */
const PER_ACCOUNT_AND_NETWORK: AttemptLimit = { burst: 5, everyMs: 20_000 };
/** From everywhere: many hosts together get no further than this. */
const PER_ACCOUNT: AttemptLimit = { burst: 50, everyMs: 4000 };
/** Several people may sit behind one address. */
const PER_ADDRESS: AttemptLimit = { burst: 20, everyMs: 5000 };
/** Names and addresses that are remembered. */
const MAX_KEYS = 10_000;

/**
 * Limits how often passwords may be tried, for one account, from one network, and both. Each try is paid in advance, so that
 * many at once are no way around it, and one that succeeds is given back.
 */
export class Attempts {
  readonly #clock: { monotonicMs(): number };
  /** By account, network, or both: when all tries so far are paid for (the generic cell rate algorithm). */
  readonly #paidMs = new Map<string, number>();

  constructor(clock: { monotonicMs(): number }) {
    this.#clock = clock;
  }

  /** Takes one try. Says after how many milliseconds there will be one; 0: it was taken. */
  take(account: string, address: string): number {
    const keys = keysOf(account, address);
    const waitMs = Math.max(...keys.map(([key, limit]) => this.#waitMs(key, limit)));
    if (waitMs > 0) return waitMs;
    for (const [key, { everyMs }] of keys) this.#pay(key, everyMs);
    return 0;
  }

  /** The last try was right: what failed before from this network does not count any more for this account. */
  succeeded(account: string, address: string): void {
    const [[own], ...shared] = keysOf(account, address);
    this.#paidMs.delete(own);
    for (const [key, { everyMs }] of shared) this.#pay(key, -everyMs);
  }

  #waitMs(key: string, { burst, everyMs }: AttemptLimit): number {
    const nowMs = this.#clock.monotonicMs();
    return Math.max(0, (this.#paidMs.get(key) ?? nowMs) - nowMs - (burst - 1) * everyMs);
  }

  #pay(key: string, ms: number): void {
    const nowMs = this.#clock.monotonicMs();
    const paidMs = Math.max(this.#paidMs.get(key) ?? nowMs, nowMs) + ms;
    this.#paidMs.delete(key); // those that were tried last stand last
    this.#paidMs.set(key, paidMs);
    while (this.#paidMs.size > MAX_KEYS) this.#paidMs.delete(this.#paidMs.keys().next().value!);
  }
}

type Key = readonly [string, AttemptLimit];

/** The strictest first. */
function keysOf(account: string, address: string): readonly [Key, ...Key[]] {
  const [name, network] = [account.toLowerCase(), networkOf(address)];
  return [
    [`account ${name} from ${network}`, PER_ACCOUNT_AND_NETWORK],
    [`account ${name}`, PER_ACCOUNT],
    [`network ${network}`, PER_ADDRESS],
  ];
}
