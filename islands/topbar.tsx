import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { request } from "../src/web/client/api.ts";
import { newOnes, useAlerts } from "../src/web/client/alerts.ts";
import { connection, onEvent } from "../src/web/client/live.ts";
import { State } from "./parts/state.tsx";

export interface TopbarProps {
  readonly user: string;
  readonly role: string;
  readonly theme: "system" | "light" | "dark";
}

const NEXT_THEME = { system: "light", light: "dark", dark: "system" } as const;
const YEAR_SECONDS = 31_536_000;

/** What stands at the right of the bar: whether the page is live, how it looks, and who is logged in. */
export function Topbar({ user, role, theme: given }: TopbarProps): VNode {
  const theme = useSignal<TopbarProps["theme"]>(given);
  useEffect(() => onEvent("ping", () => {}), []);
  function changeTheme(): void {
    theme.value = NEXT_THEME[theme.value];
    document.documentElement.dataset.theme = theme.value;
    document.cookie = `theme=${theme.value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
    dispatchEvent(new Event("themechange"));
  }
  return (
    <div class="bar-end">
      <AlertBadge />
      <Liveness />
      <button class="button" type="button" onClick={changeTheme} aria-label={`Look: ${theme.value}. Change it`}>
        <ThemeIcon theme={theme.value} />
      </button>
      <a class="live long" href="/settings/account" title={`Role: ${role}. My account`}>{user}</a>
      <button class="button" type="button" onClick={logOut}>Log out</button>
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

const ICONS = {
  system: "M2 3h12v8H2Zm4 9h4l.6 2H5.4Z",
  light: "M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM7.3 0h1.4v3H7.3Zm0 13h1.4v3H7.3ZM0 7.3h3v1.4H0Zm13 0h3v1.4h-3Z",
  dark: "M11 1.5A7 7 0 1 0 14.5 11 6 6 0 0 1 11 1.500Z",
} as const;

function ThemeIcon({ theme }: Pick<TopbarProps, "theme">): VNode {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d={ICONS[theme]} />
    </svg>
  );
}

async function logOut(): Promise<void> {
  await request("DELETE", "/api/session").catch(() => {/* then it ends by itself */});
  location.assign("/login");
}
