/** The pages before the login. */
import type { VNode } from "preact";
import { Login } from "../islands/login.tsx";
import { Setup } from "../islands/setup.tsx";
import { htmlResponse, Island, redirect, type Visit } from "../src/web/pages/mod.ts";
import { Brand, themeOf } from "./shell.tsx";

export function loginPage(visit: Visit): Response {
  const { request, peer, deps } = visit;
  if (!deps.isSetUp()) return redirect("/setup");
  const next = safePath(new URL(request.url).searchParams.get("next"));
  if (deps.viewerOf(request, peer)) return redirect(next);
  return gatePage("Log in", visit, <Island name="login" of={Login} props={{ next }} />);
}

export function setupPage(visit: Visit): Response {
  if (visit.deps.isSetUp()) return redirect("/login");
  return gatePage("First setup", visit, <Island name="setup" of={Setup} props={{}} />);
}

function gatePage(title: string, { request, deps }: Visit, island: VNode): Response {
  const children = (
    <main class="gate">
      <div>
        <Brand deps={deps} />
        {island}
      </div>
    </main>
  );
  return htmlResponse({ title, names: deps.assets.names, theme: themeOf(request), children });
}

/** A path of this host: an address that comes with a link must not lead elsewhere after the login. */
function safePath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[A-Za-z0-9_.%/-]*$/.test(next) ? next : "/monitoring";
}
