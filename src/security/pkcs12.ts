/** Takes a PKCS#12 file (`.p12`, `.pfx`; RFC 7292) apart: certificates and private keys under one password. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { AuthError, ConfigError, reasonOf } from "../core/error.ts";
import { type DerValue, numberOf, octetsOf, oidOf, partOf, partsOf, readDer } from "../lib/der.ts";
import type { PasswordWork } from "./password_work.ts";
import {
  HASH_BYTES,
  type KeySeed,
  pkcs12Key,
  saltOf,
  type Unlocking,
  unsealed,
  wrongPassword,
} from "./pkcs12_cipher.ts";

/** All DER: X.509 certificates, and keys as PKCS#8. */
export interface Pkcs12 {
  readonly certificates: readonly Uint8Array[];
  readonly keys: readonly Uint8Array[];
}

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
const BAGS = {
  "1.2.840.113549.1.12.10.1.1": "key",
  "1.2.840.113549.1.12.10.1.2": "sealed_key",
  "1.2.840.113549.1.12.10.1.3": "certificate",
  "1.2.840.113549.1.12.10.1.6": "bags",
} as const;
const HASHES: Readonly<Record<string, KeySeed["hash"]>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const MAX_NESTED = 4;
/** A chain of five, and as many keys, is all that anybody has in a file. */
const MAX_BAGS = 50;

/** Whether a file may be one: a sequence that begins with the version 3. */
export function isPkcs12(file: Uint8Array): boolean {
  try {
    const [version, safe] = partsOf(readDer(file));
    return version?.tag === 0x02 && numberOf(version) === 3 && safe?.tag === 0x30;
  } catch {
    return false;
  }
}

/**
 * @throws {AuthError} `pkcs12_password` for a wrong password
 * @throws {ConfigError} `pkcs12_unreadable` for a file that is damaged, is sealed in a way that is not known, or would take
 * more than `work` allows
 */
export async function readPkcs12(file: Uint8Array, password: string, work: PasswordWork): Promise<Pkcs12> {
  try {
    const [, safe, mac] = partsOf(readDer(file));
    if (!safe || oidOf(partOf(safe, 0)) !== DATA) throw new Error("it is signed, and not sealed with a password");
    const content = octetsOf(partOf(partOf(safe, 1), 0));
    if (mac && !await isMac(content, mac, { password, work })) throw wrongPassword();
    const found: Found = { certificates: [], keys: [], bags: 0 };
    for (const part of fewOf(partsOf(readDer(content)))) {
      await readBags(await bagsOf(part, { password, work }), found, { password, work, depth: 0 });
    }
    return found;
  } catch (error) {
    work.throwIfAborted();
    if (error instanceof AuthError) throw error;
    const message =
      `The PKCS#12 file cannot be used: ${reasonOf(error)}. \`openssl pkcs12 -in file.p12 -nodes\` takes ` +
      "it apart into PEM, which can be uploaded instead";
    throw new ConfigError("pkcs12_unreadable", message, { cause: error });
  }
}

interface Found {
  readonly certificates: Uint8Array[];
  readonly keys: Uint8Array[];
  /** Of any kind, so far. */
  bags: number;
}

function fewOf(parts: readonly DerValue[]): readonly DerValue[] {
  if (parts.length > MAX_BAGS) throw new Error(`it has more than ${MAX_BAGS} parts`);
  return parts;
}

/** A file without a MAC, or with one of another kind, says by its padding whether the password is right. */
async function isMac(content: Uint8Array, mac: DerValue, by: Unlocking): Promise<boolean> {
  const [info, salt, iterations] = partsOf(mac);
  const hash = info && HASHES[oidOf(partOf(partOf(info, 0), 0))];
  if (!info || !salt || !hash) return true;
  const expected = octetsOf(partOf(info, 1));
  if (expected.length !== HASH_BYTES[hash]) throw new Error(`its MAC has ${expected.length} bytes`);
  const seed = { ...by, salt: saltOf(salt), iterations: iterations ? numberOf(iterations) : 1, hash };
  const made = createHmac(hash, await pkcs12Key(seed, 3, expected.length)).update(content).digest();
  return timingSafeEqual(made, expected);
}

async function bagsOf(part: DerValue, by: Unlocking): Promise<Uint8Array> {
  const kind = oidOf(partOf(part, 0));
  const content = partOf(partOf(part, 1), 0);
  if (kind === DATA) return octetsOf(content);
  if (kind !== ENCRYPTED_DATA) throw new Error("a part of it is sealed with a public key");
  const [, algorithm, sealed] = partsOf(partOf(content, 1));
  if (!algorithm || !sealed) throw new Error("a sealed part of it is empty");
  return await opened(octetsOf(sealed), algorithm, by);
}

async function readBags(
  bags: Uint8Array,
  found: Found,
  { depth, ...by }: Unlocking & { readonly depth: number },
): Promise<void> {
  if (depth > MAX_NESTED) throw new Error("it is nested too deep");
  for (const bag of partsOf(readDer(bags))) {
    if (++found.bags > MAX_BAGS) throw new Error(`it has more than ${MAX_BAGS} parts`);
    const value = partOf(partOf(bag, 1), 0);
    const kind = BAGS[oidOf(partOf(bag, 0)) as keyof typeof BAGS]; // others (revocation lists, secrets) are passed over
    if (kind === "certificate") found.certificates.push(octetsOf(partOf(partOf(value, 1), 0)));
    if (kind === "key") found.keys.push(whole(value));
    if (kind === "sealed_key") found.keys.push(await opened(octetsOf(partOf(value, 1)), partOf(value, 0), by));
    if (kind === "bags") await readBags(whole(value), found, { ...by, depth: depth + 1 });
  }
}

async function opened(sealed: Uint8Array, algorithm: DerValue, by: Unlocking): Promise<Uint8Array> {
  const open = await unsealed(sealed, algorithm, by);
  if (open[0] !== 0x30) throw wrongPassword();
  return open;
}

/** With its identifier and length again. */
function whole({ tag, content }: DerValue): Uint8Array {
  const size = content.length;
  const length = size < 0x80 ? [size] : [0x84, size >>> 24, size >> 16 & 0xff, size >> 8 & 0xff, size & 0xff];
  return new Uint8Array(Buffer.concat([Uint8Array.of(tag, ...length), content]));
}

/** A private key that is sealed by itself (PKCS#8, RFC 5958, 3), opened. @throws as `readPkcs12` */
export async function openedKey(sealed: Uint8Array, password: string, work: PasswordWork): Promise<Uint8Array> {
  try {
    const value = readDer(sealed);
    return await opened(octetsOf(partOf(value, 1)), partOf(value, 0), { password, work });
  } catch (error) {
    work.throwIfAborted();
    if (error instanceof AuthError) throw error;
    const message = `The private key cannot be opened: ${reasonOf(error)}`;
    throw new ConfigError("pkcs12_unreadable", message, { cause: error });
  }
}
