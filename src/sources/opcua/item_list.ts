import type { Target } from "./node_resolution.ts";
import type { NodeSettings } from "./node_settings.ts";

/** A target with the number by which its values are named. */
export interface Item extends Target {
  readonly handle: number;
}

/**
 * The items of a session, one for each tag. A handle is given once: what still comes by that of an item which was left, or
 * whose making was never answered, is nobody's.
 */
export class ItemList {
  readonly #byHandle = new Map<number, Item>();
  readonly #byTag = new Map<string, Item>();
  /** Items of each entry. */
  readonly #counts = new Map<NodeSettings, number>();
  #nextHandle = 0;

  get(handle: number): Item | undefined {
    return this.#byHandle.get(handle);
  }

  hasTag(name: string): boolean {
    return this.#byTag.has(name);
  }

  all(): Iterable<Item> {
    return this.#byHandle.values();
  }

  /** Items for the targets that are new: entries may find the same variable, and a path may have `max_nodes` at once. */
  add(targets: readonly Target[]): readonly Item[] {
    return targets.flatMap((target) => {
      const { tag, settings } = target;
      const isFull = "max_nodes" in settings && this.#count(settings) >= settings.max_nodes;
      return isFull || this.#byTag.has(tag.name) ? [] : [this.#put(target)];
    });
  }

  /** The item of the same tag anew. */
  replace(item: Item, target: Target): Item {
    this.remove(item);
    return this.#put(target);
  }

  remove({ handle, tag, settings }: Item): void {
    this.#byHandle.delete(handle);
    this.#byTag.delete(tag.name);
    this.#counts.set(settings, this.#count(settings) - 1);
  }

  #put(target: Target): Item {
    const item = { ...target, handle: this.#nextHandle++ };
    this.#byHandle.set(item.handle, item);
    this.#byTag.set(item.tag.name, item);
    this.#counts.set(item.settings, this.#count(item.settings) + 1);
    return item;
  }

  #count(settings: NodeSettings): number {
    return this.#counts.get(settings) ?? 0;
  }
}
