import { z } from "zod";
import { count, flag, meaningless, seconds } from "./keys.ts";

/** The block `performance:`. */
export const performanceSettings = z.strictObject({
  workers: z.strictObject({
    writer_threads: count([1, 1, 16], "Streams per table, where zerobus.connection.streams_per_table is not set."),
    reader_threads: meaningless("each source reads by itself"),
  }).prefault({}).meta({ description: "How work is spread." }),
  connection_pool: meaningless("each source has one connection"),
  memory: meaningless("every queue has its own bound"),
});

const ha = z.strictObject({
  enabled: flag(false, "Whether a second connector stands by."),
  role: z.enum(["active", "standby"]).default("active").meta({ description: "Which of the two this one is." }),
  heartbeat_interval_seconds: seconds([1, 10, 3600], "How often they tell each other that they are there."),
  failover_timeout_seconds: seconds([1, 30, 3600], "Silence after which the other one goes on."),
});

const shutdown = z.strictObject({
  grace_period_seconds: seconds([1, 30, 3600], "How long a stop may take when the sink acknowledges nothing any more."),
  drain_queue: flag(true, "Whether a stop may take longer, as long as queued rows are being acknowledged."),
  max_drain_time_seconds: seconds([1, 300, 86_400], "How long such a stop may take at most."),
});

/** The block `deployment:`. */
export const deployment = z.strictObject({
  mode: z.enum(["production", "development"]).default("production").meta({
    description: "Kind of installation.",
    notInEffect: "both run alike",
    happens: "production",
  }),
  instance_id: z.string().min(1).max(128).nullable().default(null).meta({
    description: "A name for people; not set: the host's. What identifies rows is random and kept in identity.json.",
    examples: ["${HOSTNAME:-edge}"],
  }),
  ha: ha.prefault({}).meta({ description: "High availability.", notInEffect: "this connector runs alone" }),
  shutdown: shutdown.prefault({}).meta({ description: "How the connector stops." }),
});
