import { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { decodeChunk } from "./chunk_codec.ts";
import type { Names } from "./names.ts";
import { type Books, isCount } from "./salvage_books.ts";
import type { Finds } from "./salvage_finds.ts";
import { keyIdOf, type Sealer, SealError } from "./seal.ts";
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
  readonly key: Deno.KvKey;
}

interface OpenedChunk {
  readonly sealed: Uint8Array<ArrayBuffer>;
  readonly packs: readonly RowPack[];
}

/**
 * The chunks that open and have rows that are still needed, lane by lane, in order; the books hear of the others. What
 * is in a chunk it says itself; its record, which nothing vouches for, says only which rows are not needed any more.
 */
export async function* salvagedChunks(deps: ChunkDeps): AsyncIterable<SalvagedChunk> {
  const { finds, names, books } = deps;
  const arena = new Arena({ isReused: true });
  const records = recordsOf(deps);
  for (const [name, { place, record }] of records) {
    books.sawRow(place.lane, record.lastSeq);
  }
  let passed: { lane: number; upTo: number } | undefined;
  for (const place of finds.sealedKeys("chunk").flatMap((key) => placeOf(key, names) ?? [])) {
    const opened = await open(place, deps, arena);
    if (!opened) continue;
    const { lane } = place;
    if (passed?.lane !== lane) passed = { lane, upTo: books.headOf(lane) };
    const record = records.get(nameOfKey(place.key))?.record;
    const chunk = chunkOf(place, opened, { record, passedTo: passed.upTo, names });
    …
  }
}
