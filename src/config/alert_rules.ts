/** The rules of alerts, with those that hold without being written. */
import type { AlertRule } from "../core/alert.ts";
import type { Alerts } from "./alerts.ts";

const USUAL = { recovery: null, windowSeconds: 60, durationSeconds: 0, recoverySeconds: 0 } as const;

/** Used unless `default_rules` is false; a rule of the configuration with the same name takes its place. */
export const DEFAULT_RULES: readonly AlertRule[] = [
  {
    ...USUAL,
    name: "table_unreachable",
    condition: "connection_status == 0",
    severity: "critical",
    durationSeconds: 60,
    recoverySeconds: 30,
    advice:
      "Rows wait in the spool meanwhile. The table's card on Monitoring says why; doctor tests each step of the way.",
  },
  {
    ...USUAL,
    name: "spool_filling",
    condition: "spool_bytes > 80% * max_spool_bytes",
    recovery: "spool_bytes < 70% * max_spool_bytes",
    severity: "warning",
    advice: "Rows come faster than they leave. Find out why tables do not take them, or let the spool be larger.",
  },
  {
    ...USUAL,
    name: "spool_full",
    condition: "queue_full == 1",
    severity: "critical",
    recoverySeconds: 30,
    advice: "Nothing more is accepted: sources are held back, and what devices cannot keep is lost there.",
  },
  {
    ...USUAL,
    name: "source_down",
    condition: "source_up == 0",
    severity: "critical",
    durationSeconds: 60,
    recoverySeconds: 30,
    advice: "The source's card on Monitoring has the last error. Test the connection on its page.",
  },
  {
    ...USUAL,
    name: "source_without_readings",
    condition: "source_up == 1 and source_silent_seconds > 1h",
    severity: "warning",
    advice:
      "The source is connected and says nothing. Where that is usual, write a rule of this name with another time.",
  },
  {
    ...USUAL,
    name: "ledger_unbalanced",
    condition: "ledger_balanced == 0",
    severity: "critical",
    durationSeconds: 30,
    advice: "Not everything received can be accounted for: please report it with a support bundle.",
  },
  {
    ...USUAL,
    name: "certificate_ends",
    condition: "certificate_days_left < 30",
    severity: "warning",
    advice:
      "Renew it, and give the peer the new one. Of our own that was renewed (-former): let servers trust the new one. " +
      "Of an authority of others (a bundle, ca_file): have its successor from who runs it, and add it to the file.",
  },
  {
    ...USUAL,
    name: "certificate_ends_soon",
    condition: "certificate_days_left < 7",
    severity: "critical",
    advice:
      "Renew it now, or let servers trust the new one of our own: when it has ended, peers refuse the connection. " +
      "Of an authority of others: add its successor to the file, or we refuse the peer.",
  },
  {
    ...USUAL,
    name: "dead_letters_grow",
    condition: "increase(connector_dead_letters_total) > 0",
    severity: "warning",
    windowSeconds: 300,
    advice: "Dead letters on Monitoring say what was refused and why. Mend the cause, and replay them.",
  },
  {
    ...USUAL,
    name: "clock_wrong",
    condition: "clock_doubtful == 1",
    severity: "warning",
    durationSeconds: 30,
    advice: "Let the host take its time from NTP. Rows that are accepted meanwhile say so in their labels.",
  },
];

/** All rules that hold, those of the configuration first. */
export function alertRulesOf({ enabled, default_rules, rules }: Alerts): readonly AlertRule[] {
  if (!enabled) return [];
  const own = rules.map((rule): AlertRule => ({
    name: rule.name,
    condition: rule.condition,
    recovery: rule.recovery_condition,
    severity: rule.severity,
    windowSeconds: rule.window_seconds,
    durationSeconds: rule.duration_seconds,
    recoverySeconds: rule.recovery_seconds,
    advice: rule.advice,
  }));
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...(default_rules ? DEFAULT_RULES.filter(({ name }) => !names.has(name)) : [])];
}
