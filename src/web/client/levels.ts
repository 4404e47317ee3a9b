/** States of the connector's parts, in words and in how well they are. */

export interface Told {
  readonly level: "ok" | "warn" | "bad" | "idle" | "busy";
  readonly text: string;
}

const SOURCES: Readonly<Record<string, Told>> = {
  connected: { level: "ok", text: "Connected" },
  connecting: { level: "busy", text: "Connecting" },
  repairing: { level: "warn", text: "Repairing its session" },
  waiting: { level: "warn", text: "Waiting to try again" },
  halted: { level: "bad", text: "Halted: needs a change" },
  given_up: { level: "bad", text: "Given up" },
  stopped: { level: "idle", text: "Stopped" },
  disabled: { level: "idle", text: "Disabled" },
};

const BREAKERS: Readonly<Record<string, Told>> = {
  closed: { level: "ok", text: "Sending" },
  half_open: { level: "warn", text: "Trying again" },
  open: { level: "bad", text: "Paused: breaker open" },
};

const HEALTH: Readonly<Record<string, Told>> = {
  ok: { level: "ok", text: "Healthy" },
  healthy: { level: "ok", text: "Healthy" },
  degraded: { level: "warn", text: "Degraded" },
  down: { level: "bad", text: "Down" },
  unhealthy: { level: "bad", text: "Down" },
};

export function sourceTold(state: string): Told {
  return SOURCES[state] ?? unknown(state);
}

export function breakerTold(state: string): Told {
  return BREAKERS[state] ?? unknown(state);
}

export function healthTold(status: string): Told {
  return HEALTH[status] ?? unknown(status);
}

function unknown(word: string): Told {
  return { level: "idle", text: word.replaceAll("_", " ") };
}

const TROUBLE = { bad: 0, warn: 1, busy: 2, idle: 3, ok: 4 } as const;

/** For sorting: what is worst first. */
export function trouble({ level }: Told): number {
  return TROUBLE[level];
}
