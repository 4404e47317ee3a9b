/** The words of alerts: what rules may speak of, and how an alert stands. */

export type Severity = "info" | "warning" | "critical";

/** What an alert is about: the connector as a whole, or each source, table or certificate by itself. */
export type AlertSubject = "connector" | "source" | "table" | "certificate";

export interface AlertName {
  readonly of: AlertSubject;
  readonly help: string;
}

/** What conditions may name, beside the metrics that Prometheus reads. */
export const ALERT_NAMES: Readonly<Record<string, AlertName>> = {
  queue_depth: { of: "connector", help: "Unsent rows in memory." },
  max_queue_size: { of: "connector", help: "Unsent rows that the queue holds at most." },
  queue_full: { of: "connector", help: "1 while nothing more is accepted: queue or spool are full." },
  queued_rows: { of: "connector", help: "Rows that are not acknowledged, in memory or on disk." },
  spool_bytes: { of: "connector", help: "Bytes of the rows on disk." },
  max_spool_bytes: { of: "connector", help: "Bytes that the spool may have; not known without a spool." },
  dead_letters: { of: "connector", help: "Dead letters that are kept now." },
  failure_rate: { of: "connector", help: "Part of the readings in the window that was refused or dropped." },
  ledger_balanced: { of: "connector", help: "1 while the ledger balances." },
  clock_doubtful: { of: "connector", help: "1 while the host's time is known to be wrong." },
  uptime_seconds: { of: "connector", help: "Time since the start." },
  source_up: { of: "source", help: "1 while the source is connected." },
  source_silent_seconds: { of: "source", help: "Time since the last reading, or since the start." },
  failing_tags: { of: "source", help: "Tags that give no value now." },
  connection_status: { of: "table", help: "1 while rows get through to the table, 0 while they do not." },
  certificate_days_left: { of: "certificate", help: "Days until a certificate ends; below 0 it has ended." },
};

/** A rule that was checked. */
export interface AlertRule {
  readonly name: string;
  readonly condition: string;
  /** Holds before a firing alert ends; null: the condition must not hold. */
  readonly recovery: string | null;
  readonly severity: Severity;
  readonly windowSeconds: number;
  readonly durationSeconds: number;
  readonly recoverySeconds: number;
  /** What to do, for whoever is told. */
  readonly advice: string | null;
}

export type AlertState = "pending" | "firing" | "acknowledged" | "silenced";

/** An alert that stands. Times are microseconds since 1970-01-01 UTC. */
export interface ActiveAlert {
  readonly id: string;
  readonly rule: string;
  /** A source, table or certificate; empty for the connector as a whole. */
  readonly subject: string;
  readonly severity: Severity;
  readonly state: AlertState;
  /** Whether its condition holds, or held until a moment ago: a silence stands without it. */
  readonly holds: boolean;
  readonly condition: string;
  readonly advice: string | null;
  /** Since when it is pending or fires. */
  readonly since: number;
  readonly acknowledgedBy: string | null;
  readonly silencedBy: string | null;
  readonly silencedUntil: number | null;
}

export type AlertChange = "fired" | "resolved" | "acknowledged" | "silenced" | "silence_ended";

/** What happened to an alert. */
export interface AlertEvent {
  readonly time: number;
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly severity: Severity;
  readonly change: AlertChange;
  readonly by: string | null;
}

/** How the telling of one destination goes. */
export interface DeliveryStatus {
  readonly name: string;
  readonly type: string;
  readonly waiting: number;
  readonly delivered: number;
  /** Given up after the last try, or let go because too many waited. */
  readonly lost: number;
  readonly lastError: { readonly message: string; readonly since: number } | null;
}
