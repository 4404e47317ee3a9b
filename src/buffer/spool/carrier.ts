/**
 * A file that carries a spool's rows to another connector, by hand. A line of JSON says which file it is and how its key
 * is made; behind it come frames, each a u32 length and a sealed value (see seal.ts) under the name `carrier/<id>/<n>`:
 * frames cannot be left out, moved or mixed with those of another file. The last frame says how many there are.
 *
 *     a frame's plain text: u32 length, JSON { lane, sources }, a chunk (see chunk_codec.ts) whose sources are indexes
 *     the last one's: u32 length, JSON { frames, rows }
 */
import { dirname } from "node:path";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { infoOf } from "../../core/home_file.ts";
import type { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { decodeChunk, encodeChunk } from "./chunk_codec.ts";
import type { Sealing } from "./desk.ts";
import { isRecipe, keyOf, newRecipe, type Recipe } from "./passphrase.ts";
import { Names } from "./names.ts";
import { keyIdIn, Sealer } from "./seal.ts";

const FORMAT = "iot-connector rows";
const VERSION = 1;
/** Behind its name until it is whole: nobody is to carry a part away. */
const PART = ".part";
/** Shorter passphrases are guessed from a file that left the site. */
const MIN_PASSPHRASE = 12;
/** A frame holds a chunk; longer ones are no frames. */
const MAX_FRAME_BYTES = 32 * 1024 * 1024;
const MAX_HEAD_BYTES = 4096;

interface Head {
  readonly format: string;
  readonly version: number;
  /** Random: which file it is. */
  readonly id: string;
  /** Where the key is made of a passphrase. */
  readonly key?: Recipe;
}

/** The rows of one chunk. */
export interface Carried {
  readonly lane: string;
  readonly packs: readonly RowPack[];
}

/** Writes a file of rows; disposed before `finish`, it is deleted. */
export class CarrierWriter implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #sealer: Sealer;
  readonly #id: string;
  #frames = 0;
  #rows = 0;
  #isWhole = false;

  private constructor(path: string, file: Deno.FsFile, { id, sealer }: { id: string; sealer: Sealer }) {
    this.#path = path;
    this.#file = file;
    this.#sealer = sealer;
    this.#id = id;
  }

  /** `own`: seals where there is no passphrase. @throws {ConfigError} when there can be no such file */
  static async create(path: string, own: Sealer, { passphrase }: Sealing): Promise<CarrierWriter> {
    const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
    const { sealer, key } = passphrase === undefined ? { sealer: own } : await newSealer(path, passphrase);
    const head: Head = { format: FORMAT, version: VERSION, id, ...(key ? { key } : {}) };
    using resources = new DisposableStack();
    try {
      if (infoOf(path)) throw new Error("there is such a file already: name another");
      const file = Deno.openSync(path + PART, { write: true, create: true, truncate: true, mode: 0o600 });
      const writer = resources.use(new CarrierWriter(path, file, { id, sealer }));
      writer.#write(new TextEncoder().encode(`${JSON.stringify(head)}\n`));
      resources.move();
      return writer;
    } catch (error) {
      throw notWritten(path, error);
    }
  }

  async add({ lane, packs }: Carried): Promise<void> {
    const names = new Names();
    const chunk = encodeChunk(packs, names);
    await this.#seal(headed({ lane, sources: names.takeChanged() ?? [] }, chunk));
    this.#rows += packs.reduce((sum, { length }) => sum + length, 0);
  }

  /** The file is whole and on the disk when this resolves. @throws {ConfigError} when it cannot be written */
  async finish(): Promise<void> {
    const { frames, rows } = { frames: this.#frames, rows: this.#rows };
    await this.#seal(headed({ frames, rows }, new Uint8Array()));
    try {
      this.#file.syncSync();
      Deno.renameSync(this.#path + PART, this.#path);
      using folder = Deno.openSync(dirname(this.#path));
      folder.syncSync(); // else the power may take the name, and the rows have left the spool
    } catch (error) {
      throw notWritten(this.#path, error);
    }
    this.#isWhole = true;
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (!this.#isWhole) Deno.removeSync(this.#path + PART);
  }

  async #seal(plain: Uint8Array<ArrayBuffer>): Promise<void> {
    const sealed = await this.#sealer.seal(frameName(this.#id, this.#frames++), plain);
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

/** Reads such a file, as often as is wanted. */
export class CarrierReader implements Disposable {
  /** Random: which file it is. */
  readonly id: string;
  readonly bytes: number;
  /** As messages call it. */
  readonly #name: string;
  readonly #file: Deno.FsFile;
  readonly #sealer: Sealer;
  readonly #start: number;

  private constructor({ name, file, id, sealer, start }: {
    name: string;
    file: Deno.FsFile;
    id: string;
    sealer: Sealer;
    start: number;
  }) {
    this.#name = name;
    this.#file = file;
    this.#sealer = sealer;
    this.#start = start;
    this.id = id;
    this.bytes = file.statSync().size;
  }

  /** @throws {ConfigError} when there is no such file, it is no file of rows, or its key is not here */
  static async open(path: string, own: Sealer, { passphrase, shownAs: name = path }: Sealing): Promise<CarrierReader> {
    using resources = new DisposableStack();
    let file: Deno.FsFile;
    try {
      file = resources.use(Deno.openSync(path));
    } catch (error) {
      throw notRead(name, reasonOf(error), error);
    }
    const { head, start } = readHead(file, name);
    if (head.key && passphrase === undefined) {
      throw notRead(name, "it was sealed with a passphrase: give that too (--passphrase-stdin)");
    }
    const sealer = head.key && passphrase !== undefined ? await sealerOf(passphrase, head.key) : own;
    const reader = new CarrierReader({ name, file, id: head.id, sealer, start });
    const keyId = reader.#keyId();
    if (!sealer.has(keyId)) {
      throw notRead(name, head.key ? "the passphrase is another" : `this spool has no key ${keyId}`);
    }
    resources.move();
    return reader;
  }

  /**
   * All chunks, in order. `at`: how far in the file the next one begins.
   * @throws {ConfigError} when a frame does not open, or there are not as many as the last one says
   */
  async *chunks(arena: Arena): AsyncIterable<Carried & { readonly at: number }> {
    this.#file.seekSync(this.#start, Deno.SeekMode.Start);
    for (let n = 0, rows = 0, at = this.#start;; n++) {
      const plain = await this.#frame(n);
      at += plain.sealedBytes + 4;
      const { head, body } = plain;
      if (typeof head.lane !== "string") {
        if (head.frames !== n || head.rows !== rows || at !== this.bytes) throw this.#notWhole();
        return;
      }
      const names = new Names(head.sources as readonly string[]); // it opened: written by `CarrierWriter`
      const packs = decodeChunk(body, { lane: head.lane, names, arena });
      rows += packs.reduce((sum, { length }) => sum + length, 0);
      yield { lane: head.lane, packs, at };
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Id of the key that the first frame is sealed with. */
  #keyId(): string {
    this.#file.seekSync(this.#start + 4, Deno.SeekMode.Start);
    return keyIdIn(this.#read(8));
  }

  async #frame(n: number) {
    const length = new DataView(this.#read(4).buffer).getUint32(0, true);
    if (length > MAX_FRAME_BYTES) throw this.#notWhole();
    const sealed = this.#read(length);
    try {
      return { ...unheaded(await this.#sealer.open(frameName(this.id, n), sealed)), sealedBytes: length };
    } catch (error) {
      throw notRead(this.#name, `${reasonOf(error)}. Nothing of it was taken in`, error);
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
    return notRead(this.#name, "it is not whole: copy it again. Nothing of it was taken in");
  }
}

function frameName(id: string, n: number): string {
  return `carrier/${id}/${n}`;
}

async function newSealer(path: string, passphrase: string): Promise<{ sealer: Sealer; key: Recipe }> {
  if (passphrase.length < MIN_PASSPHRASE) {
    throw notWritten(path, new Error(`the passphrase has fewer than ${MIN_PASSPHRASE} characters`));
  }
  const key = newRecipe();
  return { sealer: await sealerOf(passphrase, key), key };
}

async function sealerOf(passphrase: string, recipe: Recipe): Promise<Sealer> {
  return await Sealer.open(await keyOf(passphrase, recipe), { isCompressed: true });
}

function headed(head: unknown, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

function unheaded(bytes: Uint8Array<ArrayBuffer>) {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const head: Record<string, unknown> = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
  return { head, body: bytes.slice(end) };
}

function readHead(file: Deno.FsFile, path: string): { head: Head; start: number } {
  const bytes = new Uint8Array(MAX_HEAD_BYTES);
  const count = file.readSync(bytes) ?? 0;
  const start = bytes.subarray(0, count).indexOf(10) + 1;
  try {
    const head: Head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, start)));
    const isKnown = head.format === FORMAT && /^[0-9a-f]{32}$/.test(head.id) && (!head.key || isRecipe(head.key));
    if (isKnown && head.version === VERSION) return { head, start };
    if (isKnown) throw notRead(path, `a newer version of the connector wrote it (format ${head.version})`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // not JSON: said below
  }
  throw notRead(path, "it is no file that `spool export` made");
}

function notWritten(path: string, error: unknown): ConfigError {
  return new ConfigError("export_failed", `Cannot write the rows to ${path}: ${reasonOf(error)}`, { cause: error });
}

function notRead(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError("import_failed", `Cannot take in ${path}: ${reason}`, { cause });
}
