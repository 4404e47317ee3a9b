import { z } from "zod";
import { homeFile, integer } from "../../core/schema.ts";

const file = "SQLite file that holds the rows, relative to the home directory.";

/** The `local_sink:` block. Absent, it is `{ enabled: false }`. */
export const localSinkSettings = z.strictObject({
  enabled: z.boolean().default(false).meta({
    title: "Enabled",
    description: "Whether rows are also kept in a local SQLite file; while zerobus is off, that file is where they go.",
  }),
  path: homeFile(file).default("data/local.db").meta({ title: "File", description: file }),
  max_size_mb: integer(16, 1_048_576).default(512).meta({
    title: "Largest size",
    description: "The most the rows in the file may take; beyond it the oldest rows are deleted.",
    unit: "MB",
  }),
}).meta({ title: "Local sink", description: "Rows kept in a local SQLite file." });

/** The `local_sink:` block, parsed. */
export type LocalSinkSettings = z.infer<typeof localSinkSettings>;
