/** How what is in a PKCS#12 file is opened with its password (RFC 7292, 5 and appendices A to C; RFC 8018, 6.2). */
import { createDecipheriv, createHash, pbkdf2 } from "node:crypto";
import { Buffer } from "node:buffer";
import { AuthError } from "../core/error.ts";
import { type DerValue, numberOf, octetsOf, oidOf, partOf, partsOf } from "../lib/der.ts";
import type { PasswordWork } from "./password_work.ts";
import { openRc2 } from "./rc2.ts";

/** Bytes; 8 to 20 are usual. */
const MAX_SALT = 1024;

const AES: Readonly<Record<string, readonly [cipher: string, keyBytes: number]>> = {
  "2.16.840.1.101.3.4.1.2": ["aes-128-cbc", 16],
  "2.16.840.1.101.3.4.1.42": ["aes-256-cbc", 32],
  "1.2.840.113549.3.7": ["des-ede3-cbc", 24],
};
const PRFS: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};
/** The old ways, of SHA-1 and a key of so many bytes. */
const OLD: Readonly<Record<string, { readonly keyBytes: number; readonly cipher: "3des" | "rc2" }>> = {
  "1.2.840.113549.1.12.1.3": { keyBytes: 24, cipher: "3des" },
  "1.2.840.113549.1.12.1.4": { keyBytes: 16, cipher: "3des" },
  "1.2.840.113549.1.12.1.5": { keyBytes: 16, cipher: "rc2" },
  "1.2.840.113549.1.12.1.6": { keyBytes: 5, cipher: "rc2" },
};
const PBES2 = "1.2.840.113549.1.5.13";

/** A password, and what may still be done to try it. */
export interface Unlocking {
  readonly password: string;
  readonly work: PasswordWork;
}

/** What decrypts to nonsense was sealed with another password. */
export function wrongPassword(): AuthError {
  return new AuthError("pkcs12_password", "The password of the file is wrong, or is missing");
}

/**
 * Opens a sealed part.
 * @throws {AuthError} mostly, for a wrong password
 * @throws {Error} for a way that is not known, for one that takes too long, and for what is damaged
 */
export async function unsealed(sealed: Uint8Array, algorithm: DerValue, by: Unlocking): Promise<Uint8Array> {
  const [name, parameters] = partsOf(algorithm);
  if (!name || !parameters) throw new Error("it does not say how it is sealed");
  const oid = oidOf(name);
  if (oid === PBES2) return await openNew(sealed, parameters, by);
  const old = OLD[oid];
  if (!old) throw new Error(`it is sealed in a way that is not known here (${oid})`);
  return await openOld(sealed, parameters, { ...old, ...by });
}

async function openNew(
  sealed: Uint8Array,
  parameters: DerValue,
  { password, work }: Unlocking,
): Promise<Uint8Array> {
  const [derivation, encryption] = [partOf(parameters, 0), partOf(parameters, 1)];
  const [salt, iterations, ...rest] = partsOf(partOf(derivation, 1));
  if (!salt || !iterations) throw new Error("it does not say how its key is made");
  const prf = rest.find(({ tag }) => tag === 0x30);
  const hash = prf ? PRFS[oidOf(partOf(prf, 0))] : "sha1";
  const way = AES[oidOf(partOf(encryption, 0))];
  if (!hash || !way) throw new Error(`it is sealed in a way that is not known here (${oidOf(partOf(encryption, 0))})`);
  const [cipher, keyBytes] = way;
  const count = numberOf(iterations);
  work.takeRounds(count);
  const key = await derived(password, saltOf(salt), { count, keyBytes, hash });
  work.throwIfAborted();
  return decipher(sealed, { cipher, key, iv: octetsOf(partOf(encryption, 1)) });
}

function derived(
  password: string,
  salt: Uint8Array,
  { count, keyBytes, hash }: { count: number; keyBytes: number; hash: string },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    pbkdf2(password, salt, count, keyBytes, hash, (error, key) => error ? reject(error) : resolve(key))
  );
}

interface OldWay extends Unlocking {
  readonly keyBytes: number;
  readonly cipher: "3des" | "rc2";
}

async function openOld(
  sealed: Uint8Array,
  parameters: DerValue,
  { keyBytes, cipher, password, work }: OldWay,
): Promise<Uint8Array> {
  const salt = saltOf(partOf(parameters, 0));
  const seed = { password, work, salt, iterations: numberOf(partOf(parameters, 1)), hash: "sha1" } as const;
  const key = await pkcs12Key(seed, 1, keyBytes);
  const iv = await pkcs12Key(seed, 2, 8);
  if (cipher === "rc2") return unpadded(openRc2(sealed, { key, iv, bits: keyBytes * 8 }));
  const triple = keyBytes === 24 ? key : Uint8Array.of(...key, ...key.subarray(0, 8));
  return decipher(sealed, { cipher: "des-ede3-cbc", key: triple, iv });
}

function decipher(
  sealed: Uint8Array,
  { cipher, key, iv }: { cipher: string; key: Uint8Array; iv: Uint8Array },
): Uint8Array {
  const block = cipher.startsWith("aes") ? 16 : 8;
  if (sealed.length === 0 || sealed.length % block !== 0) throw new Error(`its length is none of ${cipher}`);
  const open = createDecipheriv(cipher, key, iv);
  const first = open.update(sealed);
  return new Uint8Array(Buffer.concat([first, lastOf(open)]));
}

/** All was checked before: only the padding can be wrong. */
function lastOf(open: ReturnType<typeof createDecipheriv>): Uint8Array {
  try {
    return open.final();
  } catch {
    throw wrongPassword();
  }
}

function unpadded(bytes: Uint8Array): Uint8Array {
  const count = bytes.at(-1) ?? 0;
  if (count < 1 || count > 8 || bytes.subarray(-count).some((byte) => byte !== count)) throw wrongPassword();
  return bytes.subarray(0, -count);
}

/** Bytes of a digest. */
export const HASH_BYTES = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

export interface KeySeed extends Unlocking {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly hash: keyof typeof HASH_BYTES;
}

/** Bytes for a key (1), an initial vector (2) or a MAC (3): RFC 7292, B.2. @throws {Error} where it takes too long */
export async function pkcs12Key(seed: KeySeed, purpose: number, bytes: number): Promise<Uint8Array> {
  const { password, work, salt, iterations, hash } = seed;
  work.takeDigests(iterations * Math.ceil(bytes / HASH_BYTES[hash]));
  const block = hash === "sha384" || hash === "sha512" ? 128 : 64;
  const digest = (data: Uint8Array) => new Uint8Array(createHash(hash).update(data).digest());
  let input = Uint8Array.of(...repeated(salt, block), ...repeated(wide(password), block));
  const key: number[] = [];
  while (key.length < bytes) {
    let out = digest(Uint8Array.of(...new Uint8Array(block).fill(purpose), ...input));
    for (let i = 1; i < iterations; i++) {
      out = digest(out);
      await work.countDigest();
    }
    key.push(...out);
    input = added(input, repeated(out, block), block);
  }
  return Uint8Array.from(key.slice(0, bytes));
}

/** @throws {Error} for one that nobody would make */
export function saltOf(value: DerValue): Uint8Array {
  const salt = octetsOf(value);
  if (salt.length > MAX_SALT) throw new Error(`its salt has ${salt.length} bytes, and ${MAX_SALT} are the most here`);
  return salt;
}

/** Each block of `input` plus `block` plus one, as numbers. */
function added(input: Uint8Array<ArrayBuffer>, summand: Uint8Array, block: number): Uint8Array<ArrayBuffer> {
  const sums = new Uint8Array(input);
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let i = block - 1; i >= 0; i--) {
      carry += input[start + i]! + summand[i]!;
      sums[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
  return sums;
}

/** Repeated up to whole blocks; nothing for nothing. */
function repeated(bytes: Uint8Array, block: number): Uint8Array {
  const length = block * Math.ceil(bytes.length / block);
  return Uint8Array.from({ length }, (_, i) => bytes[i % bytes.length]!);
}

/** UTF-16, the high byte first, and a zero behind. */
function wide(password: string): Uint8Array {
  const units = [...Array.from({ length: password.length }, (_, i) => password.charCodeAt(i)), 0];
  return Uint8Array.from(units.flatMap((unit) => [unit >> 8, unit & 0xff]));
}
