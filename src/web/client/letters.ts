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
  readonly table: string;
  readonly code: string;
  /** Not older than so many hours; empty for all. */
  readonly hours: string;
}

export const PER_PAGE = 25;

/** @throws {ApiError} */
export function readLetters(
  { source, table, code, hours }: LetterFilter,
  next: string | undefined,
  signal: AbortSignal,
): Promise<LetterPage> {
  const query = new URLSearchParams({ limit: String(PER_PAGE) });
  if (source) query.set("source", source);
  if (table) query.set("table", table);
  if (code) query.set("code", code);
  if (hours) query.set("after", new Date(Date.now() - Number(hours) * 3_600_000).toISOString());
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

/** All of a letter, as far as it can be read. */
export interface Letter extends LetterItem {
  readonly tag?: string;
  readonly row?: { readonly lane: string; readonly columns?: Readonly<Record<string, number | boolean | string>> };
  readonly payload?: string;
  readonly payload_encoding?: "text" | "base64";
  readonly is_cut?: true;
}

/** Columns as texts, or the message that the device should have sent. */
export type LetterChange =
  | { readonly set: Readonly<Record<string, string>> }
  | { readonly payload: string; readonly payload_encoding: "text" | "base64" };

/** Changes it and sends it again; resolves with how many rows it became. @throws {ApiError} saying which column is wrong */
export async function editLetter(id: number, change: LetterChange): Promise<number> {
  return (await request<{ readonly rows: number }>("PUT", `/api/dlq/${id}`, { body: change })).body.rows;
}

/** What a row gets anew whenever it is accepted. */
const STAMPED = ["edge_id", "boot_epoch", "seq", "ingest_time"];

/** What a person may change in it. */
export function editableColumns({ row }: Letter): readonly (readonly [name: string, value: string])[] {
  return Object.entries(row?.columns ?? {}).filter(([name]) => !STAMPED.includes(name)).map(([name, value]) =>
    [name, String(value)] as const
  );
}
