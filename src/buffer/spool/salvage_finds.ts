import { Buffer } from "node:buffer";
import v8 from "node:v8";
import type { Breather } from "../../lib/breather.ts";
import { decodeKey } from "./salvage_keys.ts";
import type { PageFile } from "./salvage_pages.ts";
import { type FoundRow, readRow, type RowContent, type RowPlace, rowsIn } from "./salvage_rows.ts";
import { type Entry, nameOfKey } from "./store.ts";

/** First parts of the keys whose values are sealed, or pieces of such. */
const SEALED = new Set(["chunk", "dead", "names", "part", "quarantine"]);
/** A piece of a sealed value is as long as this unless it is the last; see store.ts. */
const PIECE_BYTES = 60_000;
/** A sealed value is bounded by what one row may hold, and what is added to it. */
const MAX_PIECES = 1000;
const V8_VALUE = 1;

interface Found<T> {
  readonly key: Deno.KvKey;
  readonly value: T;
  readonly version: number;
}

/** What a damaged file still has: its records, and where its sealed values are, so that they need no memory. */
export class Finds {
  readonly #file: PageFile;
  readonly #records = new Map<string, Found<unknown>>();
  readonly #sealed = new Map<string, Found<RowPlace>>();

  private constructor(file: PageFile) {
    this.#file = file;
  }

  /** Looks at every page. */
  static async read(file: PageFile, breather: Breather): Promise<Finds> {
    const finds = new Finds(file);
    for (const number of file.numbers()) {
      for (const row of rowsIn(file, number)) finds.#take(row);
      await breather.breathe();
    }
    return finds;
  }

  /** The records whose keys begin so, in the order of the numbers in their keys. */
  records(first: string): Entry[] {
    return inOrder(this.#records.values(), first);
  }

  /** All records whose keys do not begin with one of these. */
  othersThan(known: ReadonlySet<string>): Entry[] {
    return [...this.#records.values()].filter(({ key }) => !known.has(String(key[0])));
  }

  record(key: Deno.KvKey): unknown {
    return this.#records.get(nameOfKey(key))?.value;
  }

  /** Keys of the sealed values that begin so, in the order of the numbers in them. */
  sealedKeys(first: string): Deno.KvKey[] {
    return inOrder(this.#sealed.values(), first).map(({ key }) => key);
  }

  /** The sealed value, as far as its pieces are there. */
  sealed(key: Deno.KvKey): Uint8Array<ArrayBuffer> | undefined {
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < MAX_PIECES; i++) {
      const place = this.#sealed.get(nameOfKey(i === 0 ? key : ["part", i, ...key]))?.value;
      const piece = place && readRow(this.#file, place)?.value;
      if (piece) pieces.push(piece);
      if (piece?.length !== PIECE_BYTES) break;
    }
    return pieces.length > 0 ? new Uint8Array(Buffer.concat(pieces)) : undefined;
  }

  /** Of two rows with one key, which only a damaged file has, the newer one counts. */
  #take(row: FoundRow): void {
    const key = decodeKey(row.key);
    const content = key && readRow(this.#file, row.place);
    if (!key || !content) return;
    const name = nameOfKey(key);
    const { version } = content;
    const isSealed = SEALED.has(String(key[0]));
    const known = isSealed ? this.#sealed.get(name) : this.#records.get(name);
    if (known && known.version > version) return;
    if (isSealed) this.#sealed.set(name, { key, value: row.place, version });
    else this.#records.set(name, { key, value: valueOf(content), version });
  }
}

function inOrder<T>(found: Iterable<Found<T>>, first: string): { key: Deno.KvKey; value: T }[] {
  return [...found].filter(({ key }) => key[0] === first).sort((a, b) => compared(a.key, b.key));
}

function compared(a: Deno.KvKey, b: Deno.KvKey): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? 0 : Number(a[at]) - Number(b[at]);
}

/** Undefined for what is no value of the store. */
function valueOf({ value, encoding }: RowContent): unknown {
  if (encoding !== V8_VALUE) return undefined;
  try {
    return v8.deserialize(value);
  } catch {
    return undefined; // not what was written: that is the answer
  }
}
