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
import { dirname } from "node:path";
import { Sealer } from "../buffer/spool/seal.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf } from "../core/home_file.ts";
import { isKeyHead, type KeyHead, newKey, oldKey, type Opening, type Sealing } from "./sealing.ts";

const FORMAT = "iot-connector backup";
const VERSION = 1;
/** Behind its name until it is whole: nobody is to rely on a part. */
const PART = ".part";
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
  readonly #file: Deno.FsFile;
  readonly #sealer: Sealer;
  readonly #id: string;
  #frames = 0;
  #files = 0;
  #isWhole = false;

  private constructor(path: string, file: Deno.FsFile, { id, sealer }: { id: string; sealer: Sealer }) {
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
      const file = Deno.openSync(path + PART, { write: true, create: true, truncate: true, mode: 0o600 });
      const writer = new BackupWriter(path, file, { id, sealer });
      writer.#write(new TextEncoder().encode(`${JSON.stringify(head)}\n`));
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

  /** The backup is whole and on the disk when this resolves. @throws {ConfigError} when it cannot be written */
  async finish(): Promise<void> {
    await this.#seal({ frames: this.#frames, files: this.#files }, new Uint8Array());
    try {
      this.#file.syncSync();
      Deno.renameSync(this.#path + PART, this.#path);
      using folder = Deno.openSync(dirname(this.#path));
      folder.syncSync();
    } catch (error) {
      throw notWritten(this.#path, error);
    }
    this.#isWhole = true;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (!this.#isWhole) Deno.removeSync(this.#path + PART);
  }

  async #seal(head: FrameHead, body: Uint8Array): Promise<void> {
    const sealed = await this.#sealer.seal(frameName(this.#id, this.#frames++), joined(head, body));
    try {
      this.#write(new Uint8Array(new Uint32Array([sealed.length]).buffer));
      this.#write(sealed);
    } catch (error) {
      throw notWritten(this.#path, error);
    }
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
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
  readonly bytes: number;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #sealer: Sealer;
  readonly #id: string;
  readonly #start: number;

  private constructor(path: string, file: Deno.FsFile, rest: { sealer: Sealer; id: string; start: number }) {
    this.#path = path;
    this.#file = file;
    this.#sealer = rest.sealer;
    this.#id = rest.id;
    this.#start = rest.start;
    this.bytes = file.statSync().size;
  }

  /** @throws {ConfigError} when there is no such file, it is no backup, or was sealed for somebody else */
  static async open(path: string, opening: Opening): Promise<BackupReader> {
    using resources = new DisposableStack();
    let file: Deno.FsFile;
    try {
      file = resources.use(Deno.openSync(path));
    } catch (error) {
      throw notRead(path, reasonOf(error), error);
    }
    const { head, start } = readHead(file, path);
    const sealer = await Sealer.open(await oldKey(head.key, opening), { isCompressed: true });
    const reader = new BackupReader(path, file, { sealer, id: head.id, start });
    resources.move();
    return reader;
  }

  /** All frames but the last, in order. @throws {ConfigError} when one does not open, or there are not as many as there were */
  async *frames(): AsyncIterable<Frame> {
    this.#file.seekSync(this.#start, Deno.SeekMode.Start);
    let files = 0;
    for (let n = 0, at = this.#start;; n++) {
      const length = new DataView(this.#read(4).buffer).getUint32(0, true);
      if (length > MAX_FRAME_BYTES) throw this.#notWhole();
      at += 4 + length;
      const { head, body } = await this.#opened(n, this.#read(length));
      if (head.path === undefined && head.frames !== undefined) {
        if (head.frames !== n || head.files !== files || at !== this.bytes) throw this.#notWhole();
        return;
      }
      if (head.path !== undefined) files++;
      yield { head, body, at };
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #opened(n: number, sealed: Uint8Array<ArrayBuffer>) {
    try {
      return parted(await this.#sealer.open(frameName(this.#id, n), sealed));
    } catch (error) {
      const reason = n === 0 ? "the passphrase or key is another, or it was changed" : "it was changed on its way";
      throw notRead(this.#path, `${reason}. Nothing was restored`, error);
    }
  }

  #read(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = this.#file.readSync(bytes.subarray(at));
      if (count === null) throw this.#notWhole();
      at += count;
    }
    return bytes;
  }

  #notWhole(): ConfigError {
    return notRead(this.#path, "it is not whole: copy it again. Nothing was restored");
  }
}

function frameName(id: string, n: number): string {
  return `backup/${id}/${n}`;
}

function joined(head: FrameHead, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

/** It opened, so `joined` made it. */
function parted(bytes: Uint8Array<ArrayBuffer>): { head: FrameHead; body: Uint8Array<ArrayBuffer> } {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { head: JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))), body: bytes.subarray(end) };
}

function readHead(file: Deno.FsFile, path: string): { head: Head; start: number } {
  const bytes = new Uint8Array(MAX_HEAD_BYTES);
  const count = file.readSync(bytes) ?? 0;
  const start = bytes.subarray(0, count).indexOf(10) + 1;
  let head: Partial<Head>;
  try {
    head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, start)));
  } catch {
    throw notRead(path, "it is no file that `backup` made");
  }
  if (head?.format !== FORMAT) throw notRead(path, "it is no file that `backup` made");
  const { version, id = "", made_by: madeBy, key } = head;
  if (version !== VERSION) {
    throw notRead(path, `a newer connector made it (${madeBy}, format ${version}): use that version`);
  }
  if (!/^[0-9a-f]{32}$/.test(id) || !key || !isKeyHead(key)) throw notRead(path, "its first line was changed");
  return { head: { format: FORMAT, version, id, made_by: String(madeBy), key }, start };
}

function notWritten(path: string, error: unknown): ConfigError {
  return new ConfigError("backup_failed", `Cannot write the backup to ${path}: ${reasonOf(error)}`, { cause: error });
}

function notRead(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError("restore_failed", `Cannot read the backup ${path}: ${reason}`, { cause });
}
