/** The files of the audit: which there are, and their lines from either end. */
import { infoOf, linkFree } from "../core/home_file.ts";

/** The second file of a month is `audit-2026-01.2.jsonl`. */
const FILE = /^audit-(\d{4}-\d{2})(?:\.(\d{1,6}))?\.jsonl$/;
/** This month and the twelve before. */
const KEPT_MONTHS = 13;
/** A file that has so much is followed by a further one of its month. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 10;

interface Part {
  readonly name: string;
  readonly month: string;
  /** Counts from 1 within a month. */
  readonly part: number;
}

export class AuditFiles {
  readonly #home: string;
  readonly #folder: string;
  readonly #maxBytes: number;

  /** `folder`: absolute. */
  constructor(home: string, folder: string, maxBytes = MAX_FILE_BYTES) {
    this.#home = home;
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** The oldest first. */
  names(): string[] {
    return this.#parts().map(({ name }) => name);
  }

  /** Of all files together. */
  bytes(): number {
    return this.names().reduce((sum, name) => sum + (infoOf(this.#path(name))?.size ?? 0), 0);
  }

  /** Of one file, the first one first. */
  linesOf(name: string): string[] {
    return Deno.readTextFileSync(this.#path(name)).split("\n").filter((line) => line !== "");
  }

  /** Of all files, the last one first. No more is read than is asked for. */
  *linesFromEnd(): Iterable<string> {
    for (const name of this.names().reverse()) yield* linesFromEnd(this.#path(name));
  }

  /** Adds lines to the file of a month, or to the newest where that is of a later one. */
  append(month: string, lines: readonly string[]): void {
    const parts = this.#parts();
    const { name, isNew } = this.#placeFor(month, parts.at(-1));
    const path = this.#path(name);
    using file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
    // What a power cut left of a line must not swallow the next one.
    const text = `${endsWithin(path) ? "\n" : ""}${lines.map((line) => `${line}\n`).join("")}`;
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
    if (isNew) this.#forget();
  }

  /** A clock that went back begins no older file. */
  #placeFor(month: string, newest: Part | undefined): { readonly name: string; readonly isNew: boolean } {
    if (!newest || newest.month < month) return { name: nameOf(month, 1), isNew: true };
    const isFull = (infoOf(this.#path(newest.name))?.size ?? 0) >= this.#maxBytes;
    return isFull ? { name: nameOf(newest.month, newest.part + 1), isNew: true } : { name: newest.name, isNew: false };
  }

  #parts(): Part[] {
    if (!infoOf(this.#folder)) return [];
    const parts = [...Deno.readDirSync(linkFree(this.#home, this.#folder))].flatMap(({ name }): Part[] => {
      const [, month, part] = FILE.exec(name) ?? [];
      return month === undefined ? [] : [{ name, month, part: Number(part ?? 1) }];
    });
    return parts.sort((a, b) => a.month === b.month ? a.part - b.part : a.month < b.month ? -1 : 1);
  }

  #forget(): void {
    const parts = this.#parts();
    const months = new Set([...new Set(parts.map(({ month }) => month))].slice(0, -KEPT_MONTHS));
    for (const { name, month } of parts) if (months.has(month)) Deno.removeSync(this.#path(name));
  }

  #path(name: string): string {
    return linkFree(this.#home, `${this.#folder}/${name}`);
  }
}

function nameOf(month: string, part: number): string {
  return `audit-${month}${part === 1 ? "" : `.${part}`}.jsonl`;
}

/** The last one first; a line that is longer than a piece is put together. */
function* linesFromEnd(path: string): Iterable<string> {
  using file = Deno.openSync(path);
  let rest = new Uint8Array();
  for (let end = file.statSync().size; end > 0;) {
    const from = Math.max(0, end - CHUNK_BYTES);
    const bytes = joined(readAt(file, from, end - from), rest);
    const cut = from === 0 ? -1 : bytes.indexOf(LINE_FEED);
    const whole = from > 0 && cut < 0 ? new Uint8Array() : bytes.subarray(cut + 1);
    rest = from > 0 ? bytes.slice(0, cut < 0 ? bytes.length : cut + 1) : new Uint8Array();
    yield* new TextDecoder().decode(whole).split("\n").filter((line) => line !== "").reverse();
    end = from;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function readAt(file: Deno.FsFile, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(from, Deno.SeekMode.Start);
  for (let at = 0; at < length;) {
    const read = file.readSync(bytes.subarray(at));
    if (read === null) return bytes.subarray(0, at);
    at += read;
  }
  return bytes;
}

/** Whether the file's last line has no end. */
function endsWithin(path: string): boolean {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  return size > 0 && readAt(file, size - 1, 1)[0] !== LINE_FEED;
}
