import { z } from "zod";
import { count, fileAt, flag, seconds } from "./keys.ts";

const batch = z.strictObject({
  max_size: count([1, 1000, 100_000], "The most rows in one request.", { unit: "rows" }),
  max_wait_seconds: seconds(
    [0.001, 1, 60],
    "The longest that a row waits for others. While nothing is on its way to the sink, rows leave within 10 ms.",
  ),
});

const asIs = { notInEffect: "every reading becomes a row" };
const transform = z.strictObject({
  enabled: flag(true, "Whether readings are transformed.", { ...asIs, happens: true }),
  add_metadata: flag(true, "Whether rows carry who made them and when.", {
    notInEffect: "they always do",
    happens: true,
  }),
  report_by_exception: flag(false, "Send a reading only when its value has changed.", { ...asIs, happens: false }),
  max_silence_seconds: seconds([0, 0, 86_400], "Send it all the same after so long; 0: never.", {
    ...asIs,
    happens: 0,
  }),
});

const validation = z.strictObject({
  enabled: flag(
    true,
    "Whether readings are checked before they are accepted. false: no column is looked at, drop_invalid is without effect, and what cannot be decoded becomes a dead letter all the same.",
  ),
  drop_invalid: flag(
    false,
    "Whether what does not pass, cannot be decoded, or is too large is counted as filtered and let go, not kept as a dead letter.",
  ),
  required_fields: z.array(z.string().min(1).max(64)).max(64).default(["event_time", "source_name"]).meta({
    description:
      "Columns that every row must fill, each where the protocol's rows have it; an empty text does not. A reading that leaves one empty becomes a dead letter.",
    examples: [["event_time", "source_name", "unit"]],
  }),
});

const deadLetters = z.strictObject({
  enabled: flag(true, "Whether messages and rows that can never be written are kept.", {
    notInEffect:
      "they are always kept, so that no accepted row goes without a trace; to keep fewer, lower max_size_mb, or set validation.drop_invalid",
    happens: true,
  }),
  path: fileAt("spool/dlq", "Directory that dead letters are exported to.", {
    notInEffect: "dead letters are in the spool, and `dlq export` is given a file",
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
  dead_letter_queue: deadLetters.prefault({}).meta({
    description: "Messages and rows that can never be written; kept in the spool, or in memory with durability memory.",
  }),
});
