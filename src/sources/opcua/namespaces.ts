import type { Logger } from "../../core/logger.ts";
import { parseBrowsePath } from "./browse_path.ts";
import type { NamespaceMemory } from "./namespace_memory.ts";
import type { NodeSettings } from "./node_settings.ts";

/**
 * Which URI each namespace index stood for when it was first seen. A server may number its namespaces anew (OPC UA Part 3,
 * 8.2.2), and `ns=2;s=v0` then names another variable, or none.
 */
export class Namespaces {
  readonly #memory: NamespaceMemory | undefined;
  readonly #first = new Map<number, string>();
  #isRecalled = false;
  /** What an index was last said to be now. */
  readonly #told = new Map<number, string>();

  constructor(memory?: NamespaceMemory) {
    this.#memory = memory;
  }

  /** Takes note of the server's NamespaceArray. */
  see(uris: readonly string[]): void {
    const own = uris[1] ?? "";
    if (!this.#isRecalled) this.#recall(own);
    const known = this.#first.size;
    for (const [index, uri] of uris.entries()) {
      const first = this.#first.get(index);
      if (first === undefined) this.#first.set(index, uri);
      else if (first === uri) this.#told.delete(index);
    }
    if (this.#first.size > known) this.#memory?.keep(own, this.#first);
  }

  #recall(own: string): void {
    this.#isRecalled = true;
    for (const [index, uri] of this.#memory?.recall(own) ?? []) this.#first.set(index, uri);
  }

  /**
   * Why `entry` names another node than it did at first, if its indexes have another URI in `uris`. The first entry of
   * each such index is told to `log`.
   */
  moved(entry: NodeSettings, uris: readonly string[], log: Logger): string | undefined {
    const index = indexesOf(entry).find((each) => this.#first.has(each) && this.#first.get(each) !== uris[each]);
    if (index === undefined) return undefined;
    const was = this.#first.get(index) ?? "";
    const now = uris[index];
    const sentence = `ns=${index} was ${was} and is now ${now ?? "gone"}`;
    if (now !== undefined && this.#told.get(index) !== now) {
      this.#told.set(index, now);
      log.log("error", `${sentence}: write ${advice(entry, was)}`, { index, was, now });
    }
    return sentence;
  }
}

/** Indexes that an entry is written with, 0 left out: that one is the standard's own and never moves. */
function indexesOf(entry: NodeSettings): readonly number[] {
  const all = "node_id" in entry
    ? [Number(entry.node_id.match(/^ns=(\d+);/)?.[1] ?? 0)]
    : parseBrowsePath(entry.browse_path).map(({ namespace }) => namespace);
  return all.filter((index) => index > 0);
}

function advice(entry: NodeSettings, uri: string): string {
  const written = `nsu=${uri.replaceAll("%", "%25").replaceAll(";", "%3B")};`;
  if ("node_id" in entry) return entry.node_id.replace(/^ns=\d+;/, () => written);
  return `node ids that begin with ${written} in place of the path ${entry.browse_path}, or its new index`;
}
