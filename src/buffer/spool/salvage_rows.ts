/**
 * Rows of the store's table, taken from single pages ("B-tree Pages", "Record Format", sqlite.org/fileformat2.html).
 * The table is `kv (k, v, v_encoding, version, …) without rowid`: an index tree, whose inner pages hold rows too. No page
 * is needed to find another, so that a damaged one costs what is in it, and nothing else.
 */
import { PAGE_BYTES } from "./salvage_log.ts";
import type { PageFile } from "./salvage_pages.ts";

const LEAF = 0x0a;
const INNER = 0x02;
const LEAF_HEADER_BYTES = 8;
const INNER_HEADER_BYTES = 12;
/** A row with more keeps the rest in pages of overflow: with a page of 4096 bytes. */
const MAX_LOCAL_BYTES = 1002;
const MIN_LOCAL_BYTES = 489;
const OVERFLOW_BYTES = PAGE_BYTES - 4;
/** A value has 65,536 bytes at most, and a key 2,048: what says that it is longer is none of these rows. */
const MAX_ROW_BYTES = 70_000;
const COLUMNS = { min: 4, max: 10 };

/** A row as the page says: where it is, and which key it has. */
export interface FoundRow {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly valueBytes: number;
  readonly place: RowPlace;
}

/** Where a row is. */
export interface RowPlace {
  readonly page: number;
  /** Of the row's length, in the page. */
  readonly at: number;
}

export interface RowContent {
  readonly value: Uint8Array<ArrayBuffer>;
  /** 1: serialized by V8, 2: bytes. */
  readonly encoding: number;
  /** Grows with every commit. */
  readonly version: number;
}

/** The rows whose keys the page tells; one that makes no sense is left out. */
export function rowsIn(file: PageFile, number: number): FoundRow[] {
  const page = file.mayHoldRows(number) ? file.page(number) : undefined;
  if (!page || (page[0] !== LEAF && page[0] !== INNER)) return [];
  const view = new DataView(page.buffer);
  const [first, skipped] = page[0] === LEAF ? [LEAF_HEADER_BYTES, 0] : [INNER_HEADER_BYTES, 4];
  const count = Math.min(view.getUint16(3), (PAGE_BYTES - first) >> 1);
  const places = Array.from({ length: count }, (_, i) => view.getUint16(first + 2 * i) + skipped);
  return fitting([...new Set(places)].flatMap((at) => rowAt(page, { page: number, at }) ?? []));
}

/** As many as a page has room for, twice, as some may be damaged: reading a row costs up to 18 pages. */
function fitting(rows: readonly (FoundRow & { readonly localBytes: number })[]): FoundRow[] {
  let room = 2 * PAGE_BYTES;
  return rows.filter(({ localBytes }) => (room -= localBytes) >= 0);
}

function rowAt(
  page: Uint8Array<ArrayBuffer>,
  place: RowPlace,
): FoundRow & { readonly localBytes: number } | undefined {
  const cell = cellAt(page, place.at);
  const columns = cell && columnsOf(cell.local);
  if (!columns) return undefined;
  const [key, value] = columns;
  const isWhole = key && value && key.isBytes && value.isBytes && key.to <= cell.local.length;
  if (!isWhole) return undefined;
  const found = { key: cell.local.slice(key.from, key.to), valueBytes: value.to - value.from };
  return { ...found, place, localBytes: cell.local.length };
}

/** The whole row; undefined where a page of it is missing, or it makes no sense. */
export function readRow(file: PageFile, { page: number, at }: RowPlace): RowContent | undefined {
  const page = file.page(number);
  const cell = page && cellAt(page, at);
  const payload = cell && payloadOf(file, cell);
  const [, value, encoding, version] = (payload && columnsOf(payload)) ?? [];
  if (!payload || !value?.isBytes || !encoding || !version || version.to > payload.length) return undefined;
  return {
    value: payload.slice(value.from, value.to),
    encoding: integerIn(payload, encoding),
    version: integerIn(payload, version),
  };
}

interface Cell {
  readonly bytes: number;
  /** What of the row is in its page. */
  readonly local: Uint8Array<ArrayBuffer>;
  /** The page that the rest begins in. */
  readonly overflow: number;
}

function cellAt(page: Uint8Array<ArrayBuffer>, at: number): Cell | undefined {
  const length = varint(page, at);
  if (!length || length.value > MAX_ROW_BYTES) return undefined;
  const { value: bytes, next: from } = length;
  const tail = MIN_LOCAL_BYTES + (bytes - MIN_LOCAL_BYTES) % OVERFLOW_BYTES;
  const localBytes = bytes <= MAX_LOCAL_BYTES ? bytes : tail <= MAX_LOCAL_BYTES ? tail : MIN_LOCAL_BYTES;
  const to = from + localBytes;
  if (to + (localBytes < bytes ? 4 : 0) > PAGE_BYTES) return undefined;
  const overflow = localBytes < bytes ? new DataView(page.buffer).getUint32(to) : 0;
  return { bytes, local: page.subarray(from, to), overflow };
}

function payloadOf(file: PageFile, { bytes, local, overflow }: Cell): Uint8Array<ArrayBuffer> | undefined {
  const payload = new Uint8Array(bytes);
  payload.set(local);
  for (let at = local.length, number = overflow; at < bytes; at += OVERFLOW_BYTES) {
    const page = number > 0 && number <= file.count ? file.page(number) : undefined;
    if (!page) return undefined;
    payload.set(page.subarray(4, 4 + Math.min(OVERFLOW_BYTES, bytes - at)), at);
    number = new DataView(page.buffer).getUint32(0);
  }
  return payload;
}

interface Column {
  readonly type: number;
  readonly isBytes: boolean;
  readonly from: number;
  readonly to: number;
}

/** Where each column of a row is, by the record's header, which is whole in every part that a page has of a row. */
function columnsOf(payload: Uint8Array): Column[] | undefined {
  const header = varint(payload, 0);
  if (!header || header.value > payload.length) return undefined;
  const columns: Column[] = [];
  for (let at = header.next, from = header.value; at < header.value;) {
    const type = varint(payload, at);
    if (!type) return undefined;
    const to = from + sizeOf(type.value);
    columns.push({ type: type.value, isBytes: type.value >= 12 && type.value % 2 === 0, from, to });
    at = type.next;
    from = to;
  }
  return columns.length >= COLUMNS.min && columns.length <= COLUMNS.max ? columns : undefined;
}

/** Bytes of a column, by its type. */
function sizeOf(type: number): number {
  if (type >= 12) return (type - 12) >> 1;
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0;
}

function integerIn(payload: Uint8Array, { type, from, to }: Column): number {
  if (type === 8 || type === 9) return type - 8;
  let value = 0;
  for (let at = from; at < to; at++) value = value * 256 + (payload[at] ?? 0);
  return value;
}

/** Big-endian groups of 7 bits, the last of which says so; longer ones are none of these rows. */
function varint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, next: at + i + 1 };
  }
}
