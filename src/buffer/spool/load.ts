import type { Clock } from "../../core/clock.ts";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { Ledger, type LedgerRecord } from "../ledger.ts";
import { DamagedError, DiskFullError } from "./faults.ts";
import { decodeNames, NAMES_BYTES_KEY, NAMES_KEY, NEXT_LETTER_KEY } from "./job.ts";
import { readLetter } from "./letter_reader.ts";
import { type LetterHead, letterKey, type LetterRecord, SpooledLetters } from "./letters.ts";
import { Names } from "./names.ts";
import { type Sealer, SealError } from "./seal.ts";
import { type ChunkRecord, SpoolChunk } from "./spool_chunk.ts";
import { SpoolState } from "./spool_state.ts";
import { type Entry, nameOfKey, type Store } from "./store.ts";

export const FORMAT = 1;
const KNOWN = [ConfigError, DamagedError, DiskFullError, SealError];
export const META_KEY: Deno.KvKey = ["meta"];
/** Letters whose content is read at start, the newest. */
const SHOWN_LETTERS = 50;

export interface LoadOptions {
  readonly maxDeadLetterBytes: number;
  readonly isMemoryReused: boolean;
  /** For who only looks: nothing is written, and nothing that a kill left behind is removed. */
  readonly isReadOnly?: boolean;
  readonly clock: Clock;
}

export interface LoadedSpool {
  readonly state: SpoolState;
  /** Per table, the number of its next row; it is 1 for others. */
  readonly nextSeq: ReadonlyMap<string, number>;
  readonly meta: Meta;
  /** Numbers of rows that a kill may have taken: they were in memory alone. */
  readonly lost: readonly LostRange[];
}

export interface LostRange {
  /** `catalog.schema.table`. */
  readonly table: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The source that rows of a killed process count under: which had read them is not known any more. */
const KILLED = "(killed)";

/** What `["meta"]` says. */
export interface Meta {
  readonly format: number;
  readonly keyId: string;
  /** When counting began: microseconds since 1970-01-01 UTC. */
  readonly sinceUs: number;
}

/**
 * Reads what the spool holds, without its rows.
 * @throws {ConfigError} for another key, or a newer format @throws {DamagedError} @throws {SealError}
 */
export async function load(store: Store, sealer: Sealer, options: LoadOptions): Promise<LoadedSpool> {
  try {
    return await read(store, sealer, options);
  } catch (error) {
    if (KNOWN.some((kind) => error instanceof kind)) throw error;
    // The store gives back values of any shape, and throws whatever its decoder does, when a byte of a record changed.
    throw new DamagedError(`a record does not make sense: ${reasonOf(error)}`, { cause: error });
  }
}

async function read(store: Store, sealer: Sealer, options: LoadOptions): Promise<LoadedSpool> {
  const meta = await readMeta(store, sealer, options);
  const names = await readNames(store, sealer);
  const ledger = new Ledger(meta.sinceUs);
  const onPurged = (source: string, { row }: LetterHead) => {
    ledger.count(source, "purged", 1);
    if (!row) return;
    const [table, seq] = row;
    const range = { firstSeq: seq, lastSeq: seq, reason: "purged", timeUs: options.clock.nowUs() };
    state.missing(names.nameOf(table), range);
  };
  const nextLetter = Number(await store.get(NEXT_LETTER_KEY) ?? 1);
  const letters = new SpooledLetters({ maxBytes: options.maxDeadLetterBytes, names, onPurged }, nextLetter);
  const state: SpoolState = new SpoolState({ names, ledger, letters, isMemoryReused: options.isMemoryReused });
  for await (const { key, value } of store.list(["ledger"])) {
    ledger.restore(names.nameOf(numberIn(key, 1)), value as LedgerRecord); // written by `SpoolState`
  }
  await readLetters(store, sealer, letters);
  await readChunks(store, state, options);
  for await (const { value } of store.list(["quarantine"])) state.aside.bytes += (value as Uint8Array).length; // as sealed
  const nextSeq = new Map<string, number>();
  for await (const { key, value } of store.list(["seq"])) nextSeq.set(names.nameOf(numberIn(key, 1)), Number(value));
  const lost = options.isReadOnly ? [] : await skipReserved(store, { state, nextSeq }, options.clock);
  return { state, nextSeq, meta, lost };
}

/** Numbers that a killed process had set aside and may have used are not given again, and count as received and lost. */
async function skipReserved(
  store: Store,
  { state, nextSeq }: { readonly state: SpoolState; readonly nextSeq: Map<string, number> },
  clock: Clock,
): Promise<LostRange[]> {
  const lost: LostRange[] = [];
  for await (const { key, value } of store.list(["reserved"])) {
    const table = state.names.nameOf(numberIn(key, 1));
    const [firstSeq, end] = [nextSeq.get(table) ?? 1, Number(value)];
    if (!(end > firstSeq)) continue;
    for (const term of ["received", "lost_at_crash"] as const) state.ledger.count(KILLED, term, end - firstSeq);
    state.missing(table, { firstSeq, lastSeq: end - 1, reason: "lost_at_crash", timeUs: clock.nowUs() });
    state.skipTo(table, end);
    nextSeq.set(table, end);
    lost.push({ table, firstSeq, lastSeq: end - 1 });
  }
  return lost;
}

async function readMeta(store: Store, sealer: Sealer, { clock, isReadOnly }: LoadOptions): Promise<Meta> {
  const known = await store.get(META_KEY) as Meta | null; // written below
  if (!known) {
    if (isReadOnly) throw new DamagedError("nothing says which format it has");
    const meta: Meta = { format: FORMAT, keyId: sealer.keyId, sinceUs: clock.nowUs() };
    await store.write({ blobs: [], entries: [{ key: META_KEY, value: meta }], deleted: [] });
    return meta;
  }
  useMeta(known, sealer);
  return known;
}

/** Seals as the spool says. @throws {ConfigError} for a format that is not known here, and a key that is not there */
export function useMeta(known: Pick<Meta, "format" | "keyId">, sealer: Sealer): void {
  if (known.format !== FORMAT) {
    const text =
      `The spool has format ${known.format}, and this version of the connector knows ${FORMAT}: start the newer version`;
    throw new ConfigError("spool_format", `${text}, or move the spool's directory away`, {
      path: "backpressure.disk_spool.path",
    });
  }
  if (!sealer.has(known.keyId)) {
    const text = `The spool was sealed with the key ${known.keyId}, and the key in the file is ${sealer.keyId}`;
    throw new ConfigError("spool_key_wrong", `${text}: restore the right one, or move the spool's directory away`, {
      path: "backpressure.disk_spool.encryption_key_path",
    });
  }
  sealer.use(known.keyId);
}

/** The list grows, and is sealed as one value: how long it is says its own record. */
async function readNames(store: Store, sealer: Sealer): Promise<Names> {
  const bytes = await store.get(NAMES_BYTES_KEY);
  if (typeof bytes !== "number") return new Names();
  const sealed = await store.read(NAMES_KEY, bytes);
  if (!sealed) throw new DamagedError("the list of names is not whole");
  return new Names(decodeNames(await sealer.open(nameOfKey(NAMES_KEY), sealed)));
}

async function readLetters(store: Store, sealer: Sealer, letters: SpooledLetters): Promise<void> {
  const entries = await Array.fromAsync(store.list(["letter"]));
  const firstShown = entries.length - SHOWN_LETTERS;
  for (const [index, { key, value }] of entries.entries()) {
    const record = value as LetterRecord; // written by `sealJob`
    const id = numberIn(key, 1);
    letters.restore(id, record, index < firstShown ? undefined : await readLetter(id, record, { store, sealer }));
  }
}

async function readChunks(store: Store, state: SpoolState, { clock, isReadOnly }: LoadOptions): Promise<void> {
  const { names } = state;
  for await (const { key, value } of store.list(["head"])) {
    state.lane(names.nameOf(numberIn(key, 1))).head = Number(value);
  }
  const nowMs = clock.monotonicMs();
  const owners = new Set<string>();
  for await (const { key, value } of store.list(["info"])) {
    const chunk = restored({ key, value }, names, nowMs);
    owners.add(nameOfKey(chunk.key));
    state.restore(state.lane(names.nameOf(chunk.lane)), chunk);
  }
  if (isReadOnly) return;
  for await (const { key } of store.list(["letter"])) owners.add(nameOfKey(letterKey(numberIn(key, 1))));
  await store.sweepParts((owner) => owner[0] === "quarantine" || owner[0] === "names" || owners.has(nameOfKey(owner)));
}

function restored({ key, value }: Entry, names: Names, acceptedAtMs: number): SpoolChunk {
  const record = value as ChunkRecord; // written by `SpoolState`, and looked at here all the same
  const numbers = [record.lastSeq, record.upTo, record.bytes, ...record.live.flat(), ...record.gone];
  if (!numbers.every(Number.isSafeInteger) || record.bytes < 0) {
    throw new DamagedError("a chunk's record has no numbers");
  }
  return SpoolChunk.restore({ lane: numberIn(key, 1), firstSeq: numberIn(key, 2), names, acceptedAtMs }, record);
}

function numberIn(key: Deno.KvKey, index: number): number {
  return Number(key[index]);
}
