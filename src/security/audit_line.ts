import { createHash } from "node:crypto";
import { z } from "zod";

/** One change. Values are for people to read and hold no secret. */
export const auditEntrySchema = z.strictObject({
  /** Counts up from 1, without a gap. */
  n: z.int().min(1),
  /** ISO 8601, UTC. */
  time: z.string(),
  /** A user, `token <name>`, or `command line`. */
  who: z.string(),
  /** Address that it came from; empty for the command line. */
  from: z.string(),
  /** What was done: `user.add`, `dlq.purge`. */
  action: z.string(),
  /** What it was done to. */
  target: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export type AuditEntry = z.output<typeof auditEntrySchema>;
/** What whoever notes something says of it. */
export type AuditNote = Omit<AuditEntry, "n" | "time">;

const lineSchema = auditEntrySchema.extend({ prev: z.string(), hash: z.string() });

/** An entry as it is in the file: sealed with the hash of the one before. */
export type AuditLine = z.output<typeof lineSchema>;

/** What the first line of all stands on. */
export const FIRST_HASH = "0".repeat(64);

export function sealed(entry: AuditEntry, prev: string): AuditLine {
  return { ...entry, prev, hash: hashOf(entry, prev) };
}

/** Undefined for a text that is no line of an audit file. */
export function parseLine(text: string): AuditLine | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON
  }
}

/** Whether the hash is that of what the line says. */
export function isSealed({ hash, prev, ...entry }: AuditLine): boolean {
  return hash === hashOf(entry, prev);
}

function hashOf({ n, time, who, from, action, target, detail }: AuditEntry, prev: string): string {
  const details = Object.entries(detail).sort(([a], [b]) => a < b ? -1 : 1);
  const text = JSON.stringify([prev, n, time, who, from, action, target, details]);
  return createHash("sha256").update(text).digest("hex");
}
