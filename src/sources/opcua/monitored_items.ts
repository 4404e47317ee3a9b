import {
  AttributeIds,
  DataChangeFilter,
  DataChangeTrigger,
  DeadbandType,
  MonitoringMode,
  TimestampsToReturn,
} from "node-opcua-client";
import type { SourceEvent } from "../../core/source.ts";
import { statusIn } from "./errors.ts";
import { resolveNodes, type Target } from "./node_resolution.ts";
import type { NodeSettings } from "./node_settings.ts";
import { batchesOf, type OperationLimits } from "./operation_limits.ts";
import type { OpcuaTag } from "./reading.ts";
import type { RawSession } from "./session.ts";
import type { OpcuaSettings } from "./settings.ts";

export interface MonitoredItemsOptions {
  readonly session: RawSession;
  readonly subscriptionId: number;
  readonly settings: OpcuaSettings["subscription"];
  readonly limits: OperationLimits;
  report(event: SourceEvent): void;
}

/** A target with the number by which the server names it in notifications: its place in the list. */
interface Item extends Target {
  readonly handle: number;
}

/** The nodes that a subscription watches, and those that it should and cannot yet. One that fails does not stop the others. */
export class MonitoredItems {
  readonly #options: MonitoredItemsOptions;
  readonly #items: Item[] = [];
  readonly #failing = new Set<string>();
  #failedItems: Item[] = [];
  #failedEntries: NodeSettings[] = [];

  constructor(options: MonitoredItemsOptions) {
    this.#options = options;
  }

  get hasFailed(): boolean {
    return this.#failedItems.length + this.#failedEntries.length > 0;
  }

  tag(handle: number): OpcuaTag | undefined {
    return this.#items[handle]?.tag;
  }

  /** Watches what `entries` name. @throws what the library throws when a call as a whole fails */
  async add(entries: readonly NodeSettings[]): Promise<void> {
    const { session, limits } = this.#options;
    const { targets, unresolved } = await resolveNodes(session, entries, limits);
    for (const { tag, reason } of unresolved) this.#fail(tag, reason);
    this.#failedEntries.push(...unresolved.map(({ entry }) => entry));
    const items = targets.map((target, i) => ({ ...target, handle: this.#items.length + i }));
    this.#items.push(...items);
    await this.#create(items);
  }

  /** Tries again what failed. @throws what the library throws when a call as a whole fails */
  async retry(): Promise<void> {
    const items = this.#failedItems;
    const entries = this.#failedEntries;
    this.#failedItems = [];
    this.#failedEntries = [];
    await this.#create(items);
    if (entries.length > 0) await this.add(entries);
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
      for (const [i, item] of items.entries()) {
        this.#settle(item, results?.[i]?.statusCode.name ?? "BadUnexpectedError");
      }
    } catch (error) {
      // A server may take fewer than it states.
      if (statusIn(error) !== "BadTooManyOperations" || items.length === 1) throw error;
      for (const half of batchesOf(items, Math.ceil(items.length / 2))) await this.#createBatch(half);
    }
  }

  #settle(item: Item, status: string): void {
    if (status.startsWith("Good")) {
      if (this.#failing.delete(item.tag.name)) this.#options.report({ kind: "tag_recovered", tag: item.tag.name });
      return;
    }
    this.#failedItems.push(item);
    this.#fail(item.tag.name, `the server does not watch ${item.tag.nodeId} (${status})`);
  }

  /** Said once, until it recovers. */
  #fail(tag: string, reason: string): void {
    if (this.#failing.has(tag)) return;
    this.#failing.add(tag);
    this.#options.report({ kind: "tag_failed", tag, reason });
  }
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
