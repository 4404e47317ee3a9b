import { freeMemory } from "../../lib/free_memory.ts";
import type { NewLetter } from "./letters.ts";
import { letterKey, letterRecordKey } from "./letters.ts";
import type { Sealer } from "./seal.ts";
import type { ChunkRecord } from "./spool_chunk.ts";
import type { Forming } from "./spool_lane.ts";
import { type Blob, type Change, type Entry, nameOfKey } from "./store.ts";

/** The sealed list of names, and how long it is. */
export const NAMES_KEY: Deno.KvKey = ["names"];
export const NAMES_BYTES_KEY: Deno.KvKey = ["names_bytes"];
/** The id that the next dead letter gets. */
export const NEXT_LETTER_KEY: Deno.KvKey = ["next_letter"];

/** What one commit writes, as it was at one moment: what changes while it is under way is the next one's. */
export interface Job {
  readonly forming: readonly (Forming & { readonly record: ChunkRecord; readonly plain: Uint8Array<ArrayBuffer> })[];
  readonly letters: readonly NewLetter[];
  readonly names: readonly string[] | undefined;
  readonly entries: readonly Entry[];
  readonly deleted: readonly Deno.KvKey[];
  /** Values that were sealed before and move to another key. */
  readonly moved: readonly Blob[];
}

/** A job whose values are sealed. */
export interface SealedJob extends Job {
  /** Bytes of each of `forming`. */
  readonly chunkBytes: readonly number[];
  /** Bytes of each of `letters`. */
  readonly letterBytes: readonly number[];
  /** Id of the key that they are sealed with. */
  readonly keyId: string;
  readonly change: Change;
}

/** Once it resolves the rows' plain bytes are given up; until then it may be called again. */
export async function sealJob(job: Job, sealer: Sealer): Promise<SealedJob> {
  const { keyId } = sealer;
  const seal = async (key: Deno.KvKey, plain: Uint8Array<ArrayBuffer>): Promise<Blob> => (
    { key, sealed: await sealer.seal(nameOfKey(key), plain) }
  );
  const areNew = job.forming.map(({ chunk }) => !chunk.isStored); // one that was in memory alone too
  const [chunks, letters, names] = await Promise.all([
    Promise.all(job.forming.map(({ chunk, plain }) => seal(chunk.key, plain))),
    Promise.all(job.letters.map(({ id, plain }) => seal(letterKey(id), plain))),
    job.names ? seal(NAMES_KEY, encodeNames(job.names)) : undefined,
  ]);
  for (const { plain } of job.forming) freeMemory(plain);
  const chunkBytes = chunks.map(({ sealed }) => sealed.length);
  const letterBytes = letters.map(({ sealed }) => sealed.length);
  // Values that replace others come first: they must be in the transaction itself, see `Store.write`.
  const grown = chunks.filter((_, i) => !areNew[i]);
  const fresh = job.forming.flatMap(({ chunk: { infoKey } }, i) => (
    areNew[i] && chunks[i] ? [{ ...chunks[i], newWith: infoKey }] : []
  ));
  const blobs = [...(names ? [names] : []), ...grown, ...fresh, ...letters, ...job.moved];
  const entries = [
    ...job.entries,
    ...(names ? [{ key: NAMES_BYTES_KEY, value: names.sealed.length }] : []),
    ...job.forming.map(({ chunk, record }, i) => ({
      key: chunk.infoKey,
      value: { ...record, bytes: chunkBytes[i], keyId },
    })),
    ...job.letters.map(({ id, head }, i) => (
      { key: letterRecordKey(id), value: { ...head, bytes: letterBytes[i], keyId } }
    )),
  ];
  return { ...job, chunkBytes, letterBytes, keyId, change: { blobs, entries, deleted: job.deleted } };
}

export function encodeNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(names)));
}

/** @throws {SyntaxError} */
export function decodeNames(plain: Uint8Array): string[] {
  return JSON.parse(new TextDecoder().decode(plain));
}
