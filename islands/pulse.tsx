import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { newOnes, useAlerts } from "../src/web/client/alerts.ts";
import { connection, onEvent } from "../src/web/client/live.ts";
import { State } from "./parts/state.tsx";

/** What every page tells in its bar: alerts that nobody has seen yet, and whether the page is live. */
export function Pulse(): VNode {
  useEffect(() => onEvent("ping", () => {}), []);
  return (
    <div class="bar-now">
      <AlertBadge />
      <Liveness />
    </div>
  );
}

/** How many alerts nobody has seen yet: the way to them. */
function AlertBadge(): VNode | null {
  const alerts = newOnes(useAlerts() ?? []);
  if (alerts.length === 0) return null;
  const level = alerts.some(({ severity }) => severity === "critical") ? "bad" : "warn";
  return (
    <a class="live" href="/monitoring#alerts">
      <State level={level}>{alerts.length} {alerts.length === 1 ? "alert" : "alerts"}</State>
    </a>
  );
}

function Liveness(): VNode {
  const { value } = connection;
  const isLost = value.state === "lost";
  return (
    <span class="live" role="status" data-live={value.state}>
      {value.state === "live" ? <State level="ok">Live</State> : null}
      {value.state === "connecting" ? <State level="busy">Connecting</State> : null}
      {isLost ? <State level="warn">Stale since {new Date(value.sinceMs).toLocaleTimeString("en-GB")}</State> : null}
    </span>
  );
}
