import { ProtoWriter } from "../../../lib/proto_writer.ts";

/** Requests a second to all nodes together: each birth may be large. */
const MAX_PER_SECOND = 10;

export interface RebirthOptions {
  /** Between two requests to the same node. */
  readonly intervalMs: number;
  /** Nodes that are remembered. */
  readonly maxNodes: number;
  monotonicMs(): number;
}

/** Decides whether a node may be asked now. One that may not is asked when its next message shows that it still must. */
export class RebirthRequests {
  readonly #options: RebirthOptions;
  readonly #askedAt = new Map<string, number>();
  #second = { startMs: 0, count: 0 };

  constructor(options: RebirthOptions) {
    this.#options = options;
  }

  mayAsk(node: string): boolean {
    const nowMs = this.#options.monotonicMs();
    const lastMs = this.#askedAt.get(node);
    if (lastMs !== undefined && nowMs - lastMs < this.#options.intervalMs) return false;
    if (nowMs - this.#second.startMs >= 1000) this.#second = { startMs: nowMs, count: 0 };
    if (this.#second.count >= MAX_PER_SECOND) return false;
    this.#second.count++;
    this.#remember(node, nowMs);
    return true;
  }

  /** How long ago the node was asked last; undefined where it was not, or is not remembered. */
  askedMsAgo(node: string): number | undefined {
    const lastMs = this.#askedAt.get(node);
    return lastMs === undefined ? undefined : this.#options.monotonicMs() - lastMs;
  }

  #remember(node: string, nowMs: number): void {
    this.#askedAt.delete(node); // behind all others
    const [oldest] = this.#askedAt.keys();
    if (this.#askedAt.size >= this.#options.maxNodes && oldest !== undefined) this.#askedAt.delete(oldest);
    this.#askedAt.set(node, nowMs);
  }
}

/** The payload that asks for births: `Node Control/Rebirth` is true (Sparkplug 3.0, 6.4.23). */
export function rebirthPayload(timestampMs: number): Uint8Array {
  const metric = new ProtoWriter(256);
  metric.string((1 << 3) | 2, "Node Control/Rebirth");
  metric.int64(3 << 3, timestampMs);
  metric.int32(4 << 3, 11); // Boolean
  metric.bool(14 << 3, true);
  const payload = new ProtoWriter(256);
  payload.int64(1 << 3, timestampMs);
  payload.bytes((2 << 3) | 2, metric.finish());
  return payload.finish();
}
