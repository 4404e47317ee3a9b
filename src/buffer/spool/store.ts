import { freeMemory } from "../../lib/free_memory.ts";
import { DamagedError, storeFault } from "./faults.ts";

/** A value has 65,536 bytes at most in the store. */
const MAX_VALUE_BYTES = 60_000;
/** A transaction has 819,200 bytes and 1,000 changes at most in the store. */
const MAX_WRITE_BYTES = 700_000;

/** A sealed value, of any length. */
export interface Blob {
  readonly key: Deno.KvKey;
  readonly sealed: Uint8Array;
  /** Of one that nothing may be in the place of: the record that comes with it in the same change. */
  readonly newWith?: Deno.KvKey;
}

export interface Entry {
  readonly key: Deno.KvKey;
  readonly value: unknown;
}

/** Everything that changes at once. */
export interface Change {
  readonly blobs: readonly Blob[];
  readonly entries: readonly Entry[];
  readonly deleted: readonly Deno.KvKey[];
}

/** The store as rows and dead letters use it: sealed values of any length, and plain records, changed in one transaction. */
export class Store implements Disposable {
  readonly #kv: Deno.Kv;
  #damaged: (error: DamagedError) => void = () => {};

  private constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** @throws {DamagedError} */
  static async open(path: string): Promise<Store> {
    try {
      return new Store(await Deno.openKv(path));
    } catch (error) {
      throw storeFault(error);
    }
  }

  /** From now on `damaged` is told each time that the file is not what was written; who called meets the error too. */
  watch(damaged: (error: DamagedError) => void): void {
    this.#damaged = damaged;
  }

  /**
   * Writes all of it, or nothing, to the disk. What is too long for one transaction goes there before, as values that
   * nothing names yet. A change that failed may be written again, whether or not it got to the disk.
   * @throws {DiskFullError} @throws {DamagedError} also when something is there that a new value would overwrite
   */
  async write(change: Change): Promise<void> {
    const { blobs, entries, deleted } = change;
    let room = MAX_WRITE_BYTES;
    const atomic = this.#kv.atomic();
    for (const { newWith } of blobs) if (newWith) atomic.check({ key: newWith, versionstamp: null });
    const isLong = blobs.reduce((sum, { sealed }) => sum + sealed.length, 0) > room;
    if (isLong && await this.#isWritten(change)) return; // else pieces of it would go to the place of others
    const pieces = blobs.flatMap(piecesOf);
    for (const { key, piece } of pieces) {
      if (piece.length > room) await this.#mapped(this.#kv.atomic().set(key, piece).commit());
      else atomic.set(key, piece);
      room -= piece.length;
    }
    for (const { key, value } of entries) atomic.set(key, value);
    for (const key of deleted) atomic.delete(key);
    const { ok } = await this.#mapped(atomic.commit());
    for (const { piece } of pieces) freeMemory(piece);
    if (ok || await this.#isWritten(change)) return;
    throw this.#fault(new DamagedError("a record of a new chunk was there, and is not any more"));
  }

  /**
   * Whether a new value of the change is there already: an earlier attempt got to the disk, and its answer did not come.
   * All of the change is there then. @throws {DamagedError} where there is another in its place
   */
  async #isWritten({ blobs }: Change): Promise<boolean> {
    for (const { key, sealed, newWith } of blobs) {
      if (!newWith || await this.get(newWith) === null) continue;
      if (isStartOf(sealed, await this.get(key))) return true;
      throw this.#fault(new DamagedError(`a new value would overwrite ${nameOfKey(key)}`));
    }
    return false;
  }

  /** The sealed value; undefined where a part of it is missing. `bytes`: how long it is. @throws {DamagedError} */
  async read(key: Deno.KvKey, bytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const sealed = new Uint8Array(bytes);
    for (let at = 0, i = 0; at < bytes; at += MAX_VALUE_BYTES, i++) {
      const { value } = await this.#mapped(this.#kv.get(i === 0 ? key : partKey(key, i)));
      if (!(value instanceof Uint8Array) || value.length !== Math.min(MAX_VALUE_BYTES, bytes - at)) return undefined;
      sealed.set(value, at);
      freeMemory(value); // the store makes each value anew
    }
    return sealed;
  }

  async get(key: Deno.KvKey): Promise<unknown> {
    return (await this.#mapped(this.#kv.get(key))).value;
  }

  /** All records whose keys begin so, in order; `atOnce` of them are read together. @throws {DamagedError} */
  async *list(prefix: Deno.KvKey, atOnce = 500): AsyncIterable<Entry> {
    try {
      for await (const { key, value } of this.#kv.list({ prefix }, { batchSize: atOnce })) yield { key, value };
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** Removes parts that a kill left behind without the value they belong to. `isOwned` says whether one is needed. */
  async sweepParts(isOwned: (owner: Deno.KvKey) => boolean): Promise<void> {
    for await (const { key } of this.list(["part"])) {
      if (!isOwned(key.slice(2))) await this.#mapped(this.#kv.delete(key));
    }
  }

  [Symbol.dispose](): void {
    this.#kv.close();
  }

  async #mapped<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #fault(error: unknown): unknown {
    const fault = storeFault(error);
    if (fault instanceof DamagedError) this.#damaged(fault);
    return fault;
  }
}

/** A value as the store can take it. */
function piecesOf({ key, sealed }: Blob): { key: Deno.KvKey; piece: Uint8Array }[] {
  return keysOf(key, sealed.length).map((each, i) => (
    { key: each, piece: sealed.slice(i * MAX_VALUE_BYTES, (i + 1) * MAX_VALUE_BYTES) }
  ));
}

/** Whether `found` is the first piece of the sealed value, which no other has: it holds a random IV. */
function isStartOf(sealed: Uint8Array, found: unknown): boolean {
  const piece = sealed.subarray(0, MAX_VALUE_BYTES);
  return found instanceof Uint8Array && found.length === piece.length && found.every((byte, i) => byte === piece[i]);
}

/** The keys of a sealed value of so many bytes. */
export function keysOf(key: Deno.KvKey, bytes: number): Deno.KvKey[] {
  const parts = Math.ceil(bytes / MAX_VALUE_BYTES);
  return [key, ...Array.from({ length: Math.max(0, parts - 1) }, (_, i) => partKey(key, i + 1))];
}

/** The name that a value is sealed under. */
export function nameOfKey(key: Deno.KvKey): string {
  return key.join("/");
}

function partKey(key: Deno.KvKey, part: number): Deno.KvKey {
  return ["part", part, ...key];
}
