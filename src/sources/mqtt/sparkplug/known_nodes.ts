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
  #births = 0;
  #metrics = 0;

  constructor(limits: KnownLimits) {
    this.#limits = limits;
  }

  /** Metrics of all births that are kept. */
  get metrics(): number {
    return this.#metrics;
  }

  get(key: string): KnownNode | undefined {
    return this.#nodes.get(key);
  }

  /** The node, known from now on. */
  open(key: string): KnownNode {
    let node = this.#nodes.get(key);
    if (!node) {
      node = { bdSeq: undefined, nextSeq: undefined, own: undefined, devices: new Map() };
      this.#nodes.set(key, node);
    }
    return node;
  }

  /** Keeps the birth of the node itself. False where there is no room: then none of it is known. */
  bear(node: KnownNode, born: Born): boolean {
    const isKept = this.#replace(node.own, born);
    node.own = isKept ? born : undefined;
    return isKept;
  }

  /** The same of a device. */
  bearDevice(node: KnownNode, device: string, born: Born): boolean {
    const isKept = this.#replace(node.devices.get(device), born);
    if (isKept) node.devices.set(device, born);
    else node.devices.delete(device);
    return isKept;
  }

  forgetDevice(node: KnownNode, device: string): void {
    this.#replace(node.devices.get(device), undefined);
    node.devices.delete(device);
  }

  forgetDevices(node: KnownNode): void {
    for (const device of node.devices.keys()) this.forgetDevice(node, device);
  }

  forget(key: string): void {
    const node = this.#nodes.get(key);
    if (!node) return;
    this.#replace(node.own, undefined);
    this.forgetDevices(node);
    this.#nodes.delete(key);
  }

  /** Forgets the node where nothing of it is known. */
  forgetIfEmpty(key: string): void {
    const node = this.#nodes.get(key);
    if (node && !node.own && node.devices.size === 0) this.#nodes.delete(key);
  }

  #replace(before: Born | undefined, after: Born | undefined): boolean {
    if (before) this.#births--;
    this.#metrics -= before?.metrics.size ?? 0;
    if (!after) return true;
    const { maxNodes, maxMetrics } = this.#limits;
    if (this.#births >= maxNodes || this.#metrics + after.metrics.size > maxMetrics) return false;
    this.#births++;
    this.#metrics += after.metrics.size;
    return true;
  }
}

/** Messages were missed: what names the aliases of `node` have now is not sure. */
export function doubt(node: KnownNode): void {
  if (node.own) node.own.isConfirmed = false;
  for (const device of node.devices.values()) device.isConfirmed = false;
}
