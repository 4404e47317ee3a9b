import { z } from "zod";
import { homeFile } from "../core/schema.ts";
import { count, flag, seconds } from "./keys.ts";

const later = (what: string) => ({ notInEffect: what });

const batch = z.strictObject({
  max_size: count([1, 1000, 100_000], "The most rows in one request.", { unit: "rows" }),
  max_wait_seconds: seconds(
    [0.001, 1, 60],
    "The longest that a row waits for others. While nothing is on its way to the sink, rows leave within 10 ms.",
  ),
});

const asIs = later("every reading becomes a row");
const transform = z.strictObject({
  enabled: flag(true, "Whether readings are transformed.", asIs),
  add_metadata: flag(true, "Whether rows carry who made them and when.", later("they always do")),
  report_by_exception: flag(false, "Send a reading only when its value has changed.", asIs),
  max_silence_seconds: seconds([0, 0, 86_400], "Send it all the same after so long; 0: never.", asIs),
});

const unchecked = later("rows are checked against their table's columns, and by nothing else");
const validation = z.strictObject({
  enabled: flag(true, "Whether readings are checked before they are accepted.", unchecked),
  drop_invalid: flag(
    false,
    "Whether what does not pass is counted and let go, instead of kept as a dead letter.",
    unchecked,
  ),
  required_fields: z.array(z.string().min(1).max(64)).max(64).default(["event_time", "source_name"]).meta({
    description: "Columns that every row must fill.",
    ...unchecked,
  }),
});

const deadLetters = z.strictObject({
  enabled: flag(true, "Has no other value: what is refused is always kept.", later("dead letters are always kept")),
  path: homeFile("Directory.").default("spool/dlq").meta({
    description: "Directory that dead letters are exported to.",
    ...later("dead letters are kept in memory"),
  }),
  max_size_mb: count([1, 100, 100_000], "The most that dead letters may hold; beyond it the oldest go, counted.", {
    unit: "MB",
  }),
});

/** The block `processing:`. */
export const processing = z.strictObject({
  batch: batch.prefault({}).meta({ description: "How rows are gathered for sending." }),
  transform: transform.prefault({}).meta({ description: "What is done to readings before they become rows." }),
  validation: validation.prefault({}).meta({ description: "What a reading must have." }),
  dead_letter_queue: deadLetters.prefault({}).meta({ description: "Messages and rows that can never be written." }),
});
