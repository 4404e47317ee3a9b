/** The pages under Settings: the configuration and its history, users, tokens, the audit, and one's own account. */
import type { VNode } from "preact";
import { Account } from "../islands/account.tsx";
import { AuditPage } from "../islands/audit.tsx";
import { ConfigPage } from "../islands/config_page.tsx";
import { History } from "../islands/history.tsx";
import { Note } from "../islands/parts/state.tsx";
import { Tokens } from "../islands/tokens.tsx";
import { Users } from "../islands/users.tsx";
import type { Caller } from "../src/service/access.ts";
import { Island, type Visit } from "../src/web/pages/mod.ts";
import { shellPage } from "./shell.tsx";

const PARTS = [
  { path: "/settings", text: "Configuration" },
  { path: "/settings/history", text: "History" },
  { path: "/settings/users", text: "Users", isGuarded: true },
  { path: "/settings/tokens", text: "API tokens", isGuarded: true },
  { path: "/settings/audit", text: "Audit", isGuarded: true },
  { path: "/settings/account", text: "My account" },
] as const;

const BLOCKS = [
  "backpressure",
  "processing",
  "resilience",
  "monitoring",
  "gui",
  "security",
  "performance",
  "deployment",
];

interface Part {
  readonly title: string;
  readonly content: (viewer: Caller) => VNode;
  /** What only an administrator sees. */
  readonly isGuarded?: boolean;
}

function part(visit: Visit, { title, content, isGuarded = false }: Part): Response {
  const { pathname } = new URL(visit.request.url);
  return shellPage(visit, {
    title,
    content: (viewer) => (
      <>
        <nav class="parts" aria-label="Settings">
          {PARTS.filter((each) => viewer.role === "administrator" || !("isGuarded" in each)).map(({ path, text }) => (
            <a key={path} href={path} aria-current={pathname === path ? "page" : undefined}>{text}</a>
          ))}
        </nav>
        {isGuarded && viewer.role !== "administrator" ? <Guarded title={title} /> : content(viewer)}
      </>
    ),
  });
}

function Guarded({ title }: Pick<Part, "title">): VNode {
  return (
    <>
      <h1>{title}</h1>
      <Note level="idle">Only an administrator sees this.</Note>
    </>
  );
}

export function settingsPage(visit: Visit): Response {
  const intro = "How the connector works.";
  const page = { title: "Settings", intro, blocks: BLOCKS, hasCopies: true };
  return part(visit, {
    title: page.title,
    content: ({ role }) => <Island name="config" of={ConfigPage} props={{ ...page, role }} />,
  });
}

export function historyPage(visit: Visit): Response {
  const isReadOnly = visit.deps.isReadOnly();
  return part(visit, {
    title: "History",
    content: ({ role }) => (
      <Island name="history" of={History} props={{ canChange: role === "administrator" && !isReadOnly }} />
    ),
  });
}

export function usersPage(visit: Visit): Response {
  return part(visit, {
    title: "Users",
    isGuarded: true,
    content: ({ user }) => <Island name="users" of={Users} props={{ user }} />,
  });
}

export function tokensPage(visit: Visit): Response {
  return part(visit, {
    title: "API tokens",
    isGuarded: true,
    content: () => <Island name="tokens" of={Tokens} props={{}} />,
  });
}

export function auditPage(visit: Visit): Response {
  return part(visit, {
    title: "Audit",
    isGuarded: true,
    content: () => <Island name="audit" of={AuditPage} props={{}} />,
  });
}

export function accountPage(visit: Visit): Response {
  return part(visit, {
    title: "My account",
    content: ({ user, role }) => <Island name="account" of={Account} props={{ user, role }} />,
  });
}
