import { createHash } from "node:crypto";
import zlib from "node:zlib";
import { freeMemory } from "../../lib/free_memory.ts";

const MAGIC = 0x53; // "S"
const VERSION = 1;
const KEY_ID_BYTES = 4;
const HEADER_BYTES = 4 + KEY_ID_BYTES;
const IV_BYTES = 12;
/** Below this, compression costs more than it brings. */
const MIN_COMPRESSED_BYTES = 200;

const PLAIN = 0;
const ZSTD = 1;

/** What was sealed had no more bytes than this: a few make any number otherwise. */
const OPENED = { maxOutputLength: 64 * 1024 * 1024 };
const FASTEST = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

/** What was sealed is not what is there: changed, cut off, moved to another key, or sealed with another key. */
export class SealError extends Error {
  override readonly name = "SealError";
}

/**
 * Compresses and encrypts what goes to disk (AES-256-GCM, NIST SP 800-38D).
 *
 * A sealed value is a header of 8 bytes ("S", version, compression, 0, key id), an IV of 12 random bytes, and the
 * ciphertext with its tag. Header and the value's name (its key in the store) are additional data: a value that was
 * moved to another key does not open.
 */
export class Sealer {
  readonly #keys = new Map<string, CryptoKey>();
  readonly #isCompressed: boolean;
  #keyId = "";

  private constructor(isCompressed: boolean) {
    this.#isCompressed = isCompressed;
  }

  /** `key`: 32 random bytes; it seals. */
  static async open(key: Uint8Array<ArrayBuffer>, options: { readonly isCompressed: boolean }): Promise<Sealer> {
    const sealer = new Sealer(options.isCompressed);
    sealer.use(await sealer.add(key));
    return sealer;
  }

  /** Makes what was sealed with another key openable too. Says the id of the key. */
  async add(key: Uint8Array<ArrayBuffer>): Promise<string> {
    const id = this.idOf(key);
    this.#keys.set(id, await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]));
    return id;
  }

  /** Seals with this one from now on. */
  use(keyId: string): void {
    this.#keyId = keyId;
  }

  /** What was sealed with this one does not open any more. */
  forget(keyId: string): void {
    this.#keys.delete(keyId);
  }

  has(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /** Ids of all keys. */
  get keyIds(): ReadonlySet<string> {
    return new Set(this.#keys.keys());
  }

  /** Id of the key that seals. */
  get keyId(): string {
    return this.#keyId;
  }

  /** Hex of the first bytes of the key's SHA-256: tells which key is needed, and nothing about it. */
  idOf(key: Uint8Array): string {
    return createHash("sha256").update(key).digest("hex").slice(0, 2 * KEY_ID_BYTES);
  }

  /** `plain` is not looked at any more once the returned promise resolves. */
  async seal(name: string, plain: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const isWorthIt = this.#isCompressed && plain.length >= MIN_COMPRESSED_BYTES;
    const keyId = this.#keyId;
    const body = isWorthIt ? compress(plain) : plain;
    const header = new Uint8Array([MAGIC, VERSION, isWorthIt ? ZSTD : PLAIN, 0, ...Uint8Array.fromHex(keyId)]);
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const additionalData = additional(header, name);
    const secret = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, this.#keyWith(keyId), body);
    const sealed = new Uint8Array(HEADER_BYTES + IV_BYTES + secret.byteLength);
    sealed.set(header);
    sealed.set(iv, HEADER_BYTES);
    sealed.set(new Uint8Array(secret), HEADER_BYTES + IV_BYTES);
    freeMemory(new Uint8Array(secret));
    if (isWorthIt) freeMemory(body);
    return sealed;
  }

  /** @throws {SealError} */
  async open(name: string, sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const header = sealed.subarray(0, HEADER_BYTES);
    if (header[0] !== MAGIC || header[1] !== VERSION) throw new SealError(`${name} has no header of this format`);
    const iv = sealed.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
    const secret = sealed.subarray(HEADER_BYTES + IV_BYTES);
    const key = this.#keys.get(keyIdIn(header));
    if (!key) throw new SealError(`${name} was sealed with a key that is not here`);
    try {
      const additionalData = additional(header, name);
      const body = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, secret));
      return header[2] === ZSTD ? decompress(body) : body;
    } catch (cause) {
      throw new SealError(`${name} does not open: it was changed, or sealed with another key`, { cause });
    }
  }

  #keyWith(id: string): CryptoKey {
    const key = this.#keys.get(id);
    if (!key) throw new TypeError(`There is no key ${id}`);
    return key;
  }
}

function compress(plain: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return ownCopy(zlib.zstdCompressSync(plain, FASTEST));
}

/** Gives the memory of `body` back. */
function decompress(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const plain = zlib.zstdDecompressSync(body, OPENED);
  freeMemory(body);
  return ownCopy(plain);
}

/** The same in memory that is nobody else's, and the other's given back. */
function ownCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  freeMemory(bytes);
  return copy;
}

function additional(header: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(name);
  const bytes = new Uint8Array(header.length + text.length);
  bytes.set(header);
  bytes.set(text, header.length);
  return bytes;
}

/** Id of the key that a sealed value says it is sealed with. */
export function keyIdIn(sealed: Uint8Array): string {
  return sealed.subarray(HEADER_BYTES - KEY_ID_BYTES, HEADER_BYTES).toHex();
}
