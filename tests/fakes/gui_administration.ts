/** Answers of an API for the pages of its administration. */
import type { SessionItem, TokenItem, UserItem } from "../../src/web/client/access.ts";
import type { AuditItem } from "../../src/web/client/audit.ts";
import type { ConfigChange, Plan } from "../../src/web/client/config.ts";
import type { FakeGui } from "./gui_api.ts";

const DAY = "2026-03-01T12:00:00.000Z";
const DIFF = " gui:\n-  session_hours: 12\n+  session_hours: 8\n";

export const USERS: readonly UserItem[] = [
  { username: "anna", role: "administrator", created: DAY },
  { username: "control_room_of_the_rolling_mill_in_the_northern_hall", role: "operator", created: DAY },
  { username: "vera", role: "viewer", created: DAY },
];

export const SESSIONS: readonly SessionItem[] = [
  { id: "s1", username: "anna", from: "127.0.0.1", began: DAY, last_seen: DAY, is_own: true },
  { id: "s2", username: "vera", from: "fd00:12:34::8", began: DAY, last_seen: DAY, is_own: false },
];

export const TOKENS: readonly TokenItem[] = [
  { id: "t1", name: "scada", role: "viewer", owner: "anna", created: DAY, expires: DAY, last_used: DAY },
  { id: "t2", name: "backup job", role: "operator", owner: "anna", created: DAY, expires: null, last_used: null },
];

export const AUDIT: readonly AuditItem[] = [
  line(4, { action: "config.change", target: "config", detail: { change: "c2", diff: DIFF } }),
  line(3, { action: "config.change", target: "config", detail: { state: "asked" } }),
  line(2, { action: "user.add", target: "vera", detail: { role: "viewer" } }),
  line(1, { action: "setup", target: "anna", from: "" }),
];

function line(n: number, change: Partial<AuditItem>): AuditItem {
  return { n, time: DAY, who: "anna", from: "127.0.0.1", action: "", target: "", detail: {}, ...change };
}

export const CHANGES: readonly ConfigChange[] = [
  { id: "c2", time: DAY, author: "anna", kind: "change", diff: DIFF, failure: null },
  {
    id: "c1",
    time: DAY,
    author: "anna",
    kind: "change",
    diff: " sources:\n+  - name: press_9\n",
    failure: "Source press_9 is not connected: opc.tcp://192.168.1.109:4840 does not answer",
  },
];

export const BACK: Plan = {
  version: "7",
  diff: " gui:\n-  session_hours: 8\n+  session_hours: 12\n",
  warnings: [],
  effects: { starts: [], stops: [], restarts: [], connector: ["gui"] },
};

/** Something for every page of it. */
export function answerAdministration({ answers }: FakeGui): void {
  const page = (items: readonly unknown[]) => ({ total: items.length, items, next: null });
  answers.set("GET /api/users", page(USERS));
  answers.set("GET /api/sessions", page(SESSIONS));
  answers.set("GET /api/tokens", page(TOKENS));
  answers.set("GET /api/audit", page(AUDIT));
  answers.set("GET /api/audit/verify", { lines: 4, intact: true, faults: [] });
  answers.set("GET /api/config/history", page(CHANGES));
  answers.set("GET /api/config/history/c2/plan", BACK);
}
