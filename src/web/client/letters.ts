import { read, request } from "./api.ts";

/** A dead letter in a list. */
export interface LetterItem {
  readonly id: number;
  readonly source: string;
  readonly reason: string;
  /** One that cannot be read has none of these. */
  readonly time?: string;
  readonly table?: string;
  readonly code?: string;
}

export interface LetterPage {
  readonly total: number;
  readonly items: readonly LetterItem[];
  /** Where the next page begins; null on the last one. */
  readonly next: string | null;
}

export interface LetterFilter {
  readonly source: string;
  readonly code: string;
}

export const PER_PAGE = 25;

/** @throws {ApiError} */
export function readLetters(
  { source, code }: LetterFilter,
  next: string | undefined,
  signal: AbortSignal,
): Promise<LetterPage> {
  const query = new URLSearchParams({ limit: String(PER_PAGE) });
  if (source) query.set("source", source);
  if (code) query.set("code", code);
  if (next !== undefined) query.set("next", next);
  return read(`/api/dlq?${query}`, signal);
}

/** What came of a replay. */
export interface Replayed {
  readonly letters: number;
  readonly rows: number;
  readonly failures: readonly string[];
}

/** Without ids: all there are. @throws {ApiError} */
export async function replayLetters(ids: readonly number[] | "all"): Promise<Replayed> {
  return (await request<Replayed>("POST", "/api/dlq/replay", { body: { ids } })).body;
}

/** @throws {ApiError} */
export async function purgeLetters(ids: readonly number[] | "all"): Promise<void> {
  if (ids === "all") await request("DELETE", "/api/dlq");
  else for (const id of ids) await request("DELETE", `/api/dlq/${id}`);
}
