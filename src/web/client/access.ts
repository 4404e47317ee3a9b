/** Users, sessions and tokens, as the API tells them. */
import { read, request } from "./api.ts";

export const ROLES = ["viewer", "operator", "administrator"] as const;
export type RoleName = (typeof ROLES)[number];

/** What each may, in a sentence. */
export const ROLE_TEXTS: Readonly<Record<RoleName, string>> = {
  viewer: "Sees everything but users, tokens and audit",
  operator: "Also starts and stops sources, tests and browses devices, replays dead letters",
  administrator: "Also changes the configuration, users and tokens, purges dead letters, reads the audit",
};

export interface UserItem {
  readonly username: string;
  readonly role: RoleName;
  readonly created: string;
}

export interface SessionItem {
  readonly id: string;
  readonly username: string;
  readonly from: string;
  readonly began: string;
  readonly last_seen: string;
  readonly is_own: boolean;
}

export interface TokenItem {
  readonly id: string;
  readonly name: string;
  readonly role: RoleName;
  readonly owner: string;
  readonly created: string;
  readonly expires: string | null;
  readonly last_used: string | null;
}

/** More than there may be of any of them. */
const ALL = "limit=1000";

interface Page<T> {
  readonly items: readonly T[];
}

/** @throws {ApiError} */
export async function readUsers(signal: AbortSignal): Promise<readonly UserItem[]> {
  return (await read<Page<UserItem>>(`/api/users?${ALL}`, signal)).items;
}

/** @throws {ApiError} */
export async function readSessions(signal: AbortSignal): Promise<readonly SessionItem[]> {
  return (await read<Page<SessionItem>>(`/api/sessions?${ALL}`, signal)).items;
}

/** @throws {ApiError} */
export async function readTokens(signal: AbortSignal): Promise<readonly TokenItem[]> {
  return (await read<Page<TokenItem>>(`/api/tokens?${ALL}`, signal)).items;
}

/** @throws {ApiError} */
export async function addUser(user: { username: string; role: string; password: string }): Promise<void> {
  await request("POST", "/api/users", { body: user });
}

/** The user's sessions end by it. @throws {ApiError} */
export async function changeUser(name: string, change: { role?: string; password?: string }): Promise<void> {
  await request("PUT", `/api/users/${encodeURIComponent(name)}`, { body: change });
}

/** @throws {ApiError} */
export async function removeUser(name: string): Promise<void> {
  await request("DELETE", `/api/users/${encodeURIComponent(name)}`);
}

/** @throws {ApiError} */
export async function endSession(id: string): Promise<void> {
  await request("DELETE", `/api/sessions/${encodeURIComponent(id)}`);
}

/** All sessions end but this page's, which goes on as a new one. @throws {ApiError} */
export async function changeOwnPassword(old_password: string, new_password: string): Promise<void> {
  await request("PUT", "/api/me/password", { body: { old_password, new_password } });
}

/** `days`: null for no end. Returns the token's text, which is told this once. @throws {ApiError} */
export async function addToken(wanted: { name: string; role: string; days: number | null }): Promise<string> {
  return (await request<{ readonly token: string }>("POST", "/api/tokens", { body: wanted })).body.token;
}

/** @throws {ApiError} */
export async function removeToken(id: string): Promise<void> {
  await request("DELETE", `/api/tokens/${encodeURIComponent(id)}`);
}
