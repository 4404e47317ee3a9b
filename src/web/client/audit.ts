import { read } from "./api.ts";

/** A line of the audit. */
export interface AuditItem {
  readonly n: number;
  readonly time: string;
  readonly who: string;
  /** Address that it came from; empty for the command line. */
  readonly from: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditPage {
  readonly total: number;
  readonly items: readonly AuditItem[];
  readonly next: string | null;
}

export interface AuditFilter {
  readonly who: string;
  readonly what: string;
  /** As `datetime-local` gives it; empty: no bound. */
  readonly from: string;
  readonly to: string;
}

export interface AuditCheck {
  readonly lines: number;
  readonly intact: boolean;
  readonly faults: readonly string[];
}

const PER_PAGE = 50;

export function auditQuery({ who, what, from, to }: AuditFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (who.trim() !== "") query.set("who", who.trim());
  if (what.trim() !== "") query.set("what", what.trim());
  if (from !== "") query.set("from", new Date(from).toISOString());
  if (to !== "") query.set("to", new Date(to).toISOString());
  return query;
}

/** @throws {ApiError} */
export function readAudit(filter: AuditFilter, next: string | undefined, signal: AbortSignal): Promise<AuditPage> {
  const query = auditQuery(filter);
  query.set("limit", String(PER_PAGE));
  if (next !== undefined) query.set("next", next);
  return read(`/api/audit?${query}`, signal);
}

/** @throws {ApiError} */
export function checkAudit(): Promise<AuditCheck> {
  return read("/api/audit/verify");
}

/** What was done, in words; undefined for what has none, and is shown as it is. */
const WORDS: Readonly<Record<string, string>> = {
  "setup": "Made the first administrator",
  "session.begin": "Logged in",
  "session.end": "Logged out, or ended a session",
  "session.refused": "Login refused",
  "user.add": "Added a user",
  "user.change": "Changed a user",
  "user.remove": "Removed a user",
  "user.password": "Changed the own password",
  "token.add": "Made a token",
  "token.remove": "Revoked a token",
  "config.change": "Changed the configuration",
  "config.rollback": "Rolled the configuration back",
  "config.reload": "Loaded the YAML again",
  "config.failed": "A change was taken back",
  "source.add": "Added a source",
  "source.change": "Changed a source",
  "source.remove": "Removed a source",
  "source.start": "Started a source",
  "source.stop": "Stopped a source",
  "source.csv": "Changed a source by a CSV file",
  "device.looked": "Looked at a device or workspace",
  "dlq.read": "Read dead letters",
  "dlq.export": "Exported dead letters",
  "dlq.replay": "Replayed dead letters",
  "dlq.edit": "Edited a dead letter",
  "dlq.purge": "Purged dead letters",
  "certs.add": "Added a certificate file",
  "certs.remove": "Removed a certificate file",
  "trust.add": "Added a certificate to trust",
  "trust.trust": "Trusted a certificate",
  "trust.reject": "Rejected a certificate",
  "trust.remove": "Removed a certificate from the list",
  "trust.list.add": "Added a revocation list",
  "trust.list.remove": "Removed a revocation list",
  "alert.ack": "Acknowledged an alert",
  "alert.silence": "Silenced an alert",
  "logs.level": "Changed the level of the log",
};

/** In the line of what was asked for, and in that of what nothing came of. */
const STATES: Readonly<Record<string, string>> = { asked: " (asked for)", refused: " (refused: nothing was changed)" };

/** What was done, in words. What may fail or take long has a line before, which says that it was asked for. */
export function auditWords({ action, detail }: Pick<AuditItem, "action" | "detail">): string {
  const words = WORDS[action] ?? action;
  return words + (STATES[String(detail.state)] ?? "");
}

/** The outcome of a check, as a sentence. */
export function checkWords({ lines, intact, faults }: AuditCheck): string {
  if (lines === 0) return "There is no line yet.";
  if (intact) return `All ${lines} lines are as they were written, and none is missing between them.`;
  const count = faults.length === 1 ? "one place" : `${faults.length} places`;
  return `The chain of ${lines} lines is broken at ${count}: lines were changed, taken out or put in.`;
}
