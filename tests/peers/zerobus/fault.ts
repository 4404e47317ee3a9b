import type { GrpcStatus } from "./status.ts";

/** What may befall a stream. */
export type StreamFault =
  /** The call ends with this status. What was stored and not acknowledged stays so. */
  | { readonly kind: "status"; readonly status: GrpcStatus }
  /** The response ends without trailers; `isReset`: and RST_STREAM with NO_ERROR follows, as RFC 9113, 8.1 allows. */
  | { readonly kind: "end_without_status"; readonly isReset?: boolean }
  /** HTTP/2 RST_STREAM. */
  | { readonly kind: "reset_stream" }
  /** TCP RST, for every stream of the connection. */
  | { readonly kind: "reset_connection" }
  /** HTTP/2 GOAWAY; the connection is closed after `graceMs`, without it at once. */
  | { readonly kind: "goaway"; readonly graceMs?: number }
  /** Nothing is read or said any more, not even to a PING; the connection stays. */
  | { readonly kind: "freeze" }
  /** The end is announced; after `graceMs` the stream ends with UNAVAILABLE, 6002. */
  | { readonly kind: "close_signal"; readonly graceMs: number }
  /** An acknowledgement of this, whatever was stored; undefined leaves the number out. */
  | { readonly kind: "ack"; readonly upTo: number | undefined }
  /** What comes is stored and never acknowledged. */
  | { readonly kind: "lose_acks" };

/** When a fault happens on its own. */
export interface FaultPlan {
  /** At the opening of a stream, in place of the answer to `create_stream`; or at a request with records. */
  readonly on: "open" | "request";
  readonly fault: StreamFault;
  /** Only on streams to this table. */
  readonly table?: string;
  /** How many such moments pass before the first one that counts. Default 0. */
  readonly skip?: number;
  /** How often. Default 1. */
  readonly times?: number;
  /** Whether the request's records are stored before it happens. Default false: they are lost. */
  readonly isStored?: boolean;
}

/** What may befall a question to the workspace: an answer with this HTTP status, or the right one after `delayMs`. */
export type WebFault =
  | { readonly kind: "http"; readonly status: number; readonly body?: unknown; readonly retryAfterSeconds?: number }
  | { readonly kind: "slow"; readonly delayMs: number };

interface Planned {
  readonly plan: FaultPlan;
  toSkip: number;
  left: number;
}

/** Faults that wait for their moment. */
export class FaultSchedule {
  readonly #plans = new Set<Planned>();
  readonly #web = new Map<"token" | "catalog", { fault: WebFault; left: number }[]>();

  add(plan: FaultPlan): void {
    this.#plans.add({ plan, toSkip: plan.skip ?? 0, left: plan.times ?? 1 });
  }

  addWeb(where: "token" | "catalog", fault: WebFault, times: number): void {
    this.#web.set(where, [...this.#web.get(where) ?? [], { fault, left: times }]);
  }

  clear(): void {
    this.#plans.clear();
    this.#web.clear();
  }

  /** The fault due at this moment, which counts as used. */
  take(on: FaultPlan["on"], table: string): FaultPlan | undefined {
    if (this.#plans.size === 0) return undefined;
    for (const planned of this.#plans) {
      const { plan } = planned;
      if (plan.on !== on || (plan.table !== undefined && plan.table !== table)) continue;
      if (planned.toSkip-- > 0) continue;
      if (--planned.left <= 0) this.#plans.delete(planned);
      return plan;
    }
    return undefined;
  }

  takeWeb(where: "token" | "catalog"): WebFault | undefined {
    const waiting = this.#web.get(where) ?? [];
    const first = waiting[0];
    if (first && --first.left <= 0) waiting.shift();
    return first?.fault;
  }
}
