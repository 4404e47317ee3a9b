import { AttributeIds } from "node-opcua-client";
import type { RawSession } from "./session.ts";

/** The most that the server takes in one call. */
export interface OperationLimits {
  readonly monitoredItems: number;
  readonly browse: number;
  readonly translate: number;
}

/** What is asked of a server that states no limit. */
const UNSTATED = { monitoredItems: 1000, browse: 100, translate: 100 };

/** Server.ServerCapabilities.OperationLimits (OPC UA Part 5, 6.3.11). */
const NODES = { monitoredItems: "i=11714", browse: "i=11710", translate: "i=11712" };

/** Reads the server's limits. Never more than we would ask by ourselves. */
export async function readOperationLimits(session: RawSession): Promise<OperationLimits> {
  const names = ["monitoredItems", "browse", "translate"] as const;
  const values = await session.read(
    names.map((name) => ({ nodeId: NODES[name], attributeId: AttributeIds.Value })),
  );
  const limit = (name: typeof names[number]) => {
    const stated = Number(values[names.indexOf(name)]?.value.value ?? 0);
    return stated > 0 ? Math.min(stated, UNSTATED[name]) : UNSTATED[name];
  };
  return { monitoredItems: limit("monitoredItems"), browse: limit("browse"), translate: limit("translate") };
}

/** `list` in pieces of at most `size`. */
export function* batchesOf<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
