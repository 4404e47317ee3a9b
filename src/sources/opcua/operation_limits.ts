import { AttributeIds } from "node-opcua-client";
import { statusIn } from "./errors.ts";
import type { Services } from "./services.ts";

/** The most that the server takes in one call. */
export interface OperationLimits {
  readonly monitoredItems: number;
  readonly browse: number;
  readonly translate: number;
  readonly read: number;
}

/** What is asked of a server that states no limit. */
const UNSTATED = { monitoredItems: 1000, browse: 100, translate: 100, read: 1000 };

/** Server.ServerCapabilities.OperationLimits (OPC UA Part 5, 6.3.11). */
const NODES = { monitoredItems: "i=11714", browse: "i=11710", translate: "i=11712", read: "i=11705" };

/** The one service that is used here. */
export type LimitsReader = Pick<Services, "read">;

/** The limits of a server, which are not known before it has been asked. */
export class LearnedLimits implements OperationLimits {
  monitoredItems = UNSTATED.monitoredItems;
  browse = UNSTATED.browse;
  translate = UNSTATED.translate;
  read = UNSTATED.read;

  async learn(services: LimitsReader): Promise<void> {
    Object.assign(this, await readOperationLimits(services));
  }
}

/** Reads the server's limits. Never more than we would ask by ourselves; what cannot be read counts as not stated. */
export async function readOperationLimits(session: LimitsReader): Promise<OperationLimits> {
  const names = ["monitoredItems", "browse", "translate", "read"] as const;
  const stated = await readNumbers(session, names.map((name) => NODES[name]));
  const limit = (name: typeof names[number]) => {
    const most = stated[names.indexOf(name)] ?? 0;
    return most > 0 ? Math.min(most, UNSTATED[name]) : UNSTATED[name];
  };
  return {
    monitoredItems: limit("monitoredItems"),
    browse: limit("browse"),
    translate: limit("translate"),
    read: limit("read"),
  };
}

/** Values of `nodeIds`, undefined where there is none; one by one where the server does not take them all in one call. */
async function readNumbers(
  session: LimitsReader,
  nodeIds: readonly string[],
): Promise<readonly (number | undefined)[]> {
  try {
    const values = await session.read(nodeIds.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })));
    return values.map((value) => Number(value.value?.value ?? 0));
  } catch (error) {
    // A connection that broke shows with the next request.
    if (statusIn(error) !== "BadTooManyOperations" || nodeIds.length === 1) return nodeIds.map(() => undefined);
    const numbers = [];
    for (const nodeId of nodeIds) numbers.push(...await readNumbers(session, [nodeId]));
    return numbers;
  }
}
