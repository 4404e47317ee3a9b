/** Alerts that were made up, and stand as people let them. */
import { AlertEngine } from "../../src/alerts/mod.ts";
import type { AlertRule } from "../../src/core/alert.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { AlertsView } from "../../src/web/mod.ts";

export function aRule(rule: Partial<AlertRule> = {}): AlertRule {
  return {
    name: "source_down",
    condition: "source_up == 0",
    recovery: null,
    severity: "critical",
    windowSeconds: 60,
    durationSeconds: 0,
    recoverySeconds: 0,
    advice: "Look at its cable.",
    ...rule,
  };
}

/** One that fires, of the source `meters`, and one that is pending, of the connector as a whole. */
export function fakeAlerts(clock: Pick<Clock, "nowUs">): AlertsView {
  const rules = [
    aRule(),
    aRule({ name: "queue", condition: "queue_depth > 1", severity: "warning", durationSeconds: 60, advice: null }),
  ];
  const file = { read: () => ({ standings: [], history: [] }), write: () => {} };
  const engine = new AlertEngine({ rules, clock, file, tell: () => {}, onFull: () => {} });
  engine.look({
    atMs: 0,
    named: new Map([["source_up", new Map([["meters", 0]])], ["queue_depth", new Map([["", 2]])]]),
    metric: () => undefined,
  });
  return {
    active: () => engine.active(),
    history: () => engine.history,
    rules: () => rules,
    deliveries: () => [
      {
        name: "https://hooks.example.com",
        type: "webhook",
        waiting: 1,
        delivered: 4,
        lost: 0,
        lastError: { message: "no", since: clock.nowUs() },
      },
    ],
    acknowledge: (id, by) => engine.acknowledge(id, by),
    silence: (id, by, untilUs) => engine.silence(id, by, untilUs),
  };
}
