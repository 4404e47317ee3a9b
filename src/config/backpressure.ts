import { z } from "zod";
import { count, fileAt, flag, meaningless, part } from "./keys.ts";

const memoryQueue = z.strictObject({
  max_size: count([100, 10_000, 10_000_000], "The most rows that wait in memory to be sent.", { unit: "rows" }),
  max_mb: count([1, 256, 100_000], "The same bound for the bytes of those rows, where they are large.", { unit: "MB" }),
  drop_policy: z.enum(["oldest", "newest", "reject_new"]).default("reject_new").meta({
    description:
      "What happens when it is full and there is no spool; with one, further rows are only on disk. reject_new: sources wait, and devices keep their data as far as they can; oldest, newest: rows are dropped and counted. What a broker would send again is never dropped.",
  }),
  warning_threshold: part(0.8, "Part of max_size, or of the spool's, above which it is reported as nearly full."),
  spill_threshold: part(
    0.8,
    "Part of max_size, and of max_mb, above which rows go to the spool with durability memory.",
  ),
});

const diskSpool = z.strictObject({
  enabled: flag(true, "Whether rows are kept on disk until the sink has them."),
  path: fileAt("spool", "Directory of the spool."),
  max_size_mb: count([16, 1000, 10_000_000], "The most that the spool may hold.", { unit: "MB" }),
  max_files: meaningless("the spool is one file"),
  compression: flag(true, "Whether rows are compressed before they are encrypted."),
  encryption: flag(true, "The spool is encrypted (AES-256-GCM).", {
    notInEffect: "the spool is always encrypted",
    happens: true,
  }),
  encryption_key_path: fileAt("certs/spool_encryption.key", "The spool's key, made at first start."),
  commit_interval_ms: count(
    [1, 50, 10_000],
    "The longest that the sink's acknowledgements wait to be noted. Rows do not wait: each is committed at once, those that arrive meanwhile together.",
    { unit: "ms" },
  ),
  reserve_mb: count([0, 16, 100_000], "Kept free, so that a full disk can be drained.", { unit: "MB" }),
  drop_policy: z.enum(["oldest", "newest", "reject_new"]).default("reject_new").meta({
    description:
      "What happens when the spool is full. reject_new: sources wait, and devices keep their data as far as they can; oldest, newest: rows are dropped and counted. What a broker would send again is never dropped.",
  }),
  max_record_mb: count([1, 4, 9], "The largest row, in memory too; a larger one becomes a dead letter.", {
    unit: "MB",
  }),
});

/** The block `backpressure:`. */
export const backpressure = z.strictObject({
  enabled: flag(true, "Whether readings are held back, or dropped by drop_policy, when too many wait.", {
    notInEffect: "queue and spool are always bounded",
    happens: true,
  }),
  durability: z.enum(["disk", "memory"]).default("disk").meta({
    description:
      "When a reading counts as accepted. disk: once it is in the spool; memory, for disks that must not be written all the time: once it is queued. Rows then go to the spool when the queue passes spill_threshold, the sink is away, a row is not acknowledged for 5 seconds, or the connector stops; MQTT QoS 1 and 2 messages are acknowledged once the sink or the spool has them.",
  }),
  memory_queue: memoryQueue.prefault({}).meta({ description: "Rows that wait in memory to be sent." }),
  disk_spool: diskSpool.prefault({}).meta({ description: "Rows that wait on disk to be sent." }),
});
