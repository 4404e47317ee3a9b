import {
  AttributeIds,
  type BrowseDescriptionOptions,
  BrowsePath,
  type BrowsePathResult,
  type BrowseResult,
  type DataValue,
  type MonitoredItemCreateRequestOptions,
  type MonitoredItemCreateResult,
  type ReadValueIdOptions,
  TimestampsToReturn,
} from "node-opcua-client";
import { Buffer } from "node:buffer";
import type { Pace } from "../../core/source.ts";
import { statusIn } from "./errors.ts";
import { batchesOf } from "./batches.ts";
import type { RawSession } from "./session.ts";

/**
 * The services by which nodes are found, read and watched; each call waits for its turn. What is not here cannot be asked
 * of a server: there is no Write and no Call.
 */
export interface Services {
  read(nodes: readonly ReadValueIdOptions[]): Promise<readonly DataValue[]>;
  browse(nodes: readonly BrowseDescriptionOptions[]): Promise<readonly BrowseResult[]>;
  browseNext(continuationPoints: readonly Uint8Array[]): Promise<readonly BrowseResult[]>;
  translate(paths: readonly BrowsePath[]): Promise<readonly BrowsePathResult[]>;
  /** A result for each item, in their order. */
  createItems(
    subscriptionId: number,
    items: readonly MonitoredItemCreateRequestOptions[],
  ): Promise<readonly (MonitoredItemCreateResult | undefined)[]>;
  deleteItems(subscriptionId: number, monitoredItemIds: readonly number[]): Promise<void>;
}

/** The services of `session`, as fast as `pace` allows, until `signal` aborts. */
export function servicesOf(session: RawSession, pace: Pace | undefined, signal: AbortSignal): Services {
  const inTurn = async <T>(send: () => Promise<T>) => {
    await pace?.turn(signal);
    return await send();
  };
  return {
    read: (nodes) => inParts(nodes, (some) => inTurn(() => session.read([...some]))),
    browse: (nodes) => inTurn(() => session.browse([...nodes])),
    browseNext: (points) => inTurn(() => session.browseNext(points.map((point) => Buffer.from(point)), false)),
    translate: (paths) => inParts(paths, (some) => inTurn(() => session.translateBrowsePath([...some]))),
    createItems: (subscriptionId, items) =>
      inParts(items, async (some) => {
        const request = { subscriptionId, timestampsToReturn: TimestampsToReturn.Both, itemsToCreate: [...some] };
        const { results } = await inTurn(() => session.createMonitoredItems(request));
        return some.map((_, i) => results?.[i]);
      }),
    async deleteItems(subscriptionId, monitoredItemIds) {
      await inParts(monitoredItemIds, async (some) => {
        await inTurn(() => session.deleteMonitoredItems({ subscriptionId, monitoredItemIds: [...some] }));
        return [];
      });
    },
  };
}

/** A server may take fewer than it states: then it is asked for half as many, and half of those. */
async function inParts<T, R>(
  list: readonly T[],
  ask: (some: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  try {
    return await ask(list);
  } catch (error) {
    if (statusIn(error) !== "BadTooManyOperations" || list.length < 2) throw error;
    const answers: R[] = [];
    for (const half of batchesOf(list, Math.ceil(list.length / 2))) answers.push(...await inParts(half, ask));
    return answers;
  }
}

const NAMESPACE_ARRAY = "i=2255";

/** URIs of the server's namespaces, by index (OPC UA Part 5, 6.3.1). @throws what the library throws */
export async function readNamespaces(services: Pick<Services, "read">): Promise<readonly string[]> {
  const [answer] = await services.read([{ nodeId: NAMESPACE_ARRAY, attributeId: AttributeIds.Value }]);
  const uris: unknown = answer?.value?.value;
  if (Array.isArray(uris)) return uris.map(String);
  throw new Error(`the server does not show its namespaces (${answer?.statusCode.name ?? "no answer"})`);
}
