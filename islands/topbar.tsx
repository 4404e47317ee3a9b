import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { request } from "../src/web/client/api.ts";

export interface TopbarProps {
  readonly user: string;
  readonly role: string;
  readonly theme: "system" | "light" | "dark";
}

const NEXT_THEME = { system: "light", light: "dark", dark: "system" } as const;
const YEAR_SECONDS = 31_536_000;

/** What of the bar is the viewer's own: how the pages look, who is logged in, and the way out. */
export function Topbar({ user, role, theme: given }: TopbarProps): VNode {
  const theme = useSignal<TopbarProps["theme"]>(given);
  function changeTheme(): void {
    theme.value = NEXT_THEME[theme.value];
    document.documentElement.dataset.theme = theme.value;
    document.cookie = `theme=${theme.value}; path=/; max-age=${YEAR_SECONDS}; samesite=strict`;
    dispatchEvent(new Event("themechange"));
  }
  return (
    <div class="bar-end">
      <button class="button" type="button" onClick={changeTheme} aria-label={`Look: ${theme.value}. Change it`}>
        <ThemeIcon theme={theme.value} />
      </button>
      <a class="live" href="/settings/account" title={`Role: ${role}. My account`}>{user}</a>
      <button class="button" type="button" onClick={logOut}>Log out</button>
    </div>
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
