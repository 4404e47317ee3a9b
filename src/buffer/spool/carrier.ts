/**
 * A file that carries a spool's rows to another connector, by hand. A line of JSON says which file it is and how its key
 * is made; behind it come frames, each a u32 length and a sealed value (see seal.ts) under the name `carrier/<id>/<n>`:
 * frames cannot be left out, moved or mixed with those of another file. The last frame says how many there are.
 *
 *     a frame's plain text: u32 length, JSON { lane, sources }, a chunk (see chunk_codec.ts) whose sources are indexes
 *     the last one's: u32 length, JSON { frames, rows }
 */
import { ConfigError, reasonOf } from "../../core/error.ts";
import { infoOf } from "../../core/home_file.ts";
import { FramedFileReader, FramedFileWriter, headed, NotWholeError, unheaded } from "../../lib/framed_file.ts";
import type { Arena } from "../arena.ts";
import type { RowPack } from "../row_pack.ts";
import { decodeChunk, encodeChunk } from "./chunk_codec.ts";
import type { Sealing } from "./desk.ts";
import { isRecipe, keyOf, newRecipe, type Recipe } from "./passphrase.ts";
import { Names } from "./names.ts";
import { keyIdIn, Sealer } from "./seal.ts";

const FORMAT = "iot-connector rows";
const VERSION = 1;
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
  readonly #file: FramedFileWriter;
  readonly #sealer: Sealer;
  readonly #id: string;
  #frames = 0;
  #rows = 0;

  private constructor(path: string, file: FramedFileWriter, { id, sealer }: { id: string; sealer: Sealer }) {
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
    try {
      if (infoOf(path)) throw new Error("there is such a file already: name another");
      return new CarrierWriter(path, FramedFileWriter.create(path, JSON.stringify(head)), { id, sealer });
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
      this.#file.finish();
    } catch (error) {
      throw notWritten(this.#path, error);
    }
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  async #seal(plain: Uint8Array<ArrayBuffer>): Promise<void> {
    const sealed = await this.#sealer.seal(frameName(this.#id, this.#frames++), plain);
    try {
      this.#file.add(sealed);
    } catch (error) {
      throw notWritten(this.#path, error);
    }
  }
}

/** Reads such a file, as often as is wanted. */
export class CarrierReader implements Disposable {
  /** Random: which file it is. */
  readonly id: string;
  /** As messages call it. */
  readonly #name: string;
  readonly #file: FramedFileReader;
  readonly #sealer: Sealer;

  private constructor(file: FramedFileReader, { name, id, sealer }: { name: string; id: string; sealer: Sealer }) {
    this.#file = file;
    this.#name = name;
    this.#sealer = sealer;
    this.id = id;
  }

  /** @throws {ConfigError} when there is no such file, it is no file of rows, or its key is not here */
  static async open(path: string, own: Sealer, { passphrase, shownAs: name = path }: Sealing): Promise<CarrierReader> {
    using resources = new DisposableStack();
    const file = resources.use(fileAt(path, name));
    const head = headIn(file.line, name);
    if (head.key && passphrase === undefined) {
      throw notRead(name, "it was sealed with a passphrase: give that too (--passphrase-stdin)");
    }
    const sealer = head.key && passphrase !== undefined ? await sealerOf(passphrase, head.key) : own;
    const keyId = keyIdIn(whole(name, () => file.first(8)));
    if (!sealer.has(keyId)) {
      throw notRead(name, head.key ? "the passphrase is another" : `this spool has no key ${keyId}`);
    }
    resources.move();
    return new CarrierReader(file, { name, id: head.id, sealer });
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  /**
   * All chunks, in order. `at`: how far in the file the next one begins.
   * @throws {ConfigError} when a frame does not open, or there are not as many as the last one says
   */
  async *chunks(arena: Arena): AsyncIterable<Carried & { readonly at: number }> {
    this.#file.rewind();
    for (let n = 0, rows = 0;; n++) {
      const { head, body } = await this.#frame(n);
      const { at } = this.#file;
      if (typeof head.lane !== "string") {
        if (head.frames !== n || head.rows !== rows || at !== this.bytes) throw notWhole(this.#name);
        return;
      }
      const names = new Names(head.sources as readonly string[]); // it opened: written by `CarrierWriter`
      const packs = decodeChunk(body.slice(), { lane: head.lane, names, arena });
      rows += packs.reduce((sum, { length }) => sum + length, 0);
      yield { lane: head.lane, packs, at };
    }
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  async #frame(n: number) {
    const sealed = whole(this.#name, () => this.#file.next());
    try {
      const { head, body } = unheaded(await this.#sealer.open(frameName(this.id, n), sealed));
      return { head: head as Record<string, unknown>, body }; // it opened, so `CarrierWriter` made it
    } catch (error) {
      throw notRead(this.#name, `${reasonOf(error)}. Nothing of it was taken in`, error);
    }
  }
}

function fileAt(path: string, name: string): FramedFileReader {
  try {
    return FramedFileReader.open(path, { maxLineBytes: MAX_HEAD_BYTES, maxFrameBytes: MAX_FRAME_BYTES });
  } catch (error) {
    throw notRead(name, reasonOf(error), error);
  }
}

/** What is read, where the file goes on so far. */
function whole<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotWholeError) throw notWhole(name);
    throw error;
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

function headIn(line: string, name: string): Head {
  try {
    const head: Head = JSON.parse(line);
    const isKnown = head.format === FORMAT && /^[0-9a-f]{32}$/.test(head.id) && (!head.key || isRecipe(head.key));
    if (isKnown && head.version === VERSION) return head;
    if (isKnown) throw notRead(name, `a newer version of the connector wrote it (format ${head.version})`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // not JSON: said below
  }
  throw notRead(name, "it is no file that `spool export` made");
}

function notWritten(path: string, error: unknown): ConfigError {
  return new ConfigError("export_failed", `Cannot write the rows to ${path}: ${reasonOf(error)}`, { cause: error });
}

function notRead(path: string, reason: string, cause?: unknown): ConfigError {
  return new ConfigError("import_failed", `Cannot take in ${path}: ${reason}`, { cause });
}

function notWhole(name: string): ConfigError {
  return notRead(name, "it is not whole: copy it again. Nothing of it was taken in");
}
