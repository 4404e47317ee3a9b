/** Lists of revoked certificates (RFC 5280, 5), DER or PEM, of any length: a plant's authority may name 100,000. */
import { constants, type KeyObject, verify } from "node:crypto";
import { type DerValue, oidOf, partOf, partsIn, partsOf, readDer } from "./der.ts";

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  sequence: 0x30,
  utcTime: 0x17,
  generalTime: 0x18,
  extensions: 0xa0,
} as const;
/** What a list may say of itself that makes it one of a part, by number. */
const PARTS: Readonly<Record<string, string>> = {
  "2.5.29.27": "it is a delta, which names only what was revoked since another list",
  "2.5.29.28": "it is a list of a part of what its authority signed, such as of authorities alone",
};
const PSS = "1.2.840.113549.1.1.10";
/** By which hash; null: the kind of signature has its own. MD5 is missing: who wants to can make such a signature. */
const HASHES: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.5": "sha1",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.1": "sha1",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null,
};
const PSS_HASHES: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

export class RevocationList {
  readonly der: Uint8Array;
  /** The name of who made it, DER. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  /** When the next one is due; undefined: it does not say. */
  readonly nextUpdate: Date | undefined;
  /** How many certificates it names. */
  readonly count: number;
  readonly #entries: DerValue | undefined;
  readonly #signed: { readonly content: Uint8Array; readonly algorithm: DerValue; readonly signature: Uint8Array };

  private constructor(list: DerValue) {
    const [content, algorithm, signature] = partsOf(list);
    if (!content || !algorithm || signature?.tag !== 0x03) throw new Error("it has no signature");
    const parts = partsOf(content);
    const [, issuer, time, ...rest] = parts[0]?.tag === TAG.integer ? parts.slice(1) : parts; // its version, or not
    if (issuer?.tag !== TAG.sequence || !time) throw new Error("it does not say who made it, or when");
    refuseParts(rest.find(({ tag }) => tag === TAG.extensions));
    this.der = list.raw;
    this.issuer = issuer.raw;
    this.thisUpdate = timeOf(time);
    const [next] = rest;
    this.nextUpdate = next && isTime(next) ? timeOf(next) : undefined;
    this.#entries = rest.find(({ tag }) => tag === TAG.sequence);
    this.count = this.#serialNumbers().reduce((count) => count + 1, 0); // reads each: a damaged one is found here
    this.#signed = { content: content.raw, algorithm, signature: signature.content.subarray(1) };
  }

  /** @throws {Error} that says why it is no list, or none that can stand alone */
  static read(file: Uint8Array): RevocationList {
    return new RevocationList(readDer(derOf(file)));
  }

  /** `serialNumber`: of a certificate, hexadecimal. */
  names(serialNumber: string): boolean {
    const wanted = plain(serialNumber);
    return this.#serialNumbers().some((each) => each === wanted);
  }

  isSignedBy(authority: KeyObject): boolean {
    const { content, algorithm, signature } = this.#signed;
    try {
      const { hash, ...padding } = schemeOf(algorithm);
      return verify(hash, content, { key: authority, ...padding }, signature);
    } catch {
      return false; // a kind of signature that is not known, or none for this kind of key
    }
  }

  *#serialNumbers(): Generator<string> {
    if (!this.#entries) return;
    for (const entry of partsIn(this.#entries)) {
      const [serial, time] = partsOf(entry);
      if (serial?.tag !== TAG.integer || !time) throw new Error("it names a certificate without a number");
      yield plain(serial.content.toHex());
    }
  }
}

/** PEM may begin with a text for people. */
function derOf(file: Uint8Array): Uint8Array {
  if (file[0] === TAG.sequence) return file;
  const text = new TextDecoder().decode(file);
  const body = /-----BEGIN (?:X509 )?CRL-----([^-]+)-----END/.exec(text)?.[1];
  if (!text.includes("-----BEGIN")) throw new Error("it is neither DER nor PEM");
  if (body === undefined) throw new Error("it is PEM, and has no X509 CRL in it");
  return Uint8Array.fromBase64(body);
}

/**
 * In place of a whole list, one of a part would let in all that it leaves out. What else is marked as critical must be
 * understood by whoever uses the list (RFC 5280, 5.2), and nothing more is here.
 */
function refuseParts(extensions: DerValue | undefined): void {
  if (!extensions) return;
  for (const extension of partsOf(partOf(extensions, 0))) {
    const [name, critical] = partsOf(extension);
    const oid = name ? oidOf(name) : "";
    const why = PARTS[oid];
    if (why !== undefined) throw new Error(`${why}: give the whole one`);
    if (critical?.tag === TAG.boolean && critical.content[0] !== 0) {
      throw new Error(`it has a critical extension (${oid}) that is not understood here`);
    }
  }
}

function schemeOf(algorithm: DerValue): { hash: string | null; padding?: number; saltLength?: number } {
  const [kind, parameters] = partsOf(algorithm);
  const oid = kind ? oidOf(kind) : "";
  if (oid === PSS && parameters) {
    const hash = PSS_HASHES[oidOf(partOf(partOf(partOf(parameters, 0), 0), 0))];
    if (hash !== undefined) {
      return { hash, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
    }
  }
  const hash = HASHES[oid];
  if (hash === undefined) throw new Error(`the kind of signature ${oid} is not known`);
  return { hash };
}

function isTime({ tag }: DerValue): boolean {
  return tag === TAG.utcTime || tag === TAG.generalTime;
}

/** Years of two digits are of 1950 to 2049 (RFC 5280, 4.1.2.5.1). */
function timeOf(value: DerValue): Date {
  const text = new TextDecoder("latin1").decode(value.content);
  const [, years = "", ...digits] = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const isShort = value.tag === TAG.utcTime;
  if (!isTime(value) || years.length !== (isShort ? 2 : 4)) throw new Error("a time in it cannot be read");
  const year = isShort ? Number(years) + (Number(years) < 50 ? 2000 : 1900) : Number(years);
  const [month = 1, day, hour, minute, second] = digits.map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

function plain(serialNumber: string): string {
  return serialNumber.toLowerCase().replace(/^0+/, "");
}
