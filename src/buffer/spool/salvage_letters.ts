import type { DeadLetter } from "../dead_letters.ts";
import { decodeLetter, letterKey, type LetterRecord, letterRecordKey } from "./letters.ts";
import type { Names } from "./names.ts";
import { isLetterRecord, isSeq } from "./plain_records.ts";
import type { Books } from "./salvage_books.ts";
import type { Finds } from "./salvage_finds.ts";
import { keyIdIn, type Sealer, SealError } from "./seal.ts";
import { type Blob, nameOfKey } from "./store.ts";

/** A dead letter that opens, and what the store is to say about it. */
export interface SalvagedLetter {
  readonly blob: Blob;
  readonly recordKey: Deno.KvKey;
  readonly record: LetterRecord;
}

export interface LetterDeps {
  readonly finds: Finds;
  readonly names: Names;
  readonly sealer: Sealer;
  readonly books: Books;
}

/** The dead letters that open, the oldest first. */
export async function* salvagedLetters({ finds, names, sealer, books }: LetterDeps): AsyncIterable<SalvagedLetter> {
  for (const { key: [, id] } of finds.records("letter")) if (isSeq(id)) books.sawLetter(id);
  for (const [, id] of finds.sealedKeys("dead")) {
    if (!isSeq(id)) continue;
    books.sawLetter(id);
    const sealed = finds.sealed(letterKey(id));
    const opened = sealed && await open(id, sealed, sealer);
    if (!sealed || !opened) continue;
    const known = finds.record(letterRecordKey(id));
    const head = isLetterRecord(known, names) ? known : headOf(opened.letter, opened.plainBytes, names);
    const record = { ...head, bytes: sealed.length, keyId: keyIdIn(sealed) };
    if (!isLetterRecord(record, names)) continue;
    yield { blob: { key: letterKey(id), sealed }, recordKey: letterRecordKey(id), record };
  }
}

async function open(
  id: number,
  sealed: Uint8Array<ArrayBuffer>,
  sealer: Sealer,
): Promise<{ readonly letter: DeadLetter; readonly plainBytes: number } | undefined> {
  try {
    const plain = await sealer.open(nameOfKey(letterKey(id)), sealed);
    return { letter: decodeLetter(plain), plainBytes: plain.length };
  } catch (error) {
    if (error instanceof SealError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What its record said, as far as the letter tells. */
function headOf({ source, time, table, content }: DeadLetter, size: number, names: Names): Omit<LetterRecord, "bytes"> {
  const row = "row" in content ? { row: [names.numberOf(table), content.row.seq] as const } : {};
  return { source: names.numberOf(source), size, timeUs: time, ...row };
}
