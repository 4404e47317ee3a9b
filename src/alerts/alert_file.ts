/** Where alerts are kept for the next start: `alerts.json` of the home directory. */
import { z } from "zod";
import { reasonOf } from "../core/error.ts";
import { infoOf, linkFree, replaceFile } from "../core/home_file.ts";
import type { Logger } from "../core/logger.ts";

const FILE = "alerts.json";
const MAX_BYTES = 4 * 1024 * 1024;

const standing = z.object({
  id: z.string(),
  rule: z.string(),
  subject: z.string(),
  phase: z.enum(["inactive", "pending", "firing"]),
  since: z.number(),
  heldMs: z.number(),
  wellMs: z.number(),
  acknowledgedBy: z.string().nullable(),
  silencedBy: z.string().nullable(),
  silencedUntil: z.number().nullable(),
});
const event = z.object({
  time: z.number(),
  id: z.string(),
  rule: z.string(),
  subject: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  change: z.enum(["fired", "resolved", "acknowledged", "silenced", "silence_ended"]),
  by: z.string().nullable(),
});
const kept = z.object({ standings: z.array(standing), history: z.array(event) });

export type KeptAlerts = z.output<typeof kept>;

export interface AlertFile {
  read(): KeptAlerts;
  write(alerts: KeptAlerts): void;
}

/** It is a help and no more: one that cannot be read or written is told, and alerts go on without. */
export function alertFile(home: string, log: Logger): AlertFile {
  const path = `${home}/${FILE}`;
  return {
    read() {
      const size = infoOf(path)?.size;
      if (size === undefined) return { standings: [], history: [] };
      try {
        if (size > MAX_BYTES) throw new RangeError(`it is larger than ${MAX_BYTES} bytes`);
        return kept.parse(JSON.parse(Deno.readTextFileSync(linkFree(home, path))));
      } catch (error) {
        const message = `Cannot read ${path}: ${
          reasonOf(error)
        }. Alerts begin anew; acknowledgements and silences are lost`;
        log.log("warn", message, { code: "alerts_file_unreadable" });
        return { standings: [], history: [] };
      }
    },
    write(alerts) {
      try {
        replaceFile(home, path, JSON.stringify(alerts));
      } catch (error) {
        log.log("warn", `Cannot write ${path}: ${reasonOf(error)}`, { code: "alerts_file_unwritable" });
      }
    },
  };
}
