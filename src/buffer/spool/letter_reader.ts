import { decodeLetter, letterKey, type LetterRecord } from "./letters.ts";
import type { DeadLetter } from "../dead_letters.ts";
import { type Sealer, SealError } from "./seal.ts";
import { nameOfKey, type Store } from "./store.ts";

export interface LetterReader {
  readonly store: Pick<Store, "read">;
  readonly sealer: Sealer;
}

/** Undefined where it cannot be read: it still counts, and is still there for whoever can make sense of it. */
export async function readLetter(
  id: number,
  { bytes }: LetterRecord,
  { store, sealer }: LetterReader,
): Promise<DeadLetter | undefined> {
  const key = letterKey(id);
  const sealed = await store.read(key, bytes);
  if (!sealed) return undefined;
  try {
    return decodeLetter(await sealer.open(nameOfKey(key), sealed));
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
