import { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { decodeChunk } from "./chunk_codec.ts";
import type { Names } from "./names.ts";
import { isChunkLength, isChunkRecord, isLane, isSeq } from "./plain_records.ts";
import type { Books } from "./salvage_books.ts";
import type { Finds } from "./salvage_finds.ts";
import { keyIdIn, type Sealer, SealError } from "./seal.ts";
import { addTo, type ChunkRecord, SpoolChunk } from "./spool_chunk.ts";
import { type Blob, nameOfKey } from "./store.ts";

/** A chunk that opens, and what the store is to say about it. */
export interface SalvagedChunk {
  readonly blob: Blob;
  readonly infoKey: Deno.KvKey;
  readonly record: ChunkRecord;
}

export interface ChunkDeps {
  readonly finds: Finds;
  readonly names: Names;
  readonly sealer: Sealer;
  readonly books: Books;
}

/** Where a chunk is: its lane's number, and its first row's. */
interface Place {
  readonly lane: number;
  readonly firstSeq: number;
}

interface OpenChunk {
  readonly sealed: Uint8Array<ArrayBuffer>;
  readonly packs: readonly RowPack[];
}

/**
 * The chunks that open and have rows that are still needed, lane by lane, in order; the books are told of the others.
 * What is in a chunk it says itself; its record, which nothing vouches for, says which rows are not needed any more.
 */
export async function* salvagedChunks(deps: ChunkDeps): AsyncIterable<SalvagedChunk> {
  const { finds, names, books } = deps;
  const arena = new Arena({ isReused: true });
  const unopened = recordsOf(deps);
  /** Per lane, the row up to which all are acknowledged or were met. */
  const passed = new Map<number, number>();
  for (const place of finds.sealedKeys("chunk").flatMap((key) => placeOf(key, names) ?? [])) {
    const opened = await open(place, deps, arena);
    if (!opened) continue;
    const name = nameOfKey(keyOf(place));
    const passedTo = passed.get(place.lane) ?? books.headOf(place.lane);
    const chunk = chunkOf(place, opened, { names, passedTo, record: unopened.get(name)?.record });
    for (const pack of opened.packs) pack.release();
    unopened.delete(name);
    books.sawRows(place.lane, { firstSeq: chunk.firstSeq, lastSeq: chunk.lastSeq });
    passed.set(place.lane, Math.max(passedTo, chunk.lastSeq));
    const record = chunk.record();
    if (chunk.liveCount === 0 || !isChunkRecord(record, place.firstSeq, names)) continue;
    yield { blob: { key: chunk.key, sealed: opened.sealed }, infoKey: chunk.infoKey, record };
  }
  for (const { lane, record } of unopened.values()) {
    if (record.lastSeq > books.headOf(lane)) books.addUnreadable(record.live);
  }
}

/** The records of chunks that make sense, by the chunks' names. */
function recordsOf({ finds, names, books }: ChunkDeps): Map<string, Place & { readonly record: ChunkRecord }> {
  const records = new Map<string, Place & { readonly record: ChunkRecord }>();
  for (const { key, value } of finds.records("info")) {
    const place = placeOf(key, names);
    if (!place || !isChunkRecord(value, place.firstSeq, names)) continue;
    books.sawRow(place.lane, value.lastSeq);
    records.set(nameOfKey(keyOf(place)), { ...place, record: value });
  }
  return records;
}

function placeOf([, lane, firstSeq]: Deno.KvKey, names: Names): Place | undefined {
  return isLane(lane, names) && isSeq(firstSeq) ? { lane, firstSeq } : undefined;
}

function keyOf({ lane, firstSeq }: Place): Deno.KvKey {
  return ["chunk", lane, firstSeq];
}

/** Undefined where it does not open, or is not what belongs there. */
async function open(place: Place, { finds, sealer, names }: ChunkDeps, arena: Arena): Promise<OpenChunk | undefined> {
  const key = keyOf(place);
  const sealed = finds.sealed(key);
  if (!isChunkLength(sealed?.length) || !sealed) return undefined;
  try {
    const plain = await sealer.open(nameOfKey(key), sealed);
    const packs = decodeChunk(plain, { lane: names.nameOf(place.lane), names, arena });
    return packs[0]?.firstSeq === place.firstSeq ? { sealed, packs } : undefined;
  } catch (error) {
    if (error instanceof SealError || error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Known {
  readonly names: Names;
  /** Rows up to this one are not needed. */
  readonly passedTo: number;
  readonly record: ChunkRecord | undefined;
}

function chunkOf(
  { lane, firstSeq }: Place,
  { sealed, packs }: OpenChunk,
  { names, passedTo, record }: Known,
): SpoolChunk {
  const last = packs.at(-1);
  const chunk = new SpoolChunk({ lane, firstSeq, names, acceptedAtMs: 0 });
  chunk.lastSeq = last ? last.firstSeq + last.length - 1 : firstSeq - 1;
  chunk.upTo = Math.min(chunk.lastSeq, Math.max(passedTo, record?.upTo ?? 0, firstSeq - 1));
  chunk.bytes = sealed.length;
  chunk.keyId = keyIdIn(sealed);
  chunk.fromUs = Math.min(...packs.map(({ fromUs }) => fromUs));
  chunk.toUs = Math.max(...packs.map(({ toUs }) => toUs));
  for (const seq of record?.gone ?? []) if (chunk.has(seq)) chunk.gone.add(seq);
  for (const pack of packs) {
    const source = names.numberOf(pack.origin.source);
    for (let i = 0; i < pack.length; i++) if (chunk.has(pack.firstSeq + i)) addTo(chunk.live, source, 1);
  }
  return chunk;
}
