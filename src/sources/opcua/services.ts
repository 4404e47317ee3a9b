import {
  AttributeIds,
  type BrowseDescriptionOptions,
  BrowsePath,
  type BrowsePathResult,
  type BrowseResult,
  type CreateMonitoredItemsRequestOptions,
  type DataValue,
  type MonitoredItemCreateResult,
  type ReadValueIdOptions,
} from "node-opcua-client";
import { Buffer } from "node:buffer";
import type { Pace } from "../../core/source.ts";
import type { RawSession } from "./session.ts";

/**
 * The services by which nodes are found, read and watched; each call waits for its turn. What is not here cannot be asked
 * of a server: there is no Write and no Call.
 */
export interface Services {
  /** Resolves when one request may be sent, for one that is not sent here. */
  turn(): Promise<void>;
  read(nodes: readonly ReadValueIdOptions[]): Promise<readonly DataValue[]>;
  browse(nodes: readonly BrowseDescriptionOptions[]): Promise<readonly BrowseResult[]>;
  browseNext(continuationPoints: readonly Uint8Array[]): Promise<readonly BrowseResult[]>;
  translate(paths: readonly BrowsePath[]): Promise<readonly BrowsePathResult[]>;
  createItems(request: CreateMonitoredItemsRequestOptions): Promise<readonly MonitoredItemCreateResult[]>;
  deleteItems(subscriptionId: number, monitoredItemIds: readonly number[]): Promise<void>;
}

/** The services of `session`, as fast as `pace` allows, until `signal` aborts. */
export function servicesOf(session: RawSession, pace: Pace | undefined, signal: AbortSignal): Services {
  const turn = async () => await pace?.turn(signal);
  return {
    turn,
    async read(nodes) {
      await turn();
      return await session.read([...nodes]);
    },
    async browse(nodes) {
      await turn();
      return await session.browse([...nodes]);
    },
    async browseNext(points) {
      await turn();
      return await session.browseNext(points.map((point) => Buffer.from(point)), false);
    },
    async translate(paths) {
      await turn();
      return await session.translateBrowsePath([...paths]);
    },
    async createItems(request) {
      await turn();
      return (await session.createMonitoredItems(request)).results ?? [];
    },
    async deleteItems(subscriptionId, monitoredItemIds) {
      await turn();
      await session.deleteMonitoredItems({ subscriptionId, monitoredItemIds: [...monitoredItemIds] });
    },
  };
}

const NAMESPACE_ARRAY = "i=2255";

/** URIs of the server's namespaces, by index (OPC UA Part 5, 6.3.1). @throws what the library throws */
export async function readNamespaces(services: Pick<Services, "read">): Promise<readonly string[]> {
  const [answer] = await services.read([{ nodeId: NAMESPACE_ARRAY, attributeId: AttributeIds.Value }]);
  const uris: unknown = answer?.value?.value;
  if (Array.isArray(uris)) return uris.map(String);
  throw new Error(`the server does not show its namespaces (${answer?.statusCode.name ?? "no answer"})`);
}
