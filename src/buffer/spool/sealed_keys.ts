import { keyIdIn, type Sealer } from "./seal.ts";
import type { Store } from "./store.ts";

/** First parts of the keys of sealed values; their further pieces have no header. */
const SEALED = ["chunk", "dead", "names", "quarantine"];
/** Values that are read at once: 60,000 bytes each. */
const AT_ONCE = 20;

/**
 * Ids of the keys that are needed: by what `recorded` says, by files of rows that were sealed with them, and, where a key
 * would go by that, by what the sealed values say themselves. A record can be changed, and a key that went is gone for good.
 */
export async function neededKeyIds(
  store: Pick<Store, "list">,
  sealer: Pick<Sealer, "keyIds">,
  recorded: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const needed = new Set(recorded);
  for await (const { key: [, id] } of store.list(["exported_with"])) needed.add(String(id));
  if (sealer.keyIds.isSubsetOf(needed)) return needed;
  try {
    for (const first of SEALED) await readKeyIds(store, first, needed);
    return needed;
  } catch {
    return sealer.keyIds; // who knows what is sealed with which, where the file cannot be read
  }
}

async function readKeyIds(store: Pick<Store, "list">, first: string, into: Set<string>): Promise<void> {
  for await (const { value } of store.list([first], AT_ONCE)) {
    if (value instanceof Uint8Array) into.add(keyIdIn(value));
  }
}
