import type { Clock } from "../../core/clock.ts";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { Ledger } from "../ledger.ts";
import { DamagedError, DiskFullError } from "./faults.ts";
import { decodeNames, NAMES_BYTES_KEY, NAMES_KEY, NEXT_LETTER_KEY } from "./job.ts";
import { readLetter } from "./letter_reader.ts";
import { type LetterHead, letterKey, SpooledLetters } from "./letters.ts";
import { boundMissing, missingIn } from "./missing_records.ts";
import { Names } from "./names.ts";
import { NextSeqs } from "./next_seqs.ts";
import {
  isChunkRecord,
  isCount,
  isLane,
  isLedgerRecord,
  isLetterRecord,
  isName,
  isNext,
  isSealedLength,
  isSeq,
} from "./plain_records.ts";
import { type Sealer, SealError } from "./seal.ts";
import { SpoolChunk } from "./spool_chunk.ts";
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
  const nextLetter = sane(await store.get(NEXT_LETTER_KEY) ?? 1, isNext, "the next dead letter's id");
  const letters = new SpooledLetters({ maxBytes: options.maxDeadLetterBytes, names, onPurged }, nextLetter);
  const state: SpoolState = new SpoolState({ names, ledger, letters, isMemoryReused: options.isMemoryReused });
  for await (const { key, value } of store.list(["ledger"])) {
    ledger.restore(names.nameOf(nameIn(key, names)), sane(value, isLedgerRecord, "the record of a source's counters"));
  }
  await readLetters(store, sealer, { letters, names });
  const seqs = await readSeqs(store, names, options);
  await readChunks(store, state, { ...options, seqs });
  for await (const { value } of store.list(["quarantine"])) {
    state.aside.bytes += value instanceof Uint8Array ? value.length : 0;
  }
  const lost = options.isReadOnly ? [] : correctSeqs(state, seqs, options.clock);
  const nextSeq = new Map([...seqs.tables].map((table) => [table, seqs.next(table)]));
  return { state, nextSeq, meta, lost };
}

async function readSeqs(store: Store, names: Names, { isReadOnly }: LoadOptions): Promise<NextSeqs> {
  const seqs = new NextSeqs(names);
  for await (const { key, value } of store.list(["seq"])) {
    seqs.say(names.nameOf(nameIn(key, names)), sane(value, isNext, "the number of a table's next row"));
  }
  for await (const { key, value } of store.list(["reserved"])) {
    seqs.reserve(names.nameOf(nameIn(key, names)), sane(value, isNext, "the end of a table's numbers in memory"));
  }
  const missing = await missingIn(store, names);
  for (const { table, lastSeq } of missing) seqs.saw(names.nameOf(table), lastSeq);
  if (!isReadOnly) await boundMissing(store, missing);
  return seqs;
}

/**
 * A record that says less than is known otherwise is written anew. Numbers that a killed process had set aside and may
 * have used are not given again, and count as received and lost.
 */
function correctSeqs(state: SpoolState, seqs: NextSeqs, clock: Clock): LostRange[] {
  const lost: LostRange[] = [];
  for (const { table, firstSeq, lastSeq } of seqs.inDoubt()) {
    for (const term of ["received", "lost_at_crash"] as const) state.ledger.count(KILLED, term, lastSeq - firstSeq + 1);
    state.missing(table, { firstSeq, lastSeq, reason: "lost_at_crash", timeUs: clock.nowUs() });
    seqs.saw(table, lastSeq);
    lost.push({ table, firstSeq, lastSeq });
  }
  for (const table of seqs.tooLow) state.skipTo(table, seqs.next(table));
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
  sane(known.sinceUs, isCount, "when counting began");
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
  if (bytes === null) return new Names();
  const sealed = await store.read(NAMES_KEY, sane(bytes, isSealedLength, "the length of the list of names"));
  if (!sealed) throw new DamagedError("the list of names is not whole");
  return new Names(decodeNames(await sealer.open(nameOfKey(NAMES_KEY), sealed)));
}

async function readLetters(
  store: Store,
  sealer: Sealer,
  { letters, names }: { readonly letters: SpooledLetters; readonly names: Names },
): Promise<void> {
  const entries = await Array.fromAsync(store.list(["letter"]));
  const firstShown = entries.length - SHOWN_LETTERS;
  for (const [index, { key, value }] of entries.entries()) {
    const id = sane(key[1], isSeq, "a dead letter's id");
    const record = sane(value, (each) => isLetterRecord(each, names), `the record of dead letter ${id}`);
    letters.restore(id, record, index < firstShown ? undefined : await readLetter(id, record, { store, sealer }));
  }
}

async function readChunks(
  store: Store,
  state: SpoolState,
  { clock, isReadOnly, seqs }: LoadOptions & { readonly seqs: NextSeqs },
): Promise<void> {
  const { names } = state;
  for await (const { key, value } of store.list(["head"])) {
    state.lane(names.nameOf(laneIn(key, names))).head = sane(value, isSeq, "how far a lane is acknowledged");
  }
  const nowMs = clock.monotonicMs();
  const owners = new Set<string>();
  for await (const { key, value } of store.list(["info"])) {
    const chunk = restored({ key, value }, names, nowMs);
    const lane = state.lane(names.nameOf(chunk.lane));
    const before = lane.queue.tail;
    if (before && Math.max(chunk.firstSeq, chunk.upTo + 1) <= before.lastSeq) {
      throw new DamagedError(`chunk ${nameOfKey(chunk.key)} begins within the one before it`);
    }
    owners.add(nameOfKey(chunk.key));
    seqs.sawRow(chunk.lane, chunk.lastSeq);
    state.restore(lane, chunk);
  }
  for (const { number, head } of state.lanes) seqs.acknowledge(number, head);
  if (isReadOnly) return;
  for await (const { key } of store.list(["letter"])) owners.add(nameOfKey(letterKey(Number(key[1]))));
  await store.sweepParts((owner) => owner[0] === "quarantine" || owner[0] === "names" || owners.has(nameOfKey(owner)));
}

function restored({ key, value }: Entry, names: Names, acceptedAtMs: number): SpoolChunk {
  const [lane, firstSeq] = [laneIn(key, names), sane(key[2], isSeq, "the first number of a chunk")];
  const record = sane(value, (each) => isChunkRecord(each, firstSeq, names), `the record of chunk ${lane}/${firstSeq}`);
  return SpoolChunk.restore({ lane, firstSeq, names, acceptedAtMs }, record);
}

/** The number of a name in the record's key. @throws {DamagedError} where there is no such name */
function nameIn(key: Deno.KvKey, names: Names): number {
  return sane(key[1], (value) => isName(value, names), `the key of a record ${String(key[0])}`);
}

/** The number of a lane in the record's key. @throws {DamagedError} where there is no such lane */
function laneIn(key: Deno.KvKey, names: Names): number {
  return sane(key[1], (value) => isLane(value, names), `the key of a record ${String(key[0])}`);
}

/** @throws {DamagedError} */
function sane<T>(value: unknown, isSane: (value: unknown) => value is T, what: string): T {
  if (isSane(value)) return value;
  throw new DamagedError(`${what} makes no sense`);
}
