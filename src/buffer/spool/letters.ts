import type { DeadLetter } from "../dead_letters.ts";
import type { PendingReceipt } from "../receipt.ts";
import { addTo, type PerSource } from "./spool_chunk.ts";
import type { Names } from "./names.ts";
import { keysOf } from "./store.ts";

/** What is kept in memory of the newest letters, so that they can be shown without reading. */
const RECENT_LETTERS = 200;
const RECENT_BYTES = 4 * 1024 * 1024;

/** What the store says about a letter beside its sealed content. */
export interface LetterRecord {
  /** Number of its source's name. */
  readonly source: number;
  /** What it counts for the limit. */
  readonly size: number;
  /** Of the sealed value. */
  readonly bytes: number;
  /** Id of the key that it is sealed with. */
  readonly keyId?: string;
  /** When it became one: microseconds since 1970-01-01 UTC. */
  readonly timeUs?: number;
  /** Of a letter that holds a row: the number of its table's name, and its `seq` there. */
  readonly row?: readonly [table: number, seq: number];
}

interface Entry extends LetterRecord {
  readonly isStored: boolean;
}

/** Keys that one commit deletes beyond the limit, more only for a single letter; the rest goes with the next ones. */
const MAX_DELETED_KEYS = 120;

/** What a letter is before it is sealed. */
export type LetterHead = Omit<LetterRecord, "bytes" | "keyId">;

/** A letter that is to be stored. */
export interface NewLetter {
  readonly id: number;
  readonly head: LetterHead;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly receipt: PendingReceipt | undefined;
}

/** A letter that no commit has taken yet. */
interface WaitingLetter {
  readonly letter: DeadLetter;
  readonly receipt: PendingReceipt | undefined;
}

export interface SpooledLettersOptions {
  readonly maxBytes: number;
  readonly names: Names;
  /** Told of each letter that is deleted for good. */
  readonly onPurged: (source: string, record: LetterHead) => void;
}

/** The dead letters of a spool: all of them on disk, the newest in memory too. The oldest go beyond `maxBytes`. */
export class SpooledLetters {
  readonly #maxBytes: number;
  readonly #names: Names;
  readonly #onPurged: SpooledLettersOptions["onPurged"];
  readonly #entries = new Map<number, Entry>();
  readonly #bySource: PerSource = new Map();
  readonly #recent: DeadLetter[] = [];
  #new: WaitingLetter[] = [];
  #deleted: Deno.KvKey[] = [];
  readonly #held = new Set<number>();
  #bytes = 0;
  #recentBytes = 0;
  #nextId: number;

  /** `nextId`: of the next letter, so that no id is given twice. */
  constructor({ maxBytes, names, onPurged }: SpooledLettersOptions, nextId = 1) {
    this.#maxBytes = maxBytes;
    this.#names = names;
    this.#onPurged = onPurged;
    this.#nextId = nextId;
  }

  /** A letter that an earlier process stored; in the order of their ids. `content` of the newest only. */
  restore(id: number, record: LetterRecord, letter: DeadLetter | undefined): void {
    this.#enter(id, { ...record, isStored: true });
    this.#nextId = Math.max(this.#nextId, id + 1);
    if (letter) this.#remember(letter);
  }

  /** `receipt`: of the handover that it came with; it has one part more until the letter is stored. */
  add(letter: Omit<DeadLetter, "id">, receipt?: PendingReceipt): void {
    receipt?.open();
    const whole = { ...letter, id: this.#nextId++ };
    this.#enter(whole.id, { ...this.#headOf(whole), bytes: 0, isStored: false });
    this.#new.push({ letter: whole, receipt });
    this.#remember(whole);
    this.#purge();
  }

  /** How many are still to be stored. */
  get waiting(): number {
    return this.#new.length;
  }

  /** Sources of letters that wait and did not come from rows. */
  get waitingSources(): string[] {
    return this.#new.filter(({ letter }) => !isFromRow(letter)).map(({ letter }) => letter.source);
  }

  /** Receipts of those that wait. */
  get receipts(): PendingReceipt[] {
    return this.#new.flatMap(({ receipt }) => receipt ?? []);
  }

  /** Those to be stored: all that come from rows, whose chunks say so in the same commit, and at most `limit` others. */
  takeNew(limit: number): NewLetter[] {
    let others = 0;
    const isTaken = this.#new.map(({ letter }) => isFromRow(letter) || others++ < limit);
    const taken = this.#new.filter((_, i) => isTaken[i]);
    this.#new = this.#new.filter((_, i) => !isTaken[i]);
    return taken.map(({ letter, receipt }) => ({
      id: letter.id,
      head: this.#headOf(letter),
      plain: encodeLetter(letter),
      receipt,
    }));
  }

  /** Keys of what is to be deleted, in the commit that counts it. */
  takeDeleted(): Deno.KvKey[] {
    const keys = this.#deleted;
    this.#deleted = [];
    this.#purge();
    return keys;
  }

  /** Keys that are to be deleted with the next commit. */
  get deletedKeys(): number {
    return this.#deleted.length;
  }

  /** The id that the next letter gets. */
  get nextId(): number {
    return this.#nextId;
  }

  stored(id: number, sealed: { readonly bytes: number; readonly keyId: string }): void {
    const entry = this.#entries.get(id);
    if (entry) this.#entries.set(id, { ...entry, ...sealed, isStored: true });
    this.#purge();
  }

  /** Deletes these, where they are stored. Says how many went. */
  purge(ids: Iterable<number>): number {
    const gone = [...new Set(ids)].filter((id) => this.#entries.get(id)?.isStored && !this.#held.has(id));
    for (const id of gone) this.#purgeOne(id);
    return gone.length;
  }

  /** Keeps a stored letter from going, for who makes rows of it. False where it is not there, or held already. */
  hold(id: number): boolean {
    if (!this.#entries.get(id)?.isStored || this.#held.has(id)) return false;
    this.#held.add(id);
    return true;
  }

  letGo(id: number): void {
    this.#held.delete(id);
  }

  /** Takes one out that becomes rows again. */
  takeOut(id: number): void {
    const entry = this.#entries.get(id);
    this.#held.delete(id);
    if (!entry) return;
    this.#leave(id, entry);
    this.#deleted.push(letterRecordKey(id), ...keysOf(letterKey(id), entry.bytes));
  }

  /** Ids of the keys that letters are sealed with; undefined for those of which that is not known. */
  get keyIds(): ReadonlySet<string | undefined> {
    return new Set([...this.#entries.values()].filter(({ isStored }) => isStored).map(({ keyId }) => keyId));
  }

  /** The newest first. */
  newest(limit: number): readonly DeadLetter[] {
    return this.#recent.slice(-limit).reverse();
  }

  get bySource(): ReadonlyMap<number, number> {
    return this.#bySource;
  }

  #enter(id: number, entry: Entry): void {
    this.#entries.set(id, entry);
    this.#bytes += entry.size;
    addTo(this.#bySource, entry.source, 1);
  }

  #remember(letter: DeadLetter): void {
    this.#recent.push(letter);
    this.#recentBytes += sizeOf(letter);
    while (this.#recent.length > RECENT_LETTERS || this.#recentBytes > RECENT_BYTES) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#recent.shift();
    if (oldest) this.#recentBytes -= sizeOf(oldest);
  }

  #headOf(letter: DeadLetter): LetterHead {
    const { source, table, time, content } = letter;
    const row = "row" in content ? { row: [this.#names.numberOf(table), content.row.seq] as const } : {};
    return { source: this.#names.numberOf(source), size: sizeOf(letter), timeUs: time, ...row };
  }

  #purge(): void {
    for (const [id, { isStored }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes || !isStored) return; // one on its way to the disk goes once it is there
      if (this.#deleted.length >= MAX_DELETED_KEYS) return;
      if (!this.#held.has(id)) this.#purgeOne(id);
    }
  }

  #purgeOne(id: number): void {
    const entry = this.#entries.get(id);
    this.takeOut(id);
    if (entry) this.#onPurged(this.#names.nameOf(entry.source), entry);
  }

  #leave(id: number, { source, size }: Entry): void {
    this.#entries.delete(id);
    this.#bytes -= size;
    addTo(this.#bySource, source, -1);
    const at = this.#recent.findIndex((letter) => letter.id === id);
    const [gone] = at < 0 ? [] : this.#recent.splice(at, 1);
    if (gone) this.#recentBytes -= sizeOf(gone);
  }
}

export function letterKey(id: number): Deno.KvKey {
  return ["dead", id];
}

export function letterRecordKey(id: number): Deno.KvKey {
  return ["letter", id];
}

/** u32 length of a JSON text, the text, and the content's bytes. */
function encodeLetter({ content, ...fields }: DeadLetter): Uint8Array<ArrayBuffer> {
  const { bytes, head } = split(content);
  const text = new TextEncoder().encode(JSON.stringify({ ...fields, ...head }));
  const plain = new Uint8Array(4 + text.length + bytes.length);
  new DataView(plain.buffer).setUint32(0, text.length, true);
  plain.set(text, 4);
  plain.set(bytes, 4 + text.length);
  return plain;
}

function split(content: DeadLetter["content"]): { readonly bytes: Uint8Array; readonly head: object } {
  if ("row" in content) {
    const { bytes, ...row } = content.row;
    return { bytes, head: { row } };
  }
  const { payload: bytes, ...payload } = content;
  return { bytes, head: { payload } };
}

/** What `encodeLetter` made. @throws {RangeError} @throws {SyntaxError} when it is not that */
export function decodeLetter(plain: Uint8Array<ArrayBuffer>): DeadLetter {
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0, true);
  const { row, payload, ...fields } = JSON.parse(new TextDecoder().decode(plain.subarray(4, 4 + length)));
  const bytes = plain.slice(4 + length);
  return { ...fields, content: row ? { row: { ...row, bytes } } : { ...payload, payload: bytes } };
}

function isFromRow({ content }: DeadLetter): boolean {
  return "row" in content;
}

/** Bytes that it counts: its content, its texts, and 200 for the rest. */
function sizeOf({ content, reason, tag, table }: DeadLetter): number {
  const texts = new TextEncoder().encode(reason + tag + table).length;
  return 200 + texts + ("row" in content ? content.row.bytes.length : content.payload.length);
}
