/** States of the connector's parts, in words and in how well they are. */
import type { BreakerState, SourceState } from "../../core/event.ts";
import type { HealthAnswer, HealthStatus } from "../health_answer.ts";

export interface Told {
  readonly level: "ok" | "warn" | "bad" | "idle" | "busy";
  readonly text: string;
}

/** The words are the connector's own: one that has no text here does not compile. */
const SOURCES: Readonly<Record<SourceState["state"] | "disabled", Told>> = {
  connected: { level: "ok", text: "Connected" },
  connecting: { level: "busy", text: "Connecting" },
  repairing: { level: "warn", text: "Repairing its session" },
  waiting: { level: "warn", text: "Waiting to try again" },
  halted: { level: "bad", text: "Halted: needs a change" },
  given_up: { level: "bad", text: "Given up" },
  stopped: { level: "idle", text: "Stopped" },
  disabled: { level: "idle", text: "Disabled" },
};

const BREAKERS: Readonly<Record<BreakerState, Told>> = {
  closed: { level: "ok", text: "Sending" },
  half_open: { level: "warn", text: "Trying again" },
  open: { level: "bad", text: "Paused: breaker open" },
};

const HEALTH: Readonly<Record<HealthStatus, Told>> = {
  ok: { level: "ok", text: "Healthy" },
  degraded: { level: "warn", text: "Degraded" },
  down: { level: "bad", text: "Down" },
};

export function sourceTold(state: string): Told {
  return among(SOURCES, state);
}

export interface Trouble {
  readonly state: string;
  /** When the last error began. */
  readonly since: string;
  readonly lastReading: string | null | undefined;
}

/** Whether a source's last error is over: a device that takes connections and answers nothing is connected too. */
export function isOver({ state, since, lastReading }: Trouble): boolean {
  return state === "connected" && !!lastReading && Date.parse(lastReading) >= Date.parse(since);
}

export function breakerTold(state: string): Told {
  return among(BREAKERS, state);
}

/** The connector as a whole. What reads nothing is not healthy, whatever else is well. */
export function healthTold({ status, sources }: Pick<HealthAnswer, "status" | "sources">): Told {
  const isReading = Object.values(sources).some(({ state }) => state !== "disabled");
  return status === "ok" && !isReading ? { level: "idle", text: "No source to read from yet" } : among(HEALTH, status);
}

/** A connector that was replaced under a page may know more words. */
function among(words: Readonly<Record<string, Told>>, word: string): Told {
  return words[word] ?? { level: "idle", text: word.replaceAll("_", " ") };
}

const TROUBLE = { bad: 0, warn: 1, busy: 2, idle: 3, ok: 4 } as const;

/** For sorting: what is worst first. */
export function trouble({ level }: Told): number {
  return TROUBLE[level];
}
