import { createHash } from "node:crypto";
import { z } from "zod";
import { MarkedMemory } from "../../core/marked_memory.ts";
import type { SourceMemory } from "../../core/source_memory.ts";
import type { NodeSettings } from "./node_settings.ts";

const KEY = "namespaces";

const kept = z.array(z.tuple([z.number().int().min(1), z.string()]));

/** What namespaces were learned of: another server, or another list of nodes, is not taken for it. */
export interface LearnedOf {
  readonly endpoint: string;
  readonly nodes: readonly NodeSettings[];
}

/** Keeps over restarts which URI each namespace index stood for at first. */
export class NamespaceMemory {
  readonly #memory: MarkedMemory;
  readonly #of: LearnedOf;

  constructor(memory: SourceMemory | undefined, of: LearnedOf) {
    this.#memory = new MarkedMemory(memory, KEY);
    this.#of = of;
  }

  /** What was kept of the server whose own namespace, the one with index 1, is `own`. */
  recall(own: string): ReadonlyMap<number, string> {
    return new Map(kept.safeParse(this.#memory.recall(this.#mark(own))).data ?? []);
  }

  keep(own: string, first: ReadonlyMap<number, string>): void {
    this.#memory.keep(this.#mark(own), [...first].filter(([index]) => index > 0));
  }

  /** Whoever changed what is read has looked at the server as it is now. */
  #mark(own: string): string {
    const { endpoint, nodes } = this.#of;
    const written = nodes.map((node) => "node_id" in node ? node.node_id : node.browse_path);
    return createHash("sha256").update(JSON.stringify([endpoint, own, written])).digest("hex");
  }
}
