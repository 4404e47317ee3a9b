import { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { reasonOf } from "../../core/error.ts";
import { type ChunkReader, readChunk } from "./chunk_reader.ts";
import type { SpoolChunk } from "./spool_chunk.ts";
import type { SpoolLane } from "./spool_lane.ts";

/** One chunk or dead letter that was opened. */
export interface Verified {
  readonly kind: "chunk" | "letter";
  /** Which, in words. */
  readonly name: string;
  /** Rows in it that are still needed; 0 of a letter. */
  readonly rows: number;
  /** Why it is not what it should be; absent when it is. */
  readonly fault?: string;
}

/** Opens the chunks of a lane one after the other, and says of each whether it is what its record says. */
export async function* verifyLane(
  { id, queue }: SpoolLane,
  reader: Omit<ChunkReader, "arena">,
): AsyncIterable<Verified> {
  const arena = new Arena({ isReused: true });
  let previous = 0;
  for (const chunk of [...queue.segments()]) {
    if (chunk.isGone) continue; // a connector works with it meanwhile
    const isInOrder = chunk.firstSeq > previous;
    previous = chunk.lastSeq;
    const fault = isInOrder ? await chunkFault(chunk, id, { ...reader, arena }) : "it overlaps the chunk before it";
    if (chunk.isGone) continue;
    const name = `chunk of ${id}, rows ${chunk.firstSeq} to ${chunk.lastSeq}`;
    yield { kind: "chunk", name, rows: chunk.liveCount, ...(fault === undefined ? {} : { fault }) };
  }
}

/** Why a chunk is not what its record says, or why the store cannot read it: either is what was asked for. */
async function chunkFault(chunk: SpoolChunk, lane: string, reader: ChunkReader): Promise<string | undefined> {
  try {
    const { lastSeq } = chunk;
    const result = await readChunk(chunk, lane, reader);
    if (chunk.lastSeq !== lastSeq) return await chunkFault(chunk, lane, reader); // it grew meanwhile
    if (!("packs" in result)) return result.reason;
    const fault = packsFault(chunk, result.packs);
    for (const pack of result.packs) pack.release();
    return fault;
  } catch (error) {
    return reasonOf(error);
  }
}

function packsFault(chunk: SpoolChunk, packs: readonly RowPack[]): string | undefined {
  let last = chunk.firstSeq - 1;
  let needed = 0;
  for (const { firstSeq, length } of packs) {
    if (firstSeq <= last) return "its rows are out of sequence";
    last = firstSeq + length - 1;
    for (let seq = firstSeq; seq <= last; seq++) if (chunk.has(seq)) needed++;
  }
  if (last !== chunk.lastSeq) return `its rows end with ${last} instead of ${chunk.lastSeq}`;
  if (needed !== chunk.liveCount) return `${needed} of its rows are needed, and its record says ${chunk.liveCount}`;
  return undefined;
}
