/** What people and machines are told of an alert. Nothing in it comes from a device or from a secret. */
import type { AlertEvent, AlertRule, Severity } from "../core/alert.ts";

/** As a webhook gets it, as JSON. */
export interface Notice {
  readonly id: string;
  readonly status: "firing" | "resolved";
  readonly rule: string;
  /** A source, table or certificate; null for the connector as a whole. */
  readonly subject: string | null;
  readonly severity: Severity;
  readonly condition: string;
  readonly advice: string | null;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly connector: string;
  readonly version: string;
}

/** One way to tell somebody. */
export interface Destination {
  /** Says where, without user names, paths and secrets. */
  readonly name: string;
  readonly type: "email" | "webhook";
  /** @throws {EdgeError} when it was not taken @throws the signal's reason */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

export interface Teller {
  readonly connector: string;
  readonly version: string;
}

export function noticeOf(event: AlertEvent, rule: AlertRule, { connector, version }: Teller): Notice {
  return {
    id: event.id,
    status: event.change === "resolved" ? "resolved" : "firing",
    rule: rule.name,
    subject: event.subject || null,
    severity: rule.severity,
    condition: rule.condition,
    advice: rule.advice,
    time: new Date(event.time / 1000).toISOString(),
    connector,
    version,
  };
}

/** `CRITICAL source_down: press_4`; of one that has ended `Resolved: source_down: press_4`. */
export function titleOf({ status, severity, rule, subject }: Notice): string {
  const what = subject === null ? rule : `${rule}: ${subject}`;
  return status === "resolved" ? `Resolved: ${what}` : `${severity.toUpperCase()} ${what}`;
}
