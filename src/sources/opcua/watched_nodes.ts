import type { SourceEvent } from "../../core/source.ts";
import type { DataTypes } from "./data_types.ts";
import type { DecodedValue } from "./decode.ts";
import { type Resolution, resolveNodes, type ResolveOptions, type Target } from "./node_resolution.ts";
import type { BrowsePathSettings, NodeSettings } from "./node_settings.ts";
import type { OpcuaTag } from "./reading.ts";
import { enumerationText } from "./structure.ts";
import { TagFailures } from "./tag_failures.ts";

/** A target with the number by which its values are named: its place in the list. */
export interface Item extends Target {
  readonly handle: number;
}

/** How values of nodes are had: by monitored items, or by reading them again and again. */
export interface Watcher {
  /** Why each item gives no values; undefined where it does. @throws what the library throws when a call fails as a whole */
  watch(items: readonly Item[]): Promise<readonly (string | undefined)[]>;
  unwatch(items: readonly Item[]): Promise<void>;
}

export interface WatchedNodesOptions extends ResolveOptions {
  readonly watcher: Watcher;
  readonly types: Pick<DataTypes, "learn" | "namesOf">;
  report(event: SourceEvent): void;
}

/** The node is not there any more: it gives no value, also when it comes back. */
const GONE = new Set(["BadNodeIdUnknown", "BadNodeIdInvalid", "BadAttributeIdInvalid"]);

/** The nodes that are watched, and those that should be and cannot yet. One that fails does not stop the others. */
export class WatchedNodes {
  readonly #options: WatchedNodesOptions;
  readonly #items: Item[] = [];
  /** Names of the items' tags: entries may find the same variable. */
  readonly #names = new Set<string>();
  readonly #watched = new Set<number>();
  /** Names of the numbers of those whose type is an enumeration, by handle. */
  readonly #enumerations = new Map<number, ReadonlyMap<number, string>>();
  /** Handles whose node went away. */
  readonly #gone = new Set<number>();
  readonly #failures: TagFailures;
  #failedItems: Item[] = [];
  #failedEntries: NodeSettings[] = [];

  constructor(options: WatchedNodesOptions) {
    this.#options = options;
    this.#failures = new TagFailures(options.report);
  }

  get hasFailed(): boolean {
    return this.#failedItems.length + this.#failedEntries.length + this.#gone.size > 0;
  }

  /** How often a tag failed that had not failed before. */
  get failures(): number {
    return this.#failures.count;
  }

  tag(handle: number): OpcuaTag | undefined {
    return this.#items[handle]?.tag;
  }

  /** The value with the name that its number has, where the node's type is an enumeration. */
  named(handle: number, value: DecodedValue): DecodedValue {
    const names = this.#enumerations.get(handle);
    return names && value.number !== undefined ? { ...value, text: enumerationText(value.number, names) } : value;
  }

  /** To be called for each value that comes: it tells whether the node is there. @returns whether it is worth a row */
  heard(handle: number, { statusCode, status }: DecodedValue): boolean {
    if (statusCode === 0 && this.#failures.isEmpty) return true; // nearly always
    const item = this.#items[handle];
    if (!item) return false;
    if (GONE.has(status)) {
      this.#gone.add(handle);
      // That a node is still away is not news.
      return this.#failures.fail(item.tag.name, `the server no longer has ${item.tag.nodeId} (${status})`);
    }
    this.#gone.delete(handle);
    this.#failures.recover(item.tag.name);
    return true;
  }

  /** Watches what `entries` name. @throws what the library throws when a call as a whole fails */
  async add(entries: readonly NodeSettings[]): Promise<void> {
    const { targets, unresolved } = await this.#resolve(entries);
    const found = new Set(targets.map(({ settings }) => settings));
    // What was found in part is not looked for again: it would be watched twice.
    for (const { entry } of unresolved) if (!found.has(entry)) this.#failedEntries.push(entry);
    await this.#watch(this.#enlist(targets));
  }

  /** Looks through paths again, and watches what is new there. @throws what the library throws when a call as a whole fails */
  async lookAgain(entries: readonly BrowsePathSettings[]): Promise<void> {
    const missing = new Set(this.#failedEntries);
    const { targets } = await resolveNodes(entries.filter((entry) => !missing.has(entry)), this.#options);
    await this.#watch(this.#enlist(targets));
  }

  /** Tries again what failed. @throws what the library throws when a call as a whole fails */
  async retry(): Promise<void> {
    await this.#release();
    const items = this.#failedItems;
    const entries = this.#failedEntries;
    this.#failedItems = [];
    this.#failedEntries = [];
    await this.#watch(await this.#renew(items));
    if (entries.length > 0) await this.add(entries);
  }

  async #learnTypes(items: readonly Item[]): Promise<void> {
    const { types } = this.#options;
    await types.learn(items.map(({ nodeId }) => nodeId));
    for (const { handle, nodeId } of items) {
      const names = types.namesOf(nodeId);
      if (names) this.#enumerations.set(handle, names);
    }
  }

  /** Items for the targets that are new. */
  #enlist(targets: readonly Target[]): readonly Item[] {
    const items: Item[] = [];
    for (const target of targets) {
      if (this.#names.has(target.tag.name)) continue;
      this.#names.add(target.tag.name);
      const item = { ...target, handle: this.#items.length };
      this.#items.push(item);
      items.push(item);
    }
    return items;
  }

  async #resolve(entries: readonly NodeSettings[]): Promise<Resolution> {
    const resolution = await resolveNodes(entries, this.#options);
    const failed = new Set(resolution.unresolved.map(({ entry }) => entry));
    for (const { tag, reason } of resolution.unresolved) this.#failures.fail(tag, reason);
    for (const entry of entries) {
      if ("browse_path" in entry && !failed.has(entry)) this.#failures.recover(entry.browse_path);
    }
    return resolution;
  }

  /** Gives up the items whose node went away, and puts these among those that failed. */
  async #release(): Promise<void> {
    const gone = [...this.#gone].flatMap((handle) => this.#watched.has(handle) ? this.#items[handle] ?? [] : []);
    this.#gone.clear();
    for (const item of gone) {
      this.#watched.delete(item.handle);
      this.#failedItems.push(item);
    }
    if (gone.length > 0) await this.#options.watcher.unwatch(gone);
  }

  /** Items with their node ids resolved anew, as far as they can be: what went away may come back under another id. */
  async #renew(items: readonly Item[]): Promise<readonly Item[]> {
    if (items.length === 0) return items;
    const { targets } = await this.#resolve([...new Set(items.map(({ settings }) => settings))]);
    const found = byName(targets);
    return items.flatMap((item) => {
      const target = found.get(item.settings)?.get(item.tag.name);
      if (!target) this.#failedItems.push(item);
      return target ? [this.#items[item.handle] = { ...target, handle: item.handle }] : [];
    });
  }

  /** A node that failed has recovered when its first value comes: some servers watch what they do not have. */
  async #watch(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    await this.#learnTypes(items);
    const reasons = await this.#options.watcher.watch(items);
    for (const [i, item] of items.entries()) {
      const reason = reasons[i];
      if (reason === undefined) {
        this.#watched.add(item.handle);
        continue;
      }
      this.#failedItems.push(item);
      this.#failures.fail(item.tag.name, reason);
    }
  }
}

/** Targets by their entry and by their tag's name. */
function byName(targets: readonly Target[]): ReadonlyMap<NodeSettings, ReadonlyMap<string, Target>> {
  const byEntry = Map.groupBy(targets, ({ settings }) => settings);
  return new Map(
    [...byEntry].map(([entry, some]) => [entry, new Map(some.map((target) => [target.tag.name, target]))]),
  );
}
