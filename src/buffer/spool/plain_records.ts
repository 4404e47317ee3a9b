/**
 * What plain records may say. Nothing vouches for them: a disk that fails, and whoever writes to the file, can change any.
 * A record that cannot be true is damage, and the chunk or letter that it is about tells the truth itself.
 */
import type { LedgerRecord } from "../ledger.ts";
import type { LetterRecord } from "./letters.ts";
import type { Names } from "./names.ts";
import type { ChunkRecord } from "./spool_chunk.ts";

/** Numbers of rows stay below this: beyond twice as much a double does not tell neighbours apart. */
const END_OF_SEQS = 2 ** 52;
/** A chunk is closed at 128 KiB, or holds one pack more, of rows of 9 MB at most. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
/** A sealed value is deleted by one commit, which takes 1,000 keys of 60,000 bytes. */
const MAX_SEALED_BYTES = 60_000_000;
/** A row has a byte at least. */
const MAX_CHUNK_ROWS = MAX_CHUNK_BYTES;
const KEY_ID = /^[0-9a-f]{8}$/;

/** Whether it is a number of things. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Whether a row may have this number, so that there is one for the next; 0: before the first. */
export function isSeq(value: unknown): value is number {
  return isCount(value) && value < END_OF_SEQS - 1;
}

/** Whether the next row of a table, or the next dead letter, may have this number. */
export function isNext(value: unknown): value is number {
  return isCount(value) && value < END_OF_SEQS;
}

/** Whether it is the length of a sealed value. */
export function isSealedLength(value: unknown): value is number {
  return isCount(value) && value <= MAX_SEALED_BYTES;
}

/** Whether a chunk may be as long as this, sealed. */
export function isChunkLength(value: unknown): value is number {
  return isCount(value) && value <= MAX_CHUNK_BYTES;
}

/** Whether it can be the record of a chunk that begins with `firstSeq`. */
export function isChunkRecord(value: unknown, firstSeq: number, names: Names): value is ChunkRecord {
  const { lastSeq, upTo, gone, live, bytes, keyId, fromUs, toUs } = (value ?? {}) as Partial<ChunkRecord>; // of any shape
  if (!isSeq(firstSeq) || !isSeq(lastSeq) || !isSeq(upTo)) return false;
  const rows = lastSeq - firstSeq + 1;
  const isInside = firstSeq - 1 <= upTo && upTo <= lastSeq && rows <= MAX_CHUNK_ROWS;
  const isSealed = isChunkLength(bytes) && isKeyId(keyId) && isTime(fromUs) && isTime(toUs);
  if (!isInside || !isSealed || !Array.isArray(gone) || !Array.isArray(live)) return false;
  const isGoneInside = gone.every((seq) => isSeq(seq) && firstSeq <= seq && seq <= lastSeq);
  return isGoneInside && live.every((pair) => isLive(pair, names)) && rowsOf(live) <= rows;
}

/** Whether it can be the record of a dead letter. */
export function isLetterRecord(value: unknown, names: Names): value is LetterRecord {
  const { source, size, timeUs, row, bytes, keyId } = (value ?? {}) as Partial<LetterRecord>; // of any shape
  const isRow = row === undefined || (Array.isArray(row) && row.length === 2 && isName(row[0], names) && isSeq(row[1]));
  return isName(source, names) && isSealedLength(size) && isSealedLength(bytes) && isKeyId(keyId) && isRow &&
    (timeUs === undefined || isTime(timeUs));
}

/** Whether it can be the counters of a source. */
export function isLedgerRecord(value: unknown): value is LedgerRecord {
  const { counters, dropped } = (value ?? {}) as Partial<LedgerRecord>; // of any shape: looked at here
  return isRecordOfCounts(counters) && isRecordOfCounts(dropped) && "received" in counters;
}

/** Whether it is the number of a name. */
export function isName(value: unknown, names: Names): value is number {
  return isCount(value) && names.nameOf(value) !== "";
}

/** Whether it is the number of a lane's name. */
export function isLane(value: unknown, names: Names): value is number {
  return isName(value, names) && names.nameOf(value).includes("#");
}

function isRecordOfCounts(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === "object" && value !== null && Object.values(value).every(isCount);
}

function isLive(pair: unknown, names: Names): boolean {
  return Array.isArray(pair) && pair.length === 2 && isName(pair[0], names) && isCount(pair[1]);
}

function rowsOf(live: ChunkRecord["live"]): number {
  return live.reduce((sum, [, rows]) => sum + rows, 0);
}

function isKeyId(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && KEY_ID.test(value));
}

/** An event time: devices send any, and a chunk without rows has none. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(value);
}
