/** How one alert stands: what a look, an acknowledgement, a silence and time make of it. */
import type { ActiveAlert, AlertRule, AlertState } from "../core/alert.ts";
import type { Verdict } from "./rule_view.ts";

/** What is kept of an alert, also over a restart. Times are microseconds since 1970-01-01 UTC. */
export interface Standing {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  phase: "inactive" | "pending" | "firing";
  since: number;
  /** How long the condition has held, or been well again, by a clock that never jumps. */
  heldMs: number;
  wellMs: number;
  acknowledgedBy: string | null;
  silencedBy: string | null;
  silencedUntil: number | null;
}

export type Turn = "fired" | "resolved" | undefined;

export function newStanding(id: string, rule: string, subject: string): Standing {
  return {
    id,
    rule,
    subject,
    phase: "inactive",
    since: 0,
    heldMs: 0,
    wellMs: 0,
    acknowledgedBy: null,
    silencedBy: null,
    silencedUntil: null,
  };
}

interface Moment {
  readonly nowUs: number;
  /** Since the look before. */
  readonly passedMs: number;
}

/** Goes on with what a look found. What is not known changes nothing. */
export function turn(standing: Standing, verdict: Verdict, rule: AlertRule, moment: Moment): Turn {
  return standing.phase === "firing"
    ? whileFiring(standing, verdict, rule, moment)
    : before(standing, verdict, rule, moment);
}

function before(standing: Standing, { holds }: Verdict, rule: AlertRule, { nowUs, passedMs }: Moment): Turn {
  if (holds === undefined) return undefined;
  if (!holds) {
    standing.phase = "inactive";
    standing.heldMs = 0;
    return undefined;
  }
  if (standing.phase === "inactive") {
    standing.phase = "pending";
    standing.since = nowUs;
    standing.heldMs = 0;
  } else standing.heldMs += passedMs;
  if (standing.heldMs < rule.durationSeconds * 1000) return undefined;
  standing.phase = "firing";
  standing.since = nowUs;
  standing.wellMs = 0;
  return "fired";
}

function whileFiring(standing: Standing, { isWell }: Verdict, rule: AlertRule, { passedMs }: Moment): Turn {
  if (isWell === undefined) return undefined;
  standing.wellMs = isWell ? standing.wellMs + passedMs : 0;
  if (!isWell || standing.wellMs < rule.recoverySeconds * 1000) return undefined;
  return end(standing);
}

/** Its condition holds no more, or there is no such source any more. */
export function end(standing: Standing): "resolved" | undefined {
  const hasFired = standing.phase === "firing";
  standing.phase = "inactive";
  standing.heldMs = 0;
  standing.acknowledgedBy = null;
  return hasFired ? "resolved" : undefined;
}

export function isSilenced({ silencedUntil }: Standing, nowUs: number): boolean {
  return silencedUntil !== null && silencedUntil > nowUs;
}

/** Whether there is anything left to keep. */
export function isOver(standing: Standing, nowUs: number): boolean {
  return standing.phase === "inactive" && !isSilenced(standing, nowUs);
}

export function shownAlert(standing: Standing, rule: AlertRule, nowUs: number): ActiveAlert {
  const { id, subject, phase, since, acknowledgedBy } = standing;
  const silenced = isSilenced(standing, nowUs);
  return {
    id,
    rule: rule.name,
    subject,
    severity: rule.severity,
    state: stateOf(standing, silenced),
    holds: phase !== "inactive",
    condition: rule.condition,
    advice: rule.advice,
    since,
    acknowledgedBy,
    silencedBy: silenced ? standing.silencedBy : null,
    silencedUntil: silenced ? standing.silencedUntil : null,
  };
}

function stateOf({ phase, acknowledgedBy }: Standing, silenced: boolean): AlertState {
  if (silenced) return "silenced";
  if (phase !== "firing") return "pending";
  return acknowledgedBy === null ? "firing" : "acknowledged";
}
