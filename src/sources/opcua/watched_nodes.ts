import type { SourceEvent } from "../../core/source.ts";
import { batchesOf } from "./batches.ts";
import type { DataTypes } from "./data_types.ts";
import type { DecodedValue } from "./decode.ts";
import { type Item, ItemList } from "./item_list.ts";
import { type Resolution, resolveNodes, type ResolveOptions, type Target } from "./node_resolution.ts";
import type { BrowsePathSettings, NodeSettings } from "./node_settings.ts";
import type { OpcuaTag } from "./reading.ts";
import { enumerationText } from "./structure.ts";
import { TagFailures } from "./tag_failures.ts";

/** How values of nodes are had: by monitored items, or by reading them again and again. */
export interface Watcher {
  /** Why each item gives no values; undefined where it does. @throws what the library throws when a call fails as a whole */
  watch(items: readonly Item[]): Promise<readonly (string | undefined)[]>;
  /** Also of items that are not watched. */
  unwatch(items: readonly Item[]): Promise<void>;
}

export interface WatchedNodesOptions extends ResolveOptions {
  readonly watcher: Watcher;
  readonly types: Pick<DataTypes, "learn">;
  report(event: SourceEvent): void;
  /** Nothing is an item of this handle any more. */
  forget(handle: number): void;
}

/** The node is not there any more: it gives no value, also when it comes back. */
const GONE = new Set(["BadNodeIdUnknown", "BadNodeIdInvalid", "BadAttributeIdInvalid"]);

/**
 * The nodes that are watched, and those that should be and cannot yet. One that fails does not stop the others. What a
 * call was to do that fails as a whole, because the connection breaks, is done by the next `retry`.
 */
export class WatchedNodes {
  readonly #options: WatchedNodesOptions;
  readonly #items = new ItemList();
  /** Names of the numbers of those whose type is an enumeration, by handle. */
  readonly #enumerations = new Map<number, ReadonlyMap<number, string>>();
  /** Handles of items of which the server has not said that it watches them. */
  readonly #unwatched = new Set<number>();
  /** Handles whose node went away. */
  readonly #gone = new Set<number>();
  /** Entries that name nothing. */
  readonly #missing = new Set<NodeSettings>();
  readonly #failures: TagFailures;
  /** What is done now: one thing after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: WatchedNodesOptions) {
    this.#options = options;
    this.#failures = new TagFailures(options.report);
  }

  get hasFailed(): boolean {
    return this.#unwatched.size + this.#missing.size + this.#gone.size > 0;
  }

  /** How often a tag failed that had not failed before. */
  get failures(): number {
    return this.#failures.count;
  }

  tag(handle: number): OpcuaTag | undefined {
    return this.#items.get(handle)?.tag;
  }

  /** The value with the name that its number has, where the node's type is an enumeration. */
  named(handle: number, value: DecodedValue): DecodedValue {
    const names = this.#enumerations.get(handle);
    return names && value.number !== undefined ? { ...value, text: enumerationText(value.number, names) } : value;
  }

  /** To be called for each value that comes: it tells whether the node is there. @returns whether it is worth a row */
  heard(handle: number, { statusCode, status }: DecodedValue): boolean {
    if (statusCode === 0 && this.#failures.isEmpty) return true; // nearly always
    const item = this.#items.get(handle);
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
  add(entries: readonly NodeSettings[]): Promise<void> {
    for (const entry of entries) this.#missing.add(entry);
    return this.#inTurn(() => this.#find());
  }

  /**
   * Looks through paths again, watches what is new there, and leaves what is there no more.
   * @throws what the library throws when a call as a whole fails
   */
  lookAgain(entries: readonly BrowsePathSettings[]): Promise<void> {
    return this.#inTurn(async () => {
      const resolution = await this.#resolve(entries.filter((entry) => !this.#missing.has(entry)));
      await this.#leave(resolution);
      await this.#watch(this.#items.add(resolution.targets));
    });
  }

  /** Tries again what failed. @throws what the library throws when a call as a whole fails */
  retry(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#release();
      await this.#renew();
      await this.#find();
    });
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#work.then(task);
    this.#work = done.catch(() => {}); // whoever asked for it is told
    return done;
  }

  async #find(): Promise<void> {
    if (this.#missing.size === 0) return;
    const entries = [...this.#missing];
    const { targets, unresolved } = await this.#resolve(entries);
    const failed = new Set(unresolved.map(({ entry }) => entry));
    // What was found in part is not looked for again.
    for (const { settings } of targets) failed.delete(settings);
    const items = this.#items.add(targets);
    for (const entry of entries) if (!failed.has(entry)) this.#missing.delete(entry);
    await this.#watch(items);
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

  /** Gives up the items whose node went away, and puts these among those that are not watched. */
  async #release(): Promise<void> {
    const gone = [...this.#gone].flatMap((handle) => this.#items.get(handle) ?? []);
    if (gone.length > 0) await this.#options.watcher.unwatch(gone);
    for (const { handle } of gone) {
      this.#gone.delete(handle);
      this.#unwatched.add(handle);
    }
  }

  /** Looks for the nodes of items that are not watched, as far as they are there: they may have another id than before. */
  async #renew(): Promise<void> {
    const items = [...this.#unwatched].flatMap((handle) => this.#items.get(handle) ?? []);
    if (items.length === 0) return;
    const { targets } = await this.#resolve([...new Set(items.map(({ settings }) => settings))]);
    const found = byName(targets);
    const back = items.flatMap((item) => {
      const target = found.get(item.settings)?.get(item.tag.name);
      return target ? [{ item, target }] : [];
    });
    await this.#options.watcher.unwatch(back.map(({ item }) => item));
    await this.#watch(back.map(({ item, target }) => {
      this.#forget(item);
      return this.#items.replace(item, target);
    }));
  }

  /** Leaves the items that their paths no longer lead to. */
  async #leave({ targets, browsed }: Resolution): Promise<void> {
    const found = byName(targets);
    const left = [...this.#items.all()].filter((item) => {
      const extent = browsed.get(item.settings);
      const target = found.get(item.settings)?.get(item.tag.name);
      if (!extent || target?.nodeId.toString() === item.nodeId.toString()) return false;
      // Beyond `max_nodes` nothing is known: what gives values there stays.
      return extent === "whole" || target !== undefined || this.#givesNothing(item);
    });
    if (left.length === 0) return;
    await this.#options.watcher.unwatch(left);
    for (const item of left) {
      this.#forget(item);
      this.#items.remove(item);
      this.#failures.leave(item.tag.name);
    }
  }

  #givesNothing({ handle }: Item): boolean {
    return this.#unwatched.has(handle) || this.#gone.has(handle);
  }

  #forget({ handle }: Item): void {
    this.#unwatched.delete(handle);
    this.#gone.delete(handle);
    this.#enumerations.delete(handle);
    this.#options.forget(handle);
  }

  /** A node that failed has recovered when its first value comes: some servers watch what they do not have. */
  async #watch(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    const { limits, types, watcher } = this.#options;
    for (const { handle } of items) this.#unwatched.add(handle);
    const names = await types.learn(items.map(({ nodeId }) => nodeId));
    for (const [i, { handle }] of items.entries()) {
      const own = names[i];
      if (own) this.#enumerations.set(handle, own);
    }
    for (const some of batchesOf(items, limits.monitoredItems)) this.#settle(some, await watcher.watch(some));
  }

  #settle(items: readonly Item[], reasons: readonly (string | undefined)[]): void {
    for (const [i, { handle, tag }] of items.entries()) {
      const reason = reasons[i];
      if (reason === undefined) this.#unwatched.delete(handle);
      else this.#failures.fail(tag.name, reason);
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
