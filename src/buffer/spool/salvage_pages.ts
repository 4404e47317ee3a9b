/** The pages of a damaged database: file and log, as far as they are there. Nothing is written. */
import { type Log, PAGE_BYTES, readAt, readLog } from "./salvage_log.ts";

/** A page of pointers says of this many pages behind it what they are ("Pointer Map", sqlite.org/fileformat2.html). */
const POINTERS = Math.floor(PAGE_BYTES / 5);
const POINTER_BYTES = 5;
/** Kinds of pages in a page of pointers. */
const ROOT = 1;
const LAST_KIND = 5;
const TREE = 5;

export class PageFile implements Disposable {
  /** The number of the last page. What the log says of that, nothing vouches for: it is never beyond those that are there. */
  readonly count: number;
  readonly #file: Deno.FsFile;
  readonly #inFile: number;
  readonly #log: Log;
  readonly #logFile: Deno.FsFile | undefined;
  /** The page of pointers looked at last. */
  #pointers: { readonly number: number; readonly bytes: Uint8Array | undefined } | undefined;

  constructor(path: string) {
    using resources = new DisposableStack();
    this.#file = resources.use(Deno.openSync(path));
    this.#log = readLog(`${path}-wal`);
    this.#logFile = this.#log.pages.size > 0 ? resources.use(Deno.openSync(`${path}-wal`)) : undefined;
    this.#inFile = Math.floor(this.#file.statSync().size / PAGE_BYTES);
    const last = [...this.#log.pages.keys()].reduce((most, page) => Math.max(most, page), this.#inFile);
    this.count = Math.min(this.#log.pageCount ?? last, last);
    resources.move();
  }

  /** Of all pages that are there: a log can hold one of any number. */
  *numbers(): Iterable<number> {
    for (let number = 1; number <= Math.min(this.#inFile, this.count); number++) yield number;
    for (const number of this.#log.pages.keys()) if (number > this.#inFile && number <= this.count) yield number;
  }

  /** A page by its number, which begins with 1; undefined where the file does not go so far. */
  page(number: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = new Uint8Array(PAGE_BYTES);
    const inLog = this.#log.pages.get(number);
    const read = inLog !== undefined && this.#logFile
      ? readAt(this.#logFile, inLog, bytes)
      : readAt(this.#file, (number - 1) * PAGE_BYTES, bytes);
    return read === PAGE_BYTES ? bytes : undefined;
  }

  /** Whether the page is part of a table, or nobody knows: what is in a free page was deleted. */
  mayHoldRows(number: number): boolean {
    if (number < 3) return false;
    const map = number - (number - 2) % (POINTERS + 1);
    if (map === number) return false;
    if (this.#pointers?.number !== map) this.#pointers = { number: map, bytes: this.page(map) };
    const kind = this.#pointers.bytes?.[POINTER_BYTES * (number - map - 1)] ?? 0;
    return kind === ROOT || kind === TREE || kind < ROOT || kind > LAST_KIND;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    this.#logFile?.close();
  }
}
