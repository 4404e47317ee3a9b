/** What a file that somebody gave holds: certificates and private keys, in PEM, DER or PKCS#12. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { Buffer } from "node:buffer";
import { AuthError, ConfigError } from "../core/error.ts";
import { isPkcs12, openedKey, PasswordWork, readPkcs12 } from "../security/mod.ts";

export interface FileContent {
  /** Those with a key first, and each before the one that signed it. */
  readonly certificates: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
}

/** A chain of five, and as many keys, is all that anybody gives. */
const MAX_PARTS = 50;
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/g;

/**
 * `password`: of a PKCS#12 file, or of a sealed key.
 * @throws {AuthError} when it is wrong or missing @throws {ConfigError} when the file is none that can be used, saying why
 */
export async function contentOf(file: Uint8Array, password: string, signal?: AbortSignal): Promise<FileContent> {
  const work = new PasswordWork(signal);
  const text = new TextDecoder("latin1").decode(file);
  if (text.includes("-----BEGIN ")) return ordered(await fromPem(text, password, work));
  if (isPkcs12(file)) {
    const { certificates, keys } = await readPkcs12(file, password, work);
    return ordered({ certificates: certificates.map(certificateOf), keys: keys.map(keyOfDer) });
  }
  return ordered(fromDer(file));
}

/** SHA-256 of a public key: the same for a certificate and its private key. */
export function publicKeyHash(key: KeyObject): string {
  const open = key.type === "private" ? createPublicKey(key) : key;
  return createHash("sha256").update(open.export({ type: "spki", format: "der" })).digest("hex");
}

async function fromPem(text: string, password: string, work: PasswordWork): Promise<FileContent> {
  const blocks = [...text.matchAll(PEM)];
  if (blocks.length > MAX_PARTS) throw unusable(`it has more than ${MAX_PARTS} parts`);
  const certificates: X509Certificate[] = [];
  const keys: KeyObject[] = [];
  for (const [block, label = "", body = ""] of blocks) {
    if (/^(X509 |TRUSTED )?CERTIFICATE$/.test(label)) certificates.push(certificateOf(bytesOf(body)));
    else if (label === "ENCRYPTED PRIVATE KEY") keys.push(keyOfDer(await openedKey(bytesOf(body), password, work)));
    else if (label.endsWith("PRIVATE KEY")) keys.push(keyOfPem(block));
  }
  if (certificates.length + keys.length === 0) throw unusable("it has neither a certificate nor a private key in it");
  return { certificates, keys };
}

function fromDer(file: Uint8Array): FileContent {
  try {
    return { certificates: [new X509Certificate(file)], keys: [] };
  } catch {
    for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
      try {
        return { certificates: [], keys: [createPrivateKey({ key: Buffer.from(file), format: "der", type })] };
      } catch {
        // of another kind
      }
    }
  }
  throw unusable("it is neither a certificate nor a private key, in PEM, DER or PKCS#12");
}

function certificateOf(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw unusable("a certificate in it cannot be read");
  }
}

function keyOfDer(der: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  } catch {
    throw unusable("its private key is of a kind that is not known here: RSA and elliptic curves are");
  }
}

function keyOfPem(block: string): KeyObject {
  if (/Proc-Type: 4,ENCRYPTED/.test(block)) {
    const advice = "`openssl pkey -in key.pem -out open.pem` opens it";
    throw new AuthError("key_sealed", `The private key is sealed in an old way that is not known here: ${advice}`);
  }
  try {
    return createPrivateKey(block);
  } catch {
    throw unusable("its private key cannot be read");
  }
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64.replace(/\s/g, ""));
  } catch {
    throw unusable("a part of it is no base64");
  }
}

/** As TLS shows a chain (RFC 8446, 4.4.2). */
function ordered({ certificates, keys }: FileContent): FileContent {
  const hashes = new Set(keys.map(publicKeyHash));
  const left = [...certificates];
  const chain: X509Certificate[] = [];
  const own = left.findIndex((each) => hashes.has(publicKeyHash(each.publicKey)));
  if (own > 0) left.unshift(...left.splice(own, 1));
  while (left.length > 0) {
    const above = chain.length === 0 ? 0 : left.findIndex((each) => chain.at(-1)?.checkIssued(each));
    chain.push(...left.splice(Math.max(0, above), 1));
  }
  return { certificates: chain, keys };
}

function unusable(why: string): ConfigError {
  return new ConfigError("no_certificate", `The file cannot be used: ${why}`);
}
