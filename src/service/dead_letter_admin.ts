/** Dead letters as people and other programs read them. */
import { type BronzeValue, decodeRow, MESSAGES, textOfValue } from "../bronze/mod.ts";
import type { Payload } from "../buffer/dead_letters.ts";
import type { FoundLetter, SpoolDesk } from "../buffer/spool/mod.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf } from "../core/home_file.ts";
import { type Lane, laneNamed, laneTo } from "../core/lane.ts";
import type { Row } from "../core/reading.ts";
import { STAMPED } from "./letter_edit.ts";
import { type NamedIn, newPathInHome } from "./home_path.ts";
import type { Desk } from "./workplace.ts";

/** What a list says of a letter. The rest is absent where it does not open. */
export interface LetterSummary {
  readonly id: number;
  readonly source: string;
  /** When it became one: ISO 8601. */
  readonly time?: string;
  readonly tag?: string;
  /** `catalog.schema.table` it was meant for. */
  readonly table?: string;
  readonly code?: string;
  readonly reason: string;
}

/** A row in a dead letter, or a reading that became none: then it has no identity. */
export interface ShownRow {
  readonly lane: string;
  readonly edge_id?: string;
  readonly boot_epoch?: number;
  readonly seq?: number;
  /**
   * By name, as `dlq replay --set` takes them: bytes as base64, and what JSON numbers cannot hold as text. Absent where
   * this version does not know the message, or only its beginning was kept.
   */
  readonly columns?: Readonly<Record<string, number | boolean | string>>;
  /** Its bronze message, base64. */
  readonly bytes: string;
}

/** All of a letter: its row, or what the device sent, as text where it is text. */
export interface ShownLetter extends LetterSummary {
  readonly row?: ShownRow;
  readonly payload?: string;
  readonly payload_encoding?: "text" | "base64";
  /** Set where only the beginning of the content was kept. */
  readonly is_cut?: true;
}

/** What a list says of it. */
export function summaryOf({ id, source, letter }: FoundLetter): LetterSummary {
  if (!letter) return { id, source, reason: "It cannot be read: it was changed, or the disk is damaged." };
  const { time, tag, table, code, reason } = letter;
  return { id, time: new Date(time / 1000).toISOString(), source, tag, table, code, reason };
}

export function shownLetter(found: FoundLetter): ShownLetter {
  const summary = summaryOf(found);
  if (!found.letter) return summary;
  const { content, table } = found.letter;
  if ("row" in content) return { ...summary, row: shownRow(content.row) };
  const { message, payload, isCut } = content;
  const cut = isCut ? { is_cut: isCut } : {};
  if (message !== undefined) return { ...summary, ...cut, row: shownReading(laneTo(table, message), content) };
  return { ...summary, ...cut, ...shownPayload(payload) };
}

/** The newest letters, the newest first. */
export async function* newestLetters(spool: SpoolDesk, limit: number): AsyncIterable<LetterSummary> {
  let count = 0;
  for await (const found of spool.letters()) {
    if (count++ >= limit) return;
    yield summaryOf(found);
  }
}

/** All letters as they are shown, the newest first. */
export async function* shownLetters(spool: SpoolDesk): AsyncIterable<ShownLetter> {
  for await (const found of spool.letters()) yield shownLetter(found);
}

export interface LetterPageOptions {
  readonly limit: number;
  /** Only letters with a smaller id. */
  readonly before: number;
  /** Absent: all. With it every letter is opened. */
  readonly isWanted?: (letter: LetterSummary) => boolean;
  /** Ends the search. */
  readonly signal?: AbortSignal;
}

/** A page of letters, the newest first. `next` is for `before`; undefined on the last page. */
export async function letterPage(
  spool: SpoolDesk,
  { limit, before, isWanted, signal }: LetterPageOptions,
): Promise<{ readonly total: number; readonly items: LetterSummary[]; readonly next: number | undefined }> {
  const items: LetterSummary[] = [];
  const ids = isWanted ? [] : [...await spool.letterIds()];
  if (isWanted) {
    for await (const found of spool.letters()) {
      signal?.throwIfAborted();
      const summary = summaryOf(found);
      if (!isWanted(summary)) continue;
      ids.push(found.id);
      if (found.id < before && items.length < limit) items.push(summary);
    }
  }
  const rest = ids.filter((id) => id < before).sort((a, b) => b - a);
  for (const id of isWanted ? [] : rest.slice(0, limit)) {
    const found = await spool.letter(id);
    if (found) items.push(summaryOf(found)); // it may have gone meanwhile
  }
  return { total: ids.length, items, next: rest.length > limit ? rest[limit - 1] : undefined };
}

/** @throws {ConfigError} when there is none with this id */
export async function letterWith(spool: SpoolDesk, id: number): Promise<ShownLetter> {
  const found = await spool.letter(id);
  if (!found) throw noLetters([id]);
  return shownLetter(found);
}

export interface ExportOptions {
  readonly place: NamedIn;
  /** Of the new file, absolute or relative to the home. */
  readonly file: string;
  /** A letter as JSON in one line, with nothing in it that steers the terminal of who reads the file. */
  readonly jsonOf: (letter: ShownLetter) => string;
  /** Is told of each letter that is written, and how many there are. */
  readonly onWritten: (done: number, of: number) => void;
  readonly signal: AbortSignal;
}

export interface Exported {
  readonly path: string;
  readonly letters: number;
  /** Of these, those that do not open. */
  readonly unreadable: number;
}

/**
 * Writes all letters into a new file in the home directory, for its owner alone, a JSON object per line, the newest first.
 * @throws {ConfigError} when there may be no such file or it cannot be written, then none is left
 */
export async function exportLetters(
  spool: SpoolDesk,
  { place, file, jsonOf, onWritten, signal }: ExportOptions,
): Promise<Exported> {
  const path = newPathInHome(place, file);
  using out = newFile(path);
  try {
    let letters = 0;
    let unreadable = 0;
    const { length } = await spool.letterIds();
    for await (const found of spool.letters()) {
      signal.throwIfAborted();
      writeAll(out, new TextEncoder().encode(`${jsonOf(shownLetter(found))}\n`));
      letters++;
      if (!found.letter) unreadable++;
      onWritten(letters, length);
    }
    out.syncSync();
    return { path, letters, unreadable };
  } catch (error) {
    Deno.removeSync(path);
    throw exportError(path, signal.aborted ? "it was told to stop" : reasonOf(error), error);
  }
}

/** Deletes letters; they are counted as purged. Says how many. @throws {ConfigError} when one is not there: then none goes */
export async function purgeLetters(spool: Desk, ids: readonly number[] | "all"): Promise<number> {
  const known = await spool.letterIds();
  if (ids === "all") return await spool.purge(known);
  const there = new Set(known);
  const missing = ids.filter((id) => !there.has(id));
  if (missing.length > 0) throw noLetters(missing);
  return await spool.purge(ids);
}

function shownRow({ lane, edgeId, bootEpoch, seq, bytes }: Row): ShownRow {
  const identity = { edge_id: edgeId, boot_epoch: bootEpoch, seq };
  return { lane, ...identity, ...shownColumns(laneNamed(lane), bytes), bytes: bytes.toBase64() };
}

function shownReading(lane: Lane, { payload, isCut }: Payload): ShownRow {
  return { lane: lane.id, ...(isCut ? {} : shownColumns(lane, payload, STAMPED)), bytes: payload.toBase64() };
}

function shownColumns(lane: Lane, bytes: Uint8Array, hidden: readonly string[] = []): Pick<ShownRow, "columns"> {
  const message = MESSAGES.find(({ name }) => name === lane.message);
  if (!message) return {};
  const columns = Object.entries(decodeRow(message, bytes)).filter(([name]) => !hidden.includes(name));
  return { columns: Object.fromEntries(columns.map(([name, value]) => [name, plain(value)])) };
}

/** JSON has no word for NaN, the infinities and -0, which devices do send, and none for bytes. */
function plain(value: BronzeValue): number | boolean | string {
  if (typeof value === "boolean") return value;
  return typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0) ? value : textOfValue(value);
}

function shownPayload(payload: Uint8Array): Pick<ShownLetter, "payload" | "payload_encoding"> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
    return { payload_encoding: "text", payload: text };
  } catch {
    return { payload_encoding: "base64", payload: payload.toBase64() }; // not UTF-8
  }
}

/** @throws {ConfigError} when there is such a file, or it cannot be made */
function newFile(path: string): Deno.FsFile {
  if (infoOf(path)) throw exportError(path, "it exists, and nothing is overwritten: name another");
  try {
    return Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    throw exportError(path, reasonOf(error), error);
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

function exportError(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError("export_failed", `Cannot write the dead letters to ${path}: ${reason}`, { cause });
}

function noLetters(ids: readonly number[]): ConfigError {
  const which = ids.length === 1 ? `no dead letter ${ids[0]}` : `no dead letters ${ids.join(", ")}`;
  return new ConfigError("no_dead_letter", `There is ${which}: \`dlq list\` shows which there are`);
}
