import {
  AttributeIds,
  DataChangeFilter,
  DataChangeTrigger,
  DeadbandType,
  type MonitoredItemCreateResult,
  MonitoringMode,
  TimestampsToReturn,
} from "node-opcua-client";
import type { SourceEvent } from "../../core/source.ts";
import type { DecodedValue } from "./decode.ts";
import { saying, statusIn } from "./errors.ts";
import { type Resolution, resolveNodes, type ResolveOptions, type Target } from "./node_resolution.ts";
import type { NodeSettings } from "./node_settings.ts";
import { batchesOf } from "./operation_limits.ts";
import type { OpcuaTag } from "./reading.ts";
import { Revisions } from "./revisions.ts";
import type { OpcuaSettings } from "./settings.ts";
import { TagFailures } from "./tag_failures.ts";

export interface MonitoredItemsOptions extends ResolveOptions {
  readonly subscriptionId: number;
  readonly settings: OpcuaSettings["subscription"];
  report(event: SourceEvent): void;
}

/** A target with the number by which the server names it in notifications: its place in the list. */
interface Item extends Target {
  readonly handle: number;
}

/** The node of a monitored item is not there any more: the item gives no value, also when the node comes back. */
const GONE = new Set(["BadNodeIdUnknown", "BadNodeIdInvalid", "BadAttributeIdInvalid"]);

/** The nodes that a subscription watches, and those that it should and cannot yet. One that fails does not stop the others. */
export class MonitoredItems {
  readonly revisions = new Revisions();
  readonly #options: MonitoredItemsOptions;
  readonly #items: Item[] = [];
  /** Ids that the server gave, by handle. */
  readonly #watched = new Map<number, number>();
  /** Handles whose node went away. */
  readonly #gone = new Set<number>();
  readonly #failures: TagFailures;
  #failedItems: Item[] = [];
  #failedEntries: NodeSettings[] = [];

  constructor(options: MonitoredItemsOptions) {
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

  /** To be called for each value that comes: it tells whether the node is there. */
  heard(handle: number, { statusCode, status }: DecodedValue): void {
    if (statusCode === 0 && this.#failures.isEmpty) return; // nearly always
    const item = this.#items[handle];
    if (!item) return;
    if (GONE.has(status)) {
      this.#gone.add(handle);
      return this.#failures.fail(item.tag.name, `the server no longer has ${item.tag.nodeId} (${status})`);
    }
    this.#gone.delete(handle);
    this.#failures.recover(item.tag.name);
  }

  /** Watches what `entries` name. @throws what the library throws when a call as a whole fails */
  async add(entries: readonly NodeSettings[]): Promise<void> {
    const { targets, unresolved } = await this.#resolve(entries);
    const found = new Set(targets.map(({ settings }) => settings));
    // What was found in part is not looked for again: it would be watched twice.
    this.#failedEntries.push(...unresolved.flatMap(({ entry }) => found.has(entry) ? [] : [entry]));
    const items = targets.map((target, i) => ({ ...target, handle: this.#items.length + i }));
    this.#items.push(...items);
    await this.#create(items);
  }

  /** Tries again what failed. @throws what the library throws when a call as a whole fails */
  async retry(): Promise<void> {
    await this.#release();
    const items = this.#failedItems;
    const entries = this.#failedEntries;
    this.#failedItems = [];
    this.#failedEntries = [];
    await this.#create(await this.#renew(items));
    if (entries.length > 0) await this.add(entries);
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

  /** Lets the server forget the items whose node went away, and puts these among those that failed. */
  async #release(): Promise<void> {
    const { session, subscriptionId, limits } = this.#options;
    const gone = [...this.#gone].filter((handle) => this.#watched.has(handle));
    this.#gone.clear();
    this.#failedItems.push(...gone.flatMap((handle) => this.#items[handle] ?? []));
    const ids = gone.flatMap((handle) => this.#watched.get(handle) ?? []);
    for (const handle of gone) this.#watched.delete(handle);
    for (const monitoredItemIds of batchesOf(ids, limits.monitoredItems)) {
      await session.deleteMonitoredItems({ subscriptionId, monitoredItemIds: [...monitoredItemIds] });
    }
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

  async #create(items: readonly Item[]): Promise<void> {
    for (const some of batchesOf(items, this.#options.limits.monitoredItems)) await this.#createBatch(some);
  }

  async #createBatch(items: readonly Item[]): Promise<void> {
    const { session, subscriptionId, settings } = this.#options;
    try {
      const { results } = await session.createMonitoredItems({
        subscriptionId,
        timestampsToReturn: TimestampsToReturn.Both,
        itemsToCreate: items.map((item) => toRequest(item, settings)),
      });
      for (const [i, item] of items.entries()) this.#settle(item, results?.[i]);
    } catch (error) {
      // A server may take fewer than it states.
      if (statusIn(error) !== "BadTooManyOperations" || items.length === 1) throw error;
      for (const half of batchesOf(items, Math.ceil(items.length / 2))) await this.#createBatch(half);
    }
  }

  /** A node that failed has recovered when its first value comes: some servers watch what they do not have. */
  #settle(item: Item, result: MonitoredItemCreateResult | undefined): void {
    const status = result?.statusCode.name ?? "BadUnexpectedError";
    if (result && status.startsWith("Good")) {
      this.#watched.set(item.handle, result.monitoredItemId);
      this.#noteTerms(item, result);
      return;
    }
    this.#failedItems.push(item);
    this.#failures.fail(item.tag.name, `the server does not watch ${item.tag.nodeId}: ${saying(status)}`);
  }

  #noteTerms({ settings }: Item, given: MonitoredItemCreateResult): void {
    this.revisions.note(
      { samplingMs: settings.sampling_interval_ms, queueSize: this.#options.settings.queue_size },
      { samplingMs: given.revisedSamplingInterval, queueSize: given.revisedQueueSize },
    );
  }
}

/** Targets by their entry and by their tag's name. */
function byName(targets: readonly Target[]): ReadonlyMap<NodeSettings, ReadonlyMap<string, Target>> {
  const byEntry = Map.groupBy(targets, ({ settings }) => settings);
  return new Map(
    [...byEntry].map(([entry, some]) => [entry, new Map(some.map((target) => [target.tag.name, target]))]),
  );
}

function toRequest({ nodeId, handle, settings: node }: Item, subscription: OpcuaSettings["subscription"]) {
  return {
    itemToMonitor: { nodeId, attributeId: AttributeIds.Value },
    monitoringMode: MonitoringMode.Reporting,
    requestedParameters: {
      clientHandle: handle,
      samplingInterval: node.sampling_interval_ms,
      queueSize: subscription.queue_size,
      discardOldest: subscription.discard_oldest,
      filter: node.deadband && new DataChangeFilter({
        trigger: DataChangeTrigger.StatusValue,
        deadbandType: DeadbandType.Absolute,
        deadbandValue: node.deadband.value,
      }),
    },
  };
}
