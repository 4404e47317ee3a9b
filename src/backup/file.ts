/**
 * The file of a backup. A line of JSON says which it is and how its key is made; behind it come frames, each a u32 length
 * and a sealed value (see src/buffer/spool/seal.ts) under the name `backup/<id>/<n>`: none can be left out, moved or taken
 * from another backup. The last one says how many there are.
 *
 *     a frame's plain text: u32 length, JSON, bytes
 *     { path, mode }      a file of the home begins, with its first bytes
 *     {}                  more of it
 *     { frames, files }   the end
 */
import { createHash } from "node:crypto";
import { Sealer } from "../buffer/spool/seal.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf } from "../core/home_file.ts";
import { FramedFileReader, FramedFileWriter, headed, NotWholeError, unheaded } from "../lib/framed_file.ts";
import { isKeyHead, type KeyHead, newKey, oldKey, type Opening, type Sealing } from "./sealing.ts";

const FORMAT = "iot-connector backup";
const VERSION = 1;
/** Bytes of a file in one frame. */
export const PIECE_BYTES = 1024 * 1024;
const MAX_FRAME_BYTES = 2 * PIECE_BYTES;
const MAX_HEAD_BYTES = 4096;

interface Head {
  readonly format: string;
  readonly version: number;
  /** Random: which backup it is. */
  readonly id: string;
  /** Of the connector that made it. */
  readonly made_by: string;
  readonly key: KeyHead;
}

/** What a frame says beside its bytes. */
export type FrameHead =
  | { readonly path: string; readonly mode: number }
  | { readonly path?: undefined; readonly frames?: undefined }
  | { readonly path?: undefined; readonly frames: number; readonly files: number };

/** Writes a backup; disposed before `finish`, it is deleted. */
export class BackupWriter implements Disposable {
  readonly #path: string;
  readonly #file: FramedFileWriter;
  readonly #sealer: Sealer;
  readonly #id: string;
  readonly #sum = createHash("sha256");
  #frames = 0;
  #files = 0;

  private constructor(path: string, file: FramedFileWriter, { id, sealer }: { id: string; sealer: Sealer }) {
    this.#path = path;
    this.#file = file;
    this.#sealer = sealer;
    this.#id = id;
  }

  /** @throws {ConfigError} when there can be no such file, or it cannot be sealed so */
  static async create(path: string, sealing: Sealing, version: string): Promise<BackupWriter> {
    const { head: key, key: secret } = await newKey(sealing);
    const sealer = await Sealer.open(secret, { isCompressed: true });
    const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
    const head: Head = { format: FORMAT, version: VERSION, id, made_by: version, key };
    try {
      if (infoOf(path)) throw new Error("there is such a file already: name another");
      const line = JSON.stringify(head);
      const writer = new BackupWriter(path, FramedFileWriter.create(path, line), { id, sealer });
      writer.#sum.update(`${line}\n`);
      return writer;
    } catch (error) {
      throw notWritten(path, error);
    }
  }

  /** Takes a file of the home in. `pieces`: its bytes, none longer than `PIECE_BYTES`. */
  async add(about: { readonly path: string; readonly mode: number }, pieces: Iterable<Uint8Array>): Promise<void> {
    let head: FrameHead = about;
    for (const piece of pieces) {
      await this.#seal(head, piece);
      head = {};
    }
    if (head === about) await this.#seal(head, new Uint8Array());
    this.#files++;
  }

  /** The backup is whole and on the disk when this resolves: its SHA-256. @throws {ConfigError} when it cannot be written */
  async finish(): Promise<string> {
    await this.#seal({ frames: this.#frames, files: this.#files }, new Uint8Array());
    try {
      this.#file.finish();
      return this.#sum.digest("hex");
    } catch (error) {
      throw notWritten(this.#path, error);
    }
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  async #seal(head: FrameHead, body: Uint8Array): Promise<void> {
    const sealed = await this.#sealer.seal(frameName(this.#id, this.#frames++), headed(head, body));
    try {
      this.#file.add(sealed);
      addFrame(this.#sum, sealed);
    } catch (error) {
      throw notWritten(this.#path, error);
    }
  }
}

/** A frame as it was written. */
export interface Frame {
  readonly head: FrameHead;
  readonly body: Uint8Array<ArrayBuffer>;
  /** How far in the file the next one begins. */
  readonly at: number;
}

/** Reads a backup. */
export class BackupReader implements Disposable {
  readonly #path: string;
  readonly #file: FramedFileReader;
  readonly #sealer: Sealer;
  readonly #id: string;
  /** Undefined: what opens it tells who made it, since nobody else knows the passphrase. */
  readonly #sum: string | undefined;

  private constructor(path: string, file: FramedFileReader, { id, sealer, sum }: Opened) {
    this.#path = path;
    this.#file = file;
    this.#sealer = sealer;
    this.#id = id;
    this.#sum = sum;
  }

  /** @throws {ConfigError} when there is no such file, it is no backup, or was sealed for somebody else */
  static async open(path: string, opening: Opening & { readonly sha256?: string }): Promise<BackupReader> {
    using resources = new DisposableStack();
    const file = resources.use(fileAt(path));
    const head = headIn(file.line, path);
    const sealer = await Sealer.open(await oldKey(head.key, opening), { isCompressed: true });
    const sum = head.key.by === "recipient" ? opening.sha256 : undefined;
    if (head.key.by === "recipient" && sum === undefined) throw notRead(path, WHOSE);
    const reader = new BackupReader(path, file, { sealer, id: head.id, sum: sum?.toLowerCase() });
    resources.move();
    return reader;
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /** All frames but the last, in order. @throws {ConfigError} when one does not open, or there are not as many as there were */
  async *frames(): AsyncIterable<Frame> {
    this.#file.rewind();
    let files = 0;
    const sum = createHash("sha256").update(`${this.#file.line}\n`);
    for (let n = 0;; n++) {
      const sealed = this.#next();
      addFrame(sum, sealed);
      const { head, body } = await this.#opened(n, sealed);
      const { at } = this.#file;
      if (head.path === undefined && head.frames !== undefined) {
        if (head.frames !== n || head.files !== files || at !== this.bytes) throw notWhole(this.#path);
        if (this.#sum !== undefined && sum.digest("hex") !== this.#sum) throw notRead(this.#path, OTHER);
        return;
      }
      if (head.path !== undefined) files++;
      yield { head, body, at };
    }
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  async #opened(n: number, sealed: Uint8Array<ArrayBuffer>): Promise<Pick<Frame, "head" | "body">> {
    try {
      const { head, body } = unheaded(await this.#sealer.open(frameName(this.#id, n), sealed));
      return { head: head as FrameHead, body }; // it opened, so `BackupWriter` made it
    } catch (error) {
      const reason = n === 0 ? "the passphrase or key is another, or it was changed" : "it was changed on its way";
      throw notRead(this.#path, `${reason}. Nothing was restored`, error);
    }
  }

  #next(): Uint8Array<ArrayBuffer> {
    try {
      return this.#file.next();
    } catch (error) {
      throw error instanceof NotWholeError ? notWhole(this.#path) : error;
    }
  }
}

interface Opened {
  readonly id: string;
  readonly sealer: Sealer;
  readonly sum: string | undefined;
}

/** Whoever has the public half of a key can make a backup for it, with users and secrets of their own. */
const WHOSE = "a public key sealed it, which says nothing of who made it: give the SHA-256 that `backup` told, " +
  "with --sha256. Nothing was restored";
const OTHER = "its SHA-256 is not the one that was given: it is another file than the one that was meant. " +
  "Nothing was restored";

/** As it stands in the file: the sum is that of the whole file, and `sha256sum` tells the same. */
function addFrame(sum: ReturnType<typeof createHash>, sealed: Uint8Array): void {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, sealed.length, true);
  sum.update(new Uint8Array(length.buffer)).update(sealed);
}

function fileAt(path: string): FramedFileReader {
  try {
    return FramedFileReader.open(path, { maxLineBytes: MAX_HEAD_BYTES, maxFrameBytes: MAX_FRAME_BYTES });
  } catch (error) {
    throw notRead(path, reasonOf(error), error);
  }
}

function frameName(id: string, n: number): string {
  return `backup/${id}/${n}`;
}

function headIn(line: string, path: string): Head {
  let head: Partial<Head>;
  try {
    head = JSON.parse(line);
  } catch {
    throw notRead(path, "it is no file that `backup` made");
  }
  if (head?.format !== FORMAT) throw notRead(path, "it is no file that `backup` made");
  const { version, id = "", made_by: madeBy, key } = head;
  if (version !== VERSION) {
    throw notRead(path, `a newer connector made it (${madeBy}, format ${version}): use that version`);
  }
  if (!/^[0-9a-f]{32}$/.test(id) || !key || !isKeyHead(key)) throw notRead(path, "its first line was changed");
  return { format: FORMAT, version, id, made_by: String(madeBy), key };
}

function notWritten(path: string, error: unknown): ConfigError {
  return new ConfigError("backup_failed", `Cannot write the backup to ${path}: ${reasonOf(error)}`, { cause: error });
}

function notRead(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError("restore_failed", `Cannot read the backup ${path}: ${reason}`, { cause });
}

function notWhole(path: string): ConfigError {
  return notRead(path, "it is not whole: copy it again. Nothing was restored");
}
