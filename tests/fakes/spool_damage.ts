/** Spools whose files are spoilt on purpose, and what must be left of them. */
import { DatabaseSync } from "node:sqlite";
import type { Buffer } from "../../src/buffer/buffer.ts";
import { copyOf, type Reading, type Row } from "../../src/core/reading.ts";
import { fakeRoute, handover } from "./rows.ts";
import type { SpoolHome } from "./spool.ts";

const NEVER = new AbortController().signal;
export const PAGE = 4096;
export const CHUNK_ROWS = 100;

/** Rows of 450 bytes that begin with the number as text: a chunk of a hundred of them takes no further rows. */
export const filledRoute = {
  ...fakeRoute(),
  encode: ({ tag, eventTimeUs }: Reading) => new TextEncoder().encode(`${tag}:${eventTimeUs}`.padEnd(450)),
};

/** Accepts chunks of 100 rows each, numbered from `from` on, one commit after the other. */
export async function fillChunks(buffer: Buffer, chunks: number, from = 0): Promise<void> {
  for (let i = 0; i < chunks; i++) {
    const receipt = await buffer.accept(handover(CHUNK_ROWS, from + i * CHUNK_ROWS), filledRoute, NEVER);
    await receipt.durable;
  }
}

/** A spool that holds so many chunks, closed. */
export async function filledHome(home: SpoolHome, chunks: number): Promise<void> {
  await using buffer = await home.open({ isCompressed: false });
  await fillChunks(buffer, chunks);
}

/** The next rows of the lane. */
export async function readRows(buffer: Buffer, count: number, lane = fakeRoute().lane.id): Promise<Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  for await (const some of buffer.next(lane, stop.signal)) {
    for (const row of some) rows.push(copyOf(row));
    if (rows.length >= count) stop.abort();
  }
  return rows.slice(0, count);
}

/** Numbers of the rows of these chunks, which are counted from 0. */
export function rowsOf(chunks: Iterable<number>): number[] {
  return [...chunks].flatMap((chunk) => Array.from({ length: CHUNK_ROWS }, (_, i) => chunk * CHUNK_ROWS + i));
}

/**
 * The pages that each chunk lies in, by SQLite's own account of its tree: chunks are the only values that need pages of
 * overflow, and the order of the tree is that of their keys.
 */
export function pagesOfChunks(path: string): ReadonlySet<number>[] {
  using db = new DatabaseSync(path);
  const pages = db.prepare("select path, pageno, pagetype from dbstat where name = 'kv'").all();
  const homes = new Map(pages.map(({ path, pageno }) => [String(path), Number(pageno)]));
  const chunks = new Map<string, Set<number>>();
  for (const { path, pageno, pagetype } of pages) {
    if (pagetype !== "overflow") continue;
    const [cell = ""] = String(path).split("+");
    const home = homes.get(cell.slice(0, cell.lastIndexOf("/") + 1)) ?? 0;
    chunks.set(cell, (chunks.get(cell) ?? new Set([home])).add(Number(pageno)));
  }
  return [...chunks].sort(([a], [b]) => inTree(a) < inTree(b) ? -1 : 1).map(([, set]) => set);
}

/** A text that sorts as the cells of the tree do: a page's cell stands behind the child of the same number. */
function inTree(cell: string): string {
  const steps = cell.split("/").slice(1).map((hex) => parseInt(hex, 16));
  const last = steps.length - 1;
  return steps.map((step, i) => String(2 * step + (i === last ? 1 : 0)).padStart(5, "0")).join("/");
}

/** Overwrites these bytes with garbage. */
export function overwrite(path: string, from: number, bytes: number): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(from, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(bytes).fill(0x5a));
}

/** Overwrites pages, which are counted from 1. */
export function overwritePages(path: string, first: number, count = 1): void {
  overwrite(path, (first - 1) * PAGE, count * PAGE);
}

/** Changes the bytes of all values whose key holds this text. The database is not open elsewhere. */
export function tamper(path: string, keyPart: string, change: (value: Uint8Array, index: number) => void): void {
  using db = new DatabaseSync(path);
  const rows = db.prepare("select k, v from kv order by k").all();
  const wanted = rows.filter(({ k }) => k instanceof Uint8Array && new TextDecoder().decode(k).includes(keyPart));
  for (const [index, { k, v }] of wanted.entries()) {
    if (!(v instanceof Uint8Array)) throw new TypeError("a value is not bytes");
    const before = v.slice();
    change(v, index);
    if (v.some((byte, i) => byte !== before[i])) db.prepare("update kv set v = ? where k = ?").run(v, k ?? "");
  }
}

/**
 * Changes plain records of the spool in this directory, which nobody has open. Of an object only the given fields change;
 * undefined: the record is deleted.
 */
export async function changeRecords(
  directory: string,
  changes: readonly { readonly key: Deno.KvKey; readonly value: unknown }[],
): Promise<void> {
  using kv = await Deno.openKv(`${directory}/spool.db`);
  for (let at = 0; at < changes.length; at += 500) {
    const atomic = kv.atomic();
    for (const { key, value } of changes.slice(at, at + 500)) {
      const { value: before } = await kv.get(key);
      const isObject = typeof before === "object" && typeof value === "object";
      if (value === undefined) atomic.delete(key);
      else atomic.set(key, isObject ? { ...before, ...value } : value);
    }
    await atomic.commit();
  }
}
