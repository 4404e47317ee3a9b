/** What the API answers to the page Monitoring, beside its events. */
import type { Alert, AlertHistoryItem, AlertsAnswer } from "../../src/web/client/alerts.ts";
import type { HistoryAnswer } from "../../src/web/client/history.ts";
import type { FakeGui } from "./gui_api.ts";

const START_MS = Date.UTC(2026, 2, 1, 12, 0, 0);

function iso(secondsLater: number): string {
  return new Date(START_MS + secondsLater * 1000).toISOString();
}

export function alert(change: Partial<Alert> = {}): Alert {
  return {
    id: "0123456789abcdef",
    rule: "source_down",
    subject: "energy_meters",
    severity: "critical",
    state: "firing",
    holds: true,
    condition: "source_up == 0",
    advice: "The source's card on Monitoring has the last error. Test the connection on its page.",
    since: iso(-30),
    acknowledged_by: null,
    silenced_by: null,
    silenced_until: null,
    ...change,
  };
}

/** One of each state. */
export const ALERTS: readonly Alert[] = [
  alert(),
  alert({
    id: "1123456789abcdef",
    rule: "spool_filling",
    subject: null,
    severity: "warning",
    state: "acknowledged",
    acknowledged_by: "otto",
    advice: null,
    condition: "spool_bytes > 80% * max_spool_bytes",
  }),
  alert({
    id: "2123456789abcdef",
    rule: "certificate_ends",
    subject: "certs/uploads/a_certificate_with_a_rather_long_name_0123456789abcdef.pem",
    severity: "warning",
    state: "silenced",
    silenced_by: "anna",
    silenced_until: iso(86_400),
  }),
  alert({ id: "3123456789abcdef", subject: "oven_line", state: "pending" }),
];

const ANSWER: AlertsAnswer = {
  active: ALERTS,
  rules: [{ name: "source_down", condition: "source_up == 0", severity: "critical" }],
  destinations: [
    { name: "smtp.company.com:587", type: "email", waiting: 0, delivered: 12, lost: 0, last_error: null },
    {
      name: "https://hooks.company.com",
      type: "webhook",
      waiting: 2,
      delivered: 4,
      lost: 0,
      last_error: { message: "Cannot reach https://hooks.company.com: connection refused", since: iso(-60) },
    },
  ],
};

const HISTORY: readonly AlertHistoryItem[] = [
  { time: iso(-30), rule: "source_down", subject: "energy_meters", severity: "critical", change: "fired", by: null },
  { time: iso(-900), rule: "spool_filling", subject: null, severity: "warning", change: "acknowledged", by: "otto" },
];

/** The last quarter of an hour: five minutes nothing was known. */
export function metricsHistory(): HistoryAnswer {
  const at = Array.from({ length: 900 }, (_, index) => index);
  const known = (value: (index: number) => number) =>
    at.map((index) => index > 200 && index < 500 ? null : value(index));
  return {
    step_seconds: 1,
    times: at.map((index) => START_MS / 1000 - 900 + index),
    values: {
      read: known((index) => 480 + 40 * Math.sin(index / 30)),
      written: known((index) => index < 600 ? 480 : 440 + 30 * Math.cos(index / 20)),
      queue: known((index) => 400 + index * 9),
      spool_bytes: known((index) => 12e6 + index * 1e4),
      ack_ms: known((index) => 60 + 20 * Math.sin(index / 11)),
    },
  };
}

export function answerMonitoring({ answers, emit }: FakeGui): void {
  answers.set("GET /api/metrics/history", metricsHistory);
  answers.set("GET /api/alerts", ANSWER);
  answers.set("GET /api/alerts/history", { total: HISTORY.length, items: HISTORY, next: null });
  answers.set("POST /api/alerts/0123456789abcdef/ack", alert({ state: "acknowledged", acknowledged_by: "anna" }));
  answers.set("POST /api/alerts/0123456789abcdef/silence", alert({ state: "silenced" }));
  emit("alerts", { active: ALERTS });
}
