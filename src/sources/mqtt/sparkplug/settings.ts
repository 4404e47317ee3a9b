import { z } from "zod";
import { integer } from "../../../core/schema.ts";

/** The block `sparkplug:` of an MQTT source, for topics of format sparkplug_b. */
export const sparkplugSettings = z.strictObject({
  rebirth_requests: z.boolean().default(false).meta({
    description:
      "true: a node whose births are missing is asked for them by an NCMD with Node Control/Rebirth. false: nothing is sent to nodes.",
  }),
  rebirth_interval_seconds: integer(5, 86_400).default(60).meta({
    description: "The least time between two requests to the same node. All nodes together get at most 10 a second.",
    unit: "s",
  }),
  host_id: z.string().regex(/^[^/+#\0]{1,128}$/, "must not be empty or hold /, + or #").nullable().default(null).meta({
    description:
      "Published as spBv1.0/STATE/<host_id> while we are connected, for nodes that wait for their primary host. Not set: no state is published.",
    examples: ["databricks"],
  }),
  max_nodes: integer(1, 100_000).default(5000).meta({
    description:
      "Nodes and devices whose births are kept in memory. What is born beyond gives rows too, but none of what it then sends by alias.",
    unit: "nodes",
  }),
  max_metrics: integer(100, 5_000_000).default(100_000).meta({
    description:
      "Metrics whose names are kept in memory, about 1 kB each, of all nodes and devices together: one with long texts or several aliases counts as several. Also the most in one message, with the members of its templates.",
    unit: "metrics",
  }),
});

export type SparkplugSettings = z.output<typeof sparkplugSettings>;
