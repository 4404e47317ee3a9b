import { scrypt } from "node:crypto";
import { promisify } from "node:util";

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** What OWASP's "Password Storage Cheat Sheet" holds for enough with 32 MB of memory; some 300 ms. */
const COST = { n: 32_768, r: 8, p: 3 };
/** A recipe comes from a file: no more memory and time than this is given to it. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_P = 16;

/** How a key is made of a passphrase by scrypt (RFC 7914). */
export interface Recipe {
  /** Hex. */
  readonly salt: string;
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

export function newRecipe(): Recipe {
  return { salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)).toHex(), ...COST };
}

/** Whether it is one that this host can follow. */
export function isRecipe({ salt, n, r, p }: Recipe): boolean {
  const isPowerOf2 = Number.isInteger(Math.log2(n)) && n >= 2;
  const isSane = [r, p].every((each) => Number.isInteger(each) && each > 0) && p <= MAX_P;
  return /^[0-9a-f]{32}$/.test(salt) && isPowerOf2 && isSane && 128 * n * r <= MAX_BYTES;
}

/** The same text makes the same key, however it was typed: it is taken in Unicode's form NFC. */
export async function keyOf(passphrase: string, { salt, n, r, p }: Recipe): Promise<Uint8Array<ArrayBuffer>> {
  const derive = promisify<string, Uint8Array, number, object, Uint8Array>(scrypt);
  const options = { N: n, r, p, maxmem: 2 * 128 * n * r };
  return new Uint8Array(await derive(passphrase.normalize("NFC"), Uint8Array.fromHex(salt), KEY_BYTES, options));
}
