import { freeMemory } from "../../lib/free_memory.ts";
import type { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { decodeChunk } from "./chunk_codec.ts";
import type { Names } from "./names.ts";
import { DamagedError } from "./faults.ts";
import { type Sealer, SealError } from "./seal.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import { nameOfKey, type Store } from "./store.ts";

/** What came of reading a chunk: its rows, or why there are none and what is there instead. */
export type ReadChunk =
  | { readonly packs: readonly RowPack[] }
  | { readonly reason: string; readonly sealed: Uint8Array | undefined }
  /** The way to it is damaged, and it may be whole: the next start reads it without the way. */
  | { readonly reason: string; readonly isUnreachable: true };

export interface ChunkReader {
  readonly store: Pick<Store, "read">;
  readonly sealer: Sealer;
  readonly names: Names;
  readonly arena: Arena;
}

/**
 * Reads a chunk of the lane with this id from disk. That it is not what was written is an answer, not an error.
 * @throws when the store cannot be read now
 */
export async function readChunk(
  chunk: SpoolChunk,
  lane: string,
  { store, sealer, names, arena }: ChunkReader,
): Promise<ReadChunk> {
  let sealed: Uint8Array<ArrayBuffer> | undefined;
  try {
    sealed = await store.read(chunk.key, chunk.bytes);
    if (!sealed) return { reason: "it is not there, or not whole", sealed };
    const plain = await sealer.open(nameOfKey(chunk.key), sealed);
    const packs = decodeChunk(plain, { lane, names, arena });
    freeMemory(plain);
    const rows = packs.reduce((sum, pack) => sum + pack.length, 0);
    const isWhole = rows > 0 && packs[0]?.firstSeq === chunk.firstSeq;
    if (!isWhole) return { reason: "it holds other rows than it should", sealed };
    freeMemory(sealed);
    return { packs };
  } catch (error) {
    if (error instanceof DamagedError) return { reason: error.message, isUnreachable: true };
    if (error instanceof SealError || error instanceof RangeError) return { reason: error.message, sealed };
    throw error;
  }
}
