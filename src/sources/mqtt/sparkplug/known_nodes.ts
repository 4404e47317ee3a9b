import { KnownMetrics } from "./known_metrics.ts";

/** What is known of a node itself, or of one of its devices, since its birth. */
export interface Born {
  metrics: KnownMetrics;
  /**
   * False when messages were missed since: a birth may have been among them, and have given the aliases to other
   * metrics.
   */
  isConfirmed: boolean;
}

/** An edge node as its messages so far tell. */
export interface KnownNode {
  /** Of the newest NBIRTH: which of the node's sessions it belongs to. */
  bdSeq: number | undefined;
  /** The sequence number of its next message; undefined where none came yet. */
  nextSeq: number | undefined;
  /** Undefined before its NBIRTH. */
  own: Born | undefined;
  readonly devices: Map<string, Born>;
}

export interface KnownLimits {
  /** Edge nodes and devices together. */
  readonly maxNodes: number;
  /** Of all of them together. */
  readonly maxMetrics: number;
}

/**
 * The nodes that are alive, with the metrics of their births. It outlives a session with the broker: nodes are not born
 * anew when we come back. A node that dies is forgotten.
 */
export class KnownNodes {
  readonly #nodes = new Map<string, KnownNode>();
  readonly #limits: KnownLimits;

  constructor(limits: KnownLimits) {
    this.#limits = limits;
  }

  get metrics(): number {
    let count = 0;
    for (const { metrics } of this.#born()) count += metrics.size;
    return count;
  }

  get(key: string): KnownNode | undefined {
    return this.#nodes.get(key);
  }

  /** The node, known from now on. */
  open(key: string): KnownNode {
    let node = this.#nodes.get(key);
    if (!node) {
      this.#nodes.set(key, node = { bdSeq: undefined, nextSeq: undefined, own: undefined, devices: new Map() });
    }
    return node;
  }

  delete(key: string): void {
    this.#nodes.delete(key);
  }

  /** Whether a birth of so many metrics finds room in place of `before`. */
  hasRoomFor(metrics: number, before: Born | undefined): boolean {
    const born = [...this.#born()].length;
    if (!before && born >= this.#limits.maxNodes) return false;
    return this.metrics - (before?.metrics.size ?? 0) + metrics <= this.#limits.maxMetrics;
  }

  *#born(): Generator<Born> {
    for (const { own, devices } of this.#nodes.values()) {
      if (own) yield own;
      yield* devices.values();
    }
  }
}

/** Messages were missed: what names the aliases of `node` have now is not sure. */
export function doubt(node: KnownNode): void {
  if (node.own) node.own.isConfirmed = false;
  for (const device of node.devices.values()) device.isConfirmed = false;
}
