import type { ComponentChildren, VNode } from "preact";
import { Note } from "../islands/parts/state.tsx";
import { Pulse } from "../islands/pulse.tsx";
import { Topbar } from "../islands/topbar.tsx";
import type { Caller } from "../src/service/access.ts";
import { htmlResponse, Island, type PagesDeps, redirect, type Theme, type Visit } from "../src/web/pages/mod.ts";

/** The tabs, in their order; `path` begins the address of every page of a tab. */
const TABS = [
  { path: "/zerobus", text: "ZeroBus", icon: "M2 3h12v3H2Zm0 4.500h12v3H2ZM2 12h12v2H2Z" },
  { path: "/sources", text: "Sources", icon: "M5 1h1.600v4h2.800V1H11v4h2v4a4 4 0 0 1-4 4v2H7v-2a4 4 0 0 1-4-4V5h2Z" },
  {
    path: "/monitoring",
    text: "Monitoring",
    icon: "M1 13h14v1.600H1ZM2 8h2.500v4H2Zm4.700-5h2.600v9H6.700ZM11.500 6H14v6h-2.500Z",
  },
  {
    path: "/certificates",
    text: "Certificates",
    icon:
      "M8 1l6 2v4.500c0 3.600-2.500 6.300-6 7.500-3.500-1.200-6-3.900-6-7.500V3Zm-.900 9.300 4-4-1.100-1.100-2.900 2.900-1.300-1.300-1.100 1.100Z",
  },
  { path: "/logs", text: "Logs", icon: "M2 2h12v1.800H2Zm0 3.600h9v1.800H2Zm0 3.600h12V11H2Zm0 3.600h7v1.800H2Z" },
  {
    path: "/settings",
    text: "Settings",
    icon:
      "M1 4h8v1.600H1Zm11 0h3v1.600h-3ZM9.500 2.500h2v4.600h-2ZM1 10.500h3v1.600H1Zm6 0h8v1.600H7ZM4.500 9h2v4.600h-2Z",
  },
] as const;

interface ShellProps {
  readonly visit: Visit;
  readonly viewer: Caller;
  readonly children: ComponentChildren;
}

function Shell({ visit, viewer: { user, role }, children }: ShellProps): VNode {
  const { pathname } = new URL(visit.request.url);
  return (
    <>
      <a class="skip" href="#content">To the content</a>
      <header class="bar">
        <Brand deps={visit.deps} />
        <Island name="pulse" of={Pulse} props={{}} />
        <button class="button menu-button" type="button" popovertarget="menu">Menu</button>
        {/* Where there is room, it stands in the bar; on a narrow screen the button opens it, and Escape closes it. */}
        <div class="menu" id="menu" popover="auto">
          <Tabs pathname={pathname} />
          <Island name="topbar" of={Topbar} props={{ user, role, theme: themeOf(visit.request) }} />
        </div>
      </header>
      <main class="page" id="content" tabIndex={-1}>
        {visit.deps.isReadOnly() ? <ReadOnly /> : null}
        {children}
      </main>
    </>
  );
}

function Tabs({ pathname }: { readonly pathname: string }): VNode {
  return (
    <nav class="tabs" aria-label="Main">
      {TABS.map(({ path, text, icon }) => (
        <a key={path} href={path} aria-current={pathname.startsWith(path) ? "page" : undefined}>
          <svg viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
            <path d={icon} />
          </svg>
          {text}
        </a>
      ))}
    </nav>
  );
}

/** Said once at the top, since no page offers a change of the configuration then. */
function ReadOnly(): VNode {
  return (
    <Note level="idle">
      This installation is configured by files alone (gui.read_only): the pages show the configuration and change
      nothing of it.
    </Note>
  );
}

/** The sign of the product, and which installation this is. */
export function Brand({ deps: { assets, instanceId } }: { readonly deps: PagesDeps }): VNode {
  return (
    <a class="brand" href="/monitoring">
      <img src={`/assets/${assets.names.icon}`} alt="" width="26" height="26" />
      <span>IoT connector</span> <small>{instanceId}</small>
    </a>
  );
}

/** What the viewer chose on this browser. */
export function themeOf(request: Request): Theme {
  const chosen = /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(request.headers.get("cookie") ?? "")?.[1];
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export interface Page {
  readonly title: string;
  readonly content: (viewer: Caller) => VNode;
}

/** A page behind the login. Who is not logged in is led there, or to the first setup. */
export function shellPage(visit: Visit, { title, content }: Page): Response {
  const { request, peer, deps } = visit;
  if (!deps.isSetUp()) return redirect("/setup");
  const viewer = deps.viewerOf(request, peer);
  if (!viewer) return redirect(`/login?next=${encodeURIComponent(new URL(request.url).pathname)}`);
  const children = <Shell visit={visit} viewer={viewer}>{content(viewer)}</Shell>;
  const csrf = viewer.session?.csrf ?? ""; // a token needs none
  return htmlResponse({ title, names: deps.assets.names, theme: themeOf(request), csrf, children });
}
