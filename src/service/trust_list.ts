/** OPC UA servers' certificates: those that are trusted, and those that were turned away. */
import { X509Certificate } from "node:crypto";
import { ConfigError } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory } from "../core/home_file.ts";

/** As OPC UA Part 12, F.1 lays them out, where the OPC UA source keeps them. */
const PKI = "certs/opcua";
const FOLDERS = { trusted: `${PKI}/trusted/certs`, rejected: `${PKI}/rejected` } as const;
const MAX_FILES = 1000;
const MAX_FILE_BYTES = 64 * 1024;

export type TrustState = keyof typeof FOLDERS;

/** A certificate that was shown to the connector, or given to it. */
export interface TrustItem {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  /** SHA-1, by which OPC UA tools name it (Part 6, 6.2.2). */
  readonly thumbprint: string;
  readonly state: TrustState;
  readonly subject: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  /** Names, addresses and the application's URI. */
  readonly names: string;
}

interface Found {
  readonly path: string;
  readonly item: TrustItem;
  readonly bytes: Uint8Array;
}

/** `home`: absolute path of the home directory. */
export class TrustList {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** What is no certificate is passed over: whoever connects is told of it. */
  all(): TrustItem[] {
    return this.#found().map(({ item }) => item);
  }

  /** Trusts it, or does not any more: counts from the next connection on. @throws {ConfigError} when there is none */
  move(fingerprint: string, state: TrustState): TrustItem {
    const found = this.#one(fingerprint);
    this.#keep(found.bytes, fingerprint, state);
    for (const each of this.#found()) {
      const isOld = each.item.fingerprint === fingerprint && each.item.state !== state;
      if (isOld) Deno.removeSync(each.path);
    }
    return { ...found.item, state };
  }

  /** Takes a certificate in, to trust it before it is first met. @throws {ConfigError} when it is none */
  add(file: Uint8Array): TrustItem {
    const certificate = parse(file);
    if (!certificate) throw new ConfigError("no_certificate", "The file is no X.509 certificate, neither DER nor PEM");
    const item = itemOf(certificate, "trusted");
    this.#keep(certificate.raw, item.fingerprint, "trusted");
    return item;
  }

  /** @throws {ConfigError} when there is none */
  remove(fingerprint: string): TrustItem {
    const { item } = this.#one(fingerprint);
    for (const each of this.#found()) if (each.item.fingerprint === fingerprint) Deno.removeSync(each.path);
    return item;
  }

  #one(fingerprint: string): Found {
    const found = this.#found().find(({ item }) => item.fingerprint === fingerprint);
    if (!found) throw new ConfigError("no_trust_item", "There is no certificate with this fingerprint");
    return found;
  }

  /** The file's name is the fingerprint: no name that came from elsewhere becomes a path. */
  #keep(bytes: Uint8Array, fingerprint: string, state: TrustState): void {
    const folder = `${this.#home}/${FOLDERS[state]}`;
    makeDirectory(this.#home, folder);
    const path = `${folder}/${fingerprint}.der`;
    if (!infoOf(path)) writeBytes(this.#home, path, bytes);
  }

  #found(): Found[] {
    return (["trusted", "rejected"] as const).flatMap((state) => {
      const folder = `${this.#home}/${FOLDERS[state]}`;
      if (!infoOf(folder)?.isDirectory) return [];
      const names = [...Deno.readDirSync(linkFree(this.#home, folder))].filter(({ isFile }) => isFile);
      return names.slice(0, MAX_FILES).flatMap(({ name }) => foundAt(`${folder}/${name}`, state));
    });
  }
}

function foundAt(path: string, state: TrustState): Found[] {
  if ((infoOf(path)?.size ?? Infinity) > MAX_FILE_BYTES) return [];
  const certificate = parse(Deno.readFileSync(path));
  return certificate ? [{ path, bytes: certificate.raw, item: itemOf(certificate, state) }] : [];
}

function parse(file: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(file);
  } catch {
    return undefined; // neither DER nor PEM
  }
}

function itemOf(certificate: X509Certificate, state: TrustState): TrustItem {
  const { fingerprint, fingerprint256, subject, issuer, validFrom, validTo, subjectAltName } = certificate;
  const hex = (text: string) => text.replaceAll(":", "").toLowerCase();
  return {
    fingerprint: hex(fingerprint256),
    thumbprint: hex(fingerprint),
    state,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    not_before: new Date(validFrom).toISOString(),
    not_after: new Date(validTo).toISOString(),
    names: subjectAltName ?? "",
  };
}

function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}

function writeBytes(home: string, path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(linkFree(home, path), { write: true, createNew: true, mode: 0o600 });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}
