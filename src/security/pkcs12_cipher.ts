/** How what is in a PKCS#12 file is opened with its password (RFC 7292, 5 and appendices A to C; RFC 8018, 6.2). */
import { createDecipheriv, createHash, pbkdf2 } from "node:crypto";
import { type DerValue, numberOf, octetsOf, oidOf, partOf, partsOf } from "./der.ts";
import { openRc2 } from "./rc2.ts";

/** Who makes a file decides how long its password takes; more is refused. */
const MAX_ITERATIONS = 3_000_000;
/** The old way is counted through by us. */
const MAX_OLD_ITERATIONS = 200_000;

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

/** Opens a sealed part. @throws {Error} for a way that is not known, and mostly for a wrong password */
export async function unsealed(sealed: Uint8Array, algorithm: DerValue, password: string): Promise<Uint8Array> {
  const [name, parameters] = partsOf(algorithm);
  if (!name || !parameters) throw new Error("it does not say how it is sealed");
  const oid = oidOf(name);
  if (oid === PBES2) return await openNew(sealed, parameters, password);
  const old = OLD[oid];
  if (!old) throw new Error(`it is sealed in a way that is not known here (${oid})`);
  return openOld(sealed, parameters, { ...old, password });
}

async function openNew(sealed: Uint8Array, parameters: DerValue, password: string): Promise<Uint8Array> {
  const [derivation, encryption] = [partOf(parameters, 0), partOf(parameters, 1)];
  const [salt, iterations, ...rest] = partsOf(partOf(derivation, 1));
  if (!salt || !iterations) throw new Error("it does not say how its key is made");
  const prf = rest.find(({ tag }) => tag === 0x30);
  const hash = prf ? PRFS[oidOf(partOf(prf, 0))] : "sha1";
  const way = AES[oidOf(partOf(encryption, 0))];
  if (!hash || !way) throw new Error(`it is sealed in a way that is not known here (${oidOf(partOf(encryption, 0))})`);
  const [cipher, keyBytes] = way;
  const count = bounded(numberOf(iterations), MAX_ITERATIONS);
  const key = await derived(password, octetsOf(salt), { count, keyBytes, hash });
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

interface OldWay {
  readonly keyBytes: number;
  readonly cipher: "3des" | "rc2";
  readonly password: string;
}

function openOld(sealed: Uint8Array, parameters: DerValue, { keyBytes, cipher, password }: OldWay): Uint8Array {
  const salt = octetsOf(partOf(parameters, 0));
  const iterations = numberOf(partOf(parameters, 1));
  const make = (purpose: number, bytes: number) =>
    pkcs12Key({ password, salt, iterations, hash: "sha1" }, purpose, bytes);
  const [key, iv] = [make(1, keyBytes), make(2, 8)];
  if (cipher === "rc2") return unpadded(openRc2(sealed, { key, iv, bits: keyBytes * 8 }));
  const triple = keyBytes === 24 ? key : Uint8Array.of(...key, ...key.subarray(0, 8));
  return decipher(sealed, { cipher: "des-ede3-cbc", key: triple, iv });
}

function decipher(
  sealed: Uint8Array,
  { cipher, key, iv }: { cipher: string; key: Uint8Array; iv: Uint8Array },
): Uint8Array {
  const open = createDecipheriv(cipher, key, iv);
  const [body, end] = [open.update(sealed), open.final()];
  return Uint8Array.of(...body, ...end);
}

function unpadded(bytes: Uint8Array): Uint8Array {
  const count = bytes.at(-1) ?? 0;
  if (count < 1 || count > 8 || bytes.subarray(-count).some((byte) => byte !== count)) throw new Error("wrong padding");
  return bytes.subarray(0, -count);
}

export interface KeySeed {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly hash: string;
}

/** Bytes for a key (1), an initial vector (2) or a MAC (3): RFC 7292, B.2. */
export function pkcs12Key({ password, salt, iterations, hash }: KeySeed, purpose: number, bytes: number): Uint8Array {
  const count = bounded(iterations, MAX_OLD_ITERATIONS);
  const block = hash === "sha384" || hash === "sha512" ? 128 : 64;
  const digest = (data: Uint8Array) => new Uint8Array(createHash(hash).update(data).digest());
  let input = Uint8Array.of(...repeated(salt, block), ...repeated(wide(password), block));
  const key: number[] = [];
  while (key.length < bytes) {
    let out = digest(Uint8Array.of(...new Uint8Array(block).fill(purpose), ...input));
    for (let i = 1; i < count; i++) out = digest(out);
    key.push(...out);
    input = added(input, repeated(out, block), block);
  }
  return Uint8Array.from(key.slice(0, bytes));
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

function bounded(iterations: number, most: number): number {
  if (iterations >= 1 && iterations <= most) return iterations;
  throw new Error(`its password would take ${iterations} rounds, and ${most} are the most here`);
}
