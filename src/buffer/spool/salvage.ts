/**
 * Brings what can still be read of a damaged spool into a new one. The damaged file is read page by page (see
 * salvage_pages.ts and salvage_rows.ts), without the database and without changing it. Only what its seal vouches for is
 * taken as it is: rows, dead letters, names. Of the records beside it, what makes no sense is left out.
 */
import type { Clock } from "../../core/clock.ts";
import { reasonOf } from "../../core/error.ts";
import { Breather } from "../../lib/breather.ts";
import { DamagedError } from "./faults.ts";
import { decodeNames, encodeNames, NAMES_BYTES_KEY, NAMES_KEY } from "./job.ts";
import { type Meta, META_KEY, useMeta } from "./load.ts";
import type { MissingRecord } from "./missing.ts";
import { Names } from "./names.ts";
import { isCount, isName, isNext, isSeq } from "./plain_records.ts";
import { Books } from "./salvage_books.ts";
import { salvagedChunks } from "./salvage_chunks.ts";
import { Copy } from "./salvage_copy.ts";
import { Finds } from "./salvage_finds.ts";
import { salvagedLetters } from "./salvage_letters.ts";
import { PageFile } from "./salvage_pages.ts";
import { type Sealer, SealError } from "./seal.ts";
import { type Entry, nameOfKey, type Store } from "./store.ts";

/** First parts of keys whose records are made anew. */
const REMADE = new Set(["head", "info", "ledger", "letter", "meta", "names_bytes", "next_letter", "seq"]);

/** What became of a damaged spool. */
export interface Salvaged {
  /** Rows that wait for the sink again. */
  readonly rows: number;
  readonly letters: number;
  /** Rows and dead letters that are missing; they count as quarantined. */
  readonly lost: number;
  /** Why not all that can be read was copied. */
  readonly failure?: string;
}

export interface SalvageDeps {
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** Told when something went wrong while it copied, before it writes what makes the copy whole. */
  readonly failed: () => void;
}

/**
 * Copies what can be read of the damaged spool at `path` into the empty `store`, whose ledger balances then.
 * @throws {DamagedError} when no row of it can be attributed @throws {ConfigError} when its key is not there, or a newer
 * version has made it @throws what fails when not even the counters can be written
 */
export async function salvage(path: string, store: Store, { sealer, clock, failed }: SalvageDeps): Promise<Salvaged> {
  using file = new PageFile(path);
  const finds = await Finds.read(file, new Breather(clock));
  useKey(finds, sealer);
  const names = await namesIn(finds, sealer);
  const books = new Books({ finds, names, keyId: sealer.keyId, clock });
  const copy = new Copy(store);
  const failure = await copyAll(copy, { finds, names, sealer, books }).then(() => undefined, reasonOf);
  if (failure) failed();
  const { lost, entries } = books.close();
  names.touch();
  const sealed = await sealer.seal(nameOfKey(NAMES_KEY), encodeNames(names.takeChanged() ?? []));
  await store.write({
    blobs: [{ key: NAMES_KEY, sealed }],
    entries: [...entries, { key: NAMES_BYTES_KEY, value: sealed.length }],
    deleted: [],
  });
  return { rows: books.rows, letters: books.letters, lost, ...(failure === undefined ? {} : { failure }) };
}

/** Seals as the spool says, where it says so. @throws {ConfigError} as a spool that is not damaged does */
function useKey(finds: Finds, sealer: Sealer): void {
  const { format, keyId, sinceUs } = (finds.record(META_KEY) ?? {}) as { readonly [K in keyof Meta]?: unknown }; // looked at here
  if (isCount(format) && isCount(sinceUs) && typeof keyId === "string") useMeta({ format, keyId }, sealer);
}

async function namesIn(finds: Finds, sealer: Sealer): Promise<Names> {
  const sealed = finds.sealed(NAMES_KEY);
  if (!sealed) throw new DamagedError("the list of names is not there, and without it no row can be attributed");
  try {
    return new Names(decodeNames(await sealer.open(nameOfKey(NAMES_KEY), sealed)));
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new DamagedError("the list of names does not open, and without it no row can be attributed", {
      cause: error,
    });
  }
}

interface Parts {
  readonly finds: Finds;
  readonly names: Names;
  readonly sealer: Sealer;
  readonly books: Books;
}

async function copyAll(copy: Copy, parts: Parts): Promise<void> {
  const { finds, names, books } = parts;
  for await (const { blob, infoKey, record } of salvagedChunks(parts)) {
    await copy.add({ blob, entry: { key: infoKey, value: record } }, () => books.addRows(record.live));
  }
  for await (const { blob, recordKey, record } of salvagedLetters(parts)) {
    await copy.add({ blob, entry: { key: recordKey, value: record } }, () => books.addLetter(record.source));
  }
  for (const entry of finds.othersThan(REMADE).filter((each) => isSane(each, names))) await copy.add({ entry });
  for (const key of finds.sealedKeys("quarantine")) {
    const sealed = finds.sealed(key);
    if (sealed) await copy.add({ blob: { key, sealed } });
  }
  await copy.flush();
}

/** A record that makes no sense must not get into the copy, or that is damaged too. */
function isSane({ key, value }: Entry, names: Names): boolean {
  if (key[0] === "missing") return isSeq(key[2]) && isSeq((value as MissingRecord | null)?.lastSeq); // of any shape
  if (key[0] === "reserved") return isName(key[1], names) && isNext(value);
  return value !== undefined && value !== null && (typeof value !== "number" || isCount(value));
}
