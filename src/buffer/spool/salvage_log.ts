/**
 * SQLite's write-ahead log, read without SQLite ("WAL-mode File Format", sqlite.org/walformat.html): a header of 32
 * bytes, and frames of a header of 24 bytes and a page. A frame's checksum goes on from that of the frame before it.
 *
 * SQLite takes a frame that does not fit for the log's end. Behind a damaged one there can be commits that were
 * acknowledged, and as each frame says its own checksum, they can be told from garbage.
 */
/** What SQLite takes where nobody asks for something else, and the store does not. */
export const PAGE_BYTES = 4096;

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
/** Where a frame's header has its salts, its checksum, and the number of pages that the file has after a commit. */
const SALTS = 8;
const CHECKSUM = 16;
const PAGES = 4;
/** The checksum counts in little-endian words, as on every machine that Deno runs on. */
const MAGIC = 0x377f0682;

type Checksum = readonly [number, number];

export interface Log {
  /** Where in the log each page's newest committed content begins. */
  readonly pages: ReadonlyMap<number, number>;
  /** How many pages the database has after the last commit; undefined when there was none. */
  readonly pageCount: number | undefined;
  /** Whether SQLite would stop before the last commit. */
  readonly isDamaged: boolean;
}

/** What the log at `path` holds; one that is not there holds nothing. */
export function readLog(path: string): Log {
  using file = openIfThere(path);
  const frames = file ? Math.floor((file.statSync().size - HEADER_BYTES) / FRAME_BYTES) : 0;
  const log = new LogReader();
  if (!file || frames < 1) return log;
  const header = new Uint8Array(HEADER_BYTES);
  readAt(file, 0, header);
  const frame = new Uint8Array(FRAME_BYTES);
  for (let i = 0; i < frames; i++) {
    const at = HEADER_BYTES + i * FRAME_BYTES;
    readAt(file, at, frame);
    if (i === 0) log.begin(header, frame);
    log.take(frame, at + FRAME_HEADER_BYTES);
  }
  return log;
}

class LogReader implements Log {
  readonly pages = new Map<number, number>();
  pageCount: number | undefined;
  isDamaged = false;
  #salts: readonly [number, number] = [0, 0];
  /** What the frame before says; unknown before the first one when the header is damaged. */
  #before: Checksum = [0, 0];
  /** Whether something so far was not as it was written. */
  #hasGap = false;
  /** Frames of a transaction whose commit has not come yet. */
  readonly #open = new Map<number, number>();

  /** The salts of the header, or of the first frame where that is damaged. */
  begin(header: Uint8Array<ArrayBuffer>, first: Uint8Array<ArrayBuffer>): void {
    const checksum = checksumOf(header.subarray(0, CHECKSUM + 8), [0, 0]);
    const isWhole = u32(header, 0) === MAGIC && equal(checksum, pairAt(header, 24));
    this.#salts = isWhole ? pairAt(header, 16) : pairAt(first, SALTS);
    this.#before = checksum;
    this.#hasGap = !isWhole;
  }

  take(frame: Uint8Array<ArrayBuffer>, pageAt: number): void {
    if (!equal(pairAt(frame, SALTS), this.#salts)) {
      this.#hasGap = true; // of the log's earlier life, or damaged
      return;
    }
    const sum = checksumOf(frame.subarray(FRAME_HEADER_BYTES), checksumOf(frame.subarray(0, SALTS), this.#before));
    this.#before = pairAt(frame, CHECKSUM);
    if (!equal(sum, this.#before)) {
      this.#hasGap = true;
      return;
    }
    this.#open.set(u32(frame, 0), pageAt);
    const pages = u32(frame, PAGES);
    if (pages > 0) this.#commit(pages);
  }

  #commit(pages: number): void {
    for (const [page, at] of this.#open) this.pages.set(page, at);
    this.#open.clear();
    this.pageCount = pages;
    if (this.#hasGap) this.isDamaged = true;
  }
}

function checksumOf(bytes: Uint8Array<ArrayBuffer>, [first, second]: Checksum): Checksum {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8) {
    first = (first + view.getUint32(at, true) + second) >>> 0;
    second = (second + view.getUint32(at + 4, true) + first) >>> 0;
  }
  return [first, second];
}

function u32(bytes: Uint8Array<ArrayBuffer>, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

function pairAt(bytes: Uint8Array<ArrayBuffer>, at: number): [number, number] {
  return [u32(bytes, at), u32(bytes, at + 4)];
}

function equal(a: Checksum, b: Checksum): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function openIfThere(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Fills `into` from `at` on, as far as the file goes. Says how many bytes that were. */
export function readAt(file: Deno.FsFile, at: number, into: Uint8Array): number {
  file.seekSync(at, Deno.SeekMode.Start);
  let done = 0;
  while (done < into.length) {
    const count = file.readSync(into.subarray(done));
    if (count === null) break;
    done += count;
  }
  return done;
}
