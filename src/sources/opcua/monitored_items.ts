import {
  AttributeIds,
  DataChangeFilter,
  DataChangeTrigger,
  DeadbandType,
  type MonitoredItemCreateResult,
  MonitoringMode,
} from "node-opcua-client";
import type { Deadbands } from "./deadbands.ts";
import { saying } from "./errors.ts";
import { batchesOf } from "./batches.ts";
import type { Item } from "./item_list.ts";
import type { OperationLimits } from "./operation_limits.ts";
import { Revisions } from "./revisions.ts";
import type { Services } from "./services.ts";
import type { OpcuaSettings } from "./settings.ts";
import type { Watcher } from "./watched_nodes.ts";

export interface MonitoredItemsOptions {
  readonly services: Pick<Services, "createItems" | "deleteItems">;
  readonly subscriptionId: number;
  readonly settings: OpcuaSettings["subscription"];
  readonly limits: OperationLimits;
  /** Where values are compared whose deadband the server does not take. */
  readonly deadbands: Deadbands;
}

/** The server watches the node, and not with this filter (OPC UA Part 4, 5.13.2.4; Part 8, 7.2). */
const FILTER_REFUSED = new Set([
  "BadMonitoredItemFilterUnsupported",
  "BadMonitoredItemFilterInvalid",
  "BadDeadbandFilterInvalid",
  "BadFilterNotAllowed",
]);

/** Monitored items of a subscription (OPC UA Part 4, 5.13): the server reports what changes. */
export class MonitoredItems implements Watcher {
  readonly revisions = new Revisions();
  readonly #options: MonitoredItemsOptions;
  /** Ids that the server gave, by handle. */
  readonly #ids = new Map<number, number>();

  constructor(options: MonitoredItemsOptions) {
    this.#options = options;
  }

  async watch(items: readonly Item[]): Promise<readonly (string | undefined)[]> {
    const { deadbands } = this.#options;
    await deadbands.measure(items);
    const results = await this.#create(items, (item) => filterOf(deadbands.width(item)));
    const bare = items.filter((_, i) => FILTER_REFUSED.has(results[i]?.statusCode.name ?? ""));
    if (bare.length > 0) await this.#watchBare(items, bare, results);
    return items.map((item, i) => this.#settle(item, results[i]));
  }

  async unwatch(items: readonly Item[]): Promise<void> {
    const { services, subscriptionId, limits } = this.#options;
    const known = items.flatMap(({ handle }) => {
      const id = this.#ids.get(handle);
      return id === undefined ? [] : [{ handle, id }];
    });
    for (const some of batchesOf(known, limits.monitoredItems)) {
      await services.deleteItems(subscriptionId, some.map(({ id }) => id));
      for (const { handle } of some) this.#ids.delete(handle);
    }
  }

  /** Watches those without a filter whose filter was refused, and puts the new results in place of the old ones. */
  async #watchBare(items: readonly Item[], bare: readonly Item[], results: Result[]): Promise<void> {
    this.#options.deadbands.compare(bare, "The server takes no deadband");
    const created = await this.#create(bare, () => null);
    const byHandle = new Map(bare.map(({ handle }, i) => [handle, created[i]]));
    for (const [i, { handle }] of items.entries()) if (byHandle.has(handle)) results[i] = byHandle.get(handle);
  }

  async #create(items: readonly Item[], filter: Filter): Promise<Result[]> {
    const { services, subscriptionId, settings, limits } = this.#options;
    const results: Result[] = [];
    for (const some of batchesOf(items, limits.monitoredItems)) {
      const requests = some.map((item) => toRequest(item, settings, filter(item)));
      for (const result of await services.createItems(subscriptionId, requests)) results.push(result);
    }
    return results;
  }

  #settle(item: Item, result: Result): string | undefined {
    const status = result?.statusCode.name ?? "BadUnexpectedError";
    if (!result || !status.startsWith("Good")) {
      return `the server does not watch ${item.tag.nodeId}: ${saying(status)}`;
    }
    this.#ids.set(item.handle, result.monitoredItemId);
    this.revisions.note(
      { samplingMs: item.settings.sampling_interval_ms, queueSize: this.#options.settings.queue_size },
      { samplingMs: result.revisedSamplingInterval, queueSize: result.revisedQueueSize },
    );
    return undefined;
  }
}

type Result = MonitoredItemCreateResult | undefined;
type Filter = (item: Item) => DataChangeFilter | null;

function toRequest(item: Item, subscription: OpcuaSettings["subscription"], filter: DataChangeFilter | null) {
  return {
    itemToMonitor: { nodeId: item.nodeId, attributeId: AttributeIds.Value },
    monitoringMode: MonitoringMode.Reporting,
    requestedParameters: {
      clientHandle: item.handle,
      samplingInterval: item.settings.sampling_interval_ms,
      queueSize: subscription.queue_size,
      discardOldest: subscription.discard_oldest,
      filter,
    },
  };
}

function filterOf(width: number): DataChangeFilter | null {
  if (width === 0) return null;
  return new DataChangeFilter({
    trigger: DataChangeTrigger.StatusValue,
    deadbandType: DeadbandType.Absolute,
    deadbandValue: width,
  });
}
