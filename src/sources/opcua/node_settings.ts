import { z } from "zod";
import { integer, tagLabels } from "../../core/schema.ts";

/** `ns=2;s=Temperature`, `nsu=urn:plant;i=12`, `i=2258` (OPC UA Part 6, 5.3.1.10); g is a GUID, b is base64. */
const NODE_ID =
  /^(ns=\d+;|nsu=[^;]+;)?(i=\d+|s=.+|g=[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|b=[A-Za-z0-9+/]+=*)$/;

const deadband = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("absolute").meta({ description: "In the unit of the value." }),
    value: z.number().min(0).meta({ description: "Changes up to this size are not reported." }),
  }),
  z.strictObject({
    type: z.literal("percent").meta({ description: "Of the node's range (EURange)." }),
    value: z.number().min(0).max(100).meta({
      description: "Changes up to this share of the range are not reported.",
      unit: "%",
    }),
  }),
]);

const monitored = {
  sampling_interval_ms: z.number().min(0).max(86_400_000).default(1000).meta({
    description: "How often the server looks at the value; 0 for as fast as it can.",
    unit: "ms",
  }),
  deadband: deadband.nullable().default(null).meta({ description: "Changes too small to be reported." }),
  unit: z.string().min(1).nullable().default(null).meta({
    description: "Engineering unit, added to the labels of these rows.",
    examples: ["degC"],
  }),
  labels: tagLabels(),
};

const byNodeId = z.strictObject({
  node_id: z.string().regex(NODE_ID, 'must be a node id such as "ns=2;s=Temperature" or "nsu=urn:plant:line1;i=12"')
    .meta(
      {
        description:
          "Node id. nsu= names the namespace by its URI, which stays the same when the server numbers its namespaces anew.",
        examples: ["nsu=urn:plant:line1;s=Temperature", "ns=2;s=Pressure"],
      },
    ),
  name: z.string().min(1).max(256).nullable().default(null).meta({
    description: "A name of its own for this tag, which stays when the node id changes.",
  }),
  ...monitored,
});

const byBrowsePath = z.strictObject({
  browse_path: z.string().min(1).meta({
    description:
      "Path from the Root folder to an object, namespace index before each name; all its variables are read.",
    examples: ["0:Root/0:Objects/2:ProcessArea"],
  }),
  recursive: z.boolean().default(false).meta({ description: "Also what is in the objects below, down to depth." }),
  depth: integer(1, 20).nullable().default(null).meta({
    description: "How many levels below the object are read, with recursive. Not set: all, down to 20.",
  }),
  include: z.string().min(1).max(1024).default("*").meta({
    description:
      "Which variables are read, by their path, their path without namespace indexes, or their name; * stands for any text.",
    examples: ["*/2:Speed", "Temp*"],
  }),
  exclude: z.string().min(1).max(1024).nullable().default(null).meta({
    description: "Which objects and variables are left out, with all below them; written like include.",
    examples: ["*/Diagnostics/*"],
  }),
  max_nodes: integer(1, 1_000_000).default(10_000).meta({ description: "The most variables this entry may find." }),
  rebrowse_interval_seconds: z.number().min(0).max(86_400).default(0).meta({
    description: "How often the path is looked through again for new variables; 0 only at every connect.",
    unit: "s",
  }),
  ...monitored,
}).refine(({ recursive, depth }) => recursive || depth === null || depth === 1, {
  path: ["depth"],
  message: "more than 1 needs recursive: true",
});

/** One entry of `nodes`. */
export const nodeSettings = z.union([byNodeId, byBrowsePath]);

export type NodeSettings = z.output<typeof nodeSettings>;
export type NodeIdSettings = z.output<typeof byNodeId>;
export type BrowsePathSettings = z.output<typeof byBrowsePath>;

/** Rows are told apart by their tags: of two nodes with one tag, nobody could say which a row is of. */
export function checkTags(nodes: readonly NodeSettings[], context: z.RefinementCtx): void {
  const first = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    if (!("node_id" in node)) continue;
    const tag = node.name ?? node.node_id;
    const earlier = first.get(tag);
    if (earlier === undefined) {
      first.set(tag, index);
      continue;
    }
    const message =
      `the tag ${tag} is that of nodes[${earlier}] already: give one of them another name, or leave it out`;
    context.addIssue({ code: "custom", path: [index, node.name === null ? "node_id" : "name"], message });
  }
}
