import { read, request } from "./api.ts";
import { number } from "./format.ts";
import { followed, type Step } from "./long_work.ts";

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

/** What the API calls the same. */
interface ApiFilter {
  readonly source?: string;
  readonly table?: string;
  readonly code?: string;
  readonly after?: string;
}

/** Which letters something is done with. */
export type LetterChoice =
  | { readonly ids: readonly number[] | "all" }
  /** Those that it finds when it is done. */
  | { readonly filter: ApiFilter };

/** `nowMs`: from which on hours are counted back. */
export function apiFilter({ source, table, code, hours }: LetterFilter, nowMs = Date.now()): ApiFilter {
  return {
    ...(source ? { source } : {}),
    ...(table ? { table } : {}),
    ...(code ? { code } : {}),
    ...(hours ? { after: new Date(nowMs - Number(hours) * 3_600_000).toISOString() } : {}),
  };
}

/** @throws {ApiError} */
export function readLetters(
  filter: LetterFilter,
  next: string | undefined,
  signal: AbortSignal,
): Promise<LetterPage> {
  const query = new URLSearchParams({ limit: String(PER_PAGE), ...apiFilter(filter) });
  if (next !== undefined) query.set("next", next);
  return read(`/api/dlq?${query}`, signal);
}

/** Where the browser downloads them from. */
export function exportAddress(choice: LetterChoice): string {
  if ("filter" in choice) return `/api/dlq/export?${new URLSearchParams({ ...choice.filter })}`;
  return choice.ids === "all" ? "/api/dlq/export" : `/api/dlq/export?ids=${choice.ids.join(",")}`;
}

/** What came of a replay or a purge. */
export interface Outcome {
  readonly letters: number;
  /** That they became; absent of a purge. */
  readonly rows?: number;
  /** Why letters stay, of the first hundred. */
  readonly failures?: readonly string[];
  readonly stayed?: number;
  /** Not looked at. */
  readonly left: number;
}

/** @throws {ApiError} */
export function settleLetters(
  what: "replay" | "purge",
  choice: LetterChoice,
  { onStep, signal }: { readonly onStep: (step: Step) => void; readonly signal: AbortSignal },
): Promise<Outcome> {
  return followed(`/api/dlq/${what}`, { body: choice, onStep, signal });
}

/** `Replayed 3 letters as 4 rows. 2 stay.` */
export function outcomeTold({ letters, rows, stayed = 0, left }: Outcome): string {
  const some = `${number(letters)} ${letters === 1 ? "letter" : "letters"}`;
  const done = rows === undefined
    ? `Purged ${some}.`
    : `Replayed ${some} as ${number(rows)} ${rows === 1 ? "row" : "rows"}.`;
  const rest = [
    ...(stayed > 0 ? [`${number(stayed)} ${stayed === 1 ? "stays" : "stay"}.`] : []),
    ...(left > 0 ? [`${number(left)} ${left === 1 ? "was" : "were"} not looked at.`] : []),
  ];
  return [done, ...rest].join(" ");
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
