/** Certificates and keys that somebody gave to the connector, for settings to name. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { ConfigError } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";

const FOLDER = "certs/uploads";
const FILE = /^([0-9a-f]{16})\.(certificate|key)\.pem$/;
const MAX_FILES = 500;
const DAY_MS = 86_400_000;

/** What is told of a file. Of a key that is only which certificate it belongs to. */
export interface StoredItem {
  readonly id: string;
  readonly kind: "certificate" | "key";
  /** For settings: relative to the home directory. */
  readonly path: string;
  /** SHA-256 of the public key: the same for a certificate and its private key. */
  readonly public_key: string;
  /** The first of the file, which may hold those above it. */
  readonly certificate: StoredCertificate | null;
}

export interface StoredCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly days_left: number;
  /** SHA-256. */
  readonly fingerprint: string;
  /** How many certificates the file has. */
  readonly chain: number;
}

export class CertificateStore {
  readonly #home: string;
  readonly #clock: { nowUs(): number };

  /** `home`: absolute path of the home directory. */
  constructor(home: string, clock: { nowUs(): number }) {
    this.#home = home;
    this.#clock = clock;
  }

  all(): StoredItem[] {
    const folder = `${this.#home}/${FOLDER}`;
    if (!infoOf(folder)?.isDirectory) return [];
    const names = [...Deno.readDirSync(linkFree(this.#home, folder))].map(({ name }) => name);
    return names.filter((name) => FILE.test(name)).sort().map((name) => this.#itemOf(name));
  }

  /** Takes in PEM or DER. The file's name is made of what is in it. @throws {ConfigError} when it is neither */
  add(file: Uint8Array): StoredItem {
    if (this.all().length >= MAX_FILES) {
      throw new ConfigError("too_many_certificates", `There may be ${MAX_FILES} files`);
    }
    const { kind, text } = contentOf(file);
    const id = createHash("sha256").update(text).digest("hex").slice(0, 16);
    makeDirectory(this.#home, `${this.#home}/${FOLDER}`);
    const name = `${id}.${kind}.pem`;
    saveFile(this.#home, `${this.#home}/${FOLDER}/${name}`, text);
    return this.#itemOf(name);
  }

  /** @throws {ConfigError} when there is none */
  remove(id: string): StoredItem {
    const item = this.all().find((each) => each.id === id);
    if (!item) throw new ConfigError("no_certificate_file", "There is no file with this id");
    Deno.removeSync(linkFree(this.#home, `${this.#home}/${item.path}`));
    return item;
  }

  #itemOf(name: string): StoredItem {
    const [, id = "", kind] = FILE.exec(name) ?? [];
    const path = `${FOLDER}/${name}`;
    const text = Deno.readTextFileSync(linkFree(this.#home, `${this.#home}/${path}`));
    if (kind === "key") {
      return { id, kind, path, public_key: hashOf(createPublicKey(text)), certificate: null };
    }
    const [first, ...above] = blocksOf(text).map((block) => new X509Certificate(block));
    if (!first) throw new ConfigError("no_certificate", `${path} has no certificate any more`);
    const certificate = this.#shown(first, 1 + above.length);
    return { id, kind: "certificate", path, public_key: hashOf(first.publicKey), certificate };
  }

  #shown(certificate: X509Certificate, chain: number): StoredCertificate {
    const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = certificate;
    const oneLine = (name: string | undefined) => (name ?? "").split("\n").join(", ");
    return {
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      names: subjectAltName ?? "",
      not_before: new Date(validFrom).toISOString(),
      not_after: new Date(validTo).toISOString(),
      days_left: Math.floor((Date.parse(validTo) - this.#clock.nowUs() / 1000) / DAY_MS),
      fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
      chain,
    };
  }
}

/** In one form, whatever stood around it. @throws {ConfigError} saying what can be done about it */
function contentOf(file: Uint8Array): { readonly kind: StoredItem["kind"]; readonly text: string } {
  const text = new TextDecoder().decode(file);
  if (/PRIVATE KEY-----/.test(text)) {
    if (/ENCRYPTED/.test(text)) {
      throw unusable("its private key is sealed with a passphrase: `openssl pkey -in key.pem -out open.pem` opens it");
    }
    return { kind: "key", text: keyOf(text) };
  }
  const blocks = blocksOf(text);
  try {
    const certificates = (blocks.length > 0 ? blocks : [file]).map((each) => new X509Certificate(each));
    return { kind: "certificate", text: certificates.map((each) => each.toString()).join("") };
  } catch {
    const advice = "a PKCS#12 file is taken apart by `openssl pkcs12 -in file.p12 -nodes -out file.pem`";
    throw unusable(`it is neither a certificate nor a private key, in PEM or DER; ${advice}`);
  }
}

function keyOf(text: string): string {
  try {
    return createPrivateKey(text).export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    throw unusable("its private key cannot be read");
  }
}

function blocksOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function hashOf(key: KeyObject): string {
  return createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("hex");
}

function unusable(why: string): ConfigError {
  return new ConfigError("no_certificate", `The file cannot be used: ${why}`);
}
