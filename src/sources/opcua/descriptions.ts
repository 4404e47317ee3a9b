import { AttributeIds, type NodeId } from "node-opcua-client";
import { batchesOf } from "./batches.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { Services } from "./services.ts";

/** A description is for people to tell nodes apart by; a server may put a manual there. */
const MAX_CHARS = 500;

/** What the server says that nodes are (Description, OPC UA Part 3, 5.2.6), by node; most say nothing. @throws what the library throws */
export async function readDescriptions(
  services: Pick<Services, "read">,
  nodeIds: readonly NodeId[],
  { read }: Pick<OperationLimits, "read">,
): Promise<ReadonlyMap<string, string>> {
  const descriptions = new Map<string, string>();
  for (const some of batchesOf(nodeIds, read)) {
    const answers = await services.read(some.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Description })));
    for (const [i, nodeId] of some.entries()) {
      const text = textOf(answers[i]?.value?.value);
      if (text) descriptions.set(nodeId.toString(), text.slice(0, MAX_CHARS));
    }
  }
  return descriptions;
}

/** Of a LocalizedText, as the library decodes it. */
function textOf(value: unknown): string | undefined {
  const { text } = (value ?? {}) as { text?: unknown };
  return typeof text === "string" ? text.trim() : undefined;
}
