/**
 * Files of one line of text and, behind it, frames: each a u32 length, little-endian, and so many bytes. What is in them,
 * and whether it is whole, is for others to say: a frame may hold a head, JSON, before its body.
 *
 *     line, "\n", { u32 length, bytes }…
 *     a frame with a head: u32 length, JSON, body
 */
import { dirname } from "node:path";

/** Behind its name until it is whole: nobody is to rely on a part. */
const PART = ".part";

/** The file ends in the middle, or what stands there is no frame. */
export class NotWholeError extends Error {
  constructor() {
    super("it is not whole");
  }
}

/** Writes one, for its owner alone; disposed before `finish`, it is deleted. */
export class FramedFileWriter implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #isWhole = false;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws when it cannot be written; then nothing is left of it */
  static create(path: string, line: string): FramedFileWriter {
    using resources = new DisposableStack();
    const file = Deno.openSync(path + PART, { write: true, create: true, truncate: true, mode: 0o600 });
    const writer = resources.use(new FramedFileWriter(path, file));
    writer.#write(new TextEncoder().encode(`${line}\n`));
    resources.move();
    return writer;
  }

  /** @throws when the disk does not take it */
  add(frame: Uint8Array): void {
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, frame.length, true);
    this.#write(new Uint8Array(length.buffer));
    this.#write(frame);
  }

  /** From then on it is there under its name, and on the disk. @throws when that cannot be had */
  finish(): void {
    this.#file.syncSync();
    Deno.renameSync(this.#path + PART, this.#path);
    this.#isWhole = true; // its part is gone, whatever comes now
    using folder = Deno.openSync(dirname(this.#path));
    folder.syncSync(); // else the power may take the name
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (!this.#isWhole) Deno.removeSync(this.#path + PART);
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }
}

export interface FramedFileLimits {
  readonly maxLineBytes: number;
  /** Longer ones are no frames. */
  readonly maxFrameBytes: number;
}

/** Reads one, as often as is wanted. */
export class FramedFileReader implements Disposable {
  readonly bytes: number;
  /** Without its line feed; empty where none comes within the limit. */
  readonly line: string;
  readonly #file: Deno.FsFile;
  readonly #start: number;
  readonly #maxFrameBytes: number;
  #at: number;

  private constructor(file: Deno.FsFile, { maxLineBytes, maxFrameBytes }: FramedFileLimits) {
    this.#file = file;
    this.#maxFrameBytes = maxFrameBytes;
    this.bytes = file.statSync().size;
    const beginning = new Uint8Array(maxLineBytes);
    const count = file.readSync(beginning) ?? 0;
    const end = beginning.subarray(0, count).indexOf(10);
    this.line = new TextDecoder().decode(beginning.subarray(0, Math.max(0, end)));
    this.#start = this.#at = end + 1;
  }

  /** @throws when there is no such file, or it cannot be read */
  static open(path: string, limits: FramedFileLimits): FramedFileReader {
    using resources = new DisposableStack();
    const reader = new FramedFileReader(resources.use(Deno.openSync(path)), limits);
    resources.move();
    return reader;
  }

  /** How far in the file the next frame begins. */
  get at(): number {
    return this.#at;
  }

  /** The next frame is the first one again. */
  rewind(): void {
    this.#at = this.#start;
  }

  /** The first bytes of the first frame. @throws {NotWholeError} */
  first(length: number): Uint8Array<ArrayBuffer> {
    return this.#read(this.#start + 4, length);
  }

  /** @throws {NotWholeError} */
  next(): Uint8Array<ArrayBuffer> {
    const length = new DataView(this.#read(this.#at, 4).buffer).getUint32(0, true);
    if (length > this.#maxFrameBytes) throw new NotWholeError();
    const frame = this.#read(this.#at + 4, length);
    this.#at += 4 + length;
    return frame;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #read(from: number, length: number): Uint8Array<ArrayBuffer> {
    this.#file.seekSync(from, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = this.#file.readSync(bytes.subarray(at));
      if (count === null) throw new NotWholeError();
      at += count;
    }
    return bytes;
  }
}

/** A head and what follows it, as one. */
export function headed(head: unknown, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

/** The two parts of what `headed` made; `body` is a view. @throws {SyntaxError} @throws {RangeError} for anything else */
export function unheaded(bytes: Uint8Array<ArrayBuffer>): { head: unknown; body: Uint8Array<ArrayBuffer> } {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { head: JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))), body: bytes.subarray(end) };
}
