/** Certificates and keys that somebody gave to the connector, for settings to name. */
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { ConfigError } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";
import { type CertificateFault, certificateFaults, daysLeft } from "./certificate_faults.ts";
import { contentOf, type FileContent, publicKeyHash } from "./certificate_file.ts";

const FOLDER = "certs/uploads";
const FILE = /^([0-9a-f]{16})\.(certificate|key)\.pem$/;
const MAX_FILES = 500;

/** What is told of a file. Of a key that is only which certificate it belongs to. */
export interface StoredItem {
  readonly id: string;
  readonly kind: "certificate" | "key";
  /** For settings: relative to the home directory. */
  readonly path: string;
  /** SHA-256 of the public key: the same for a certificate and its private key. Empty: the file is damaged. */
  readonly public_key: string;
  /** The first of the file, which may hold those above it; null of a key, and of a damaged file. */
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

/** What a file has that nobody kept yet. */
export interface ReadFile {
  readonly certificate: StoredCertificate | null;
  /** Those above the first, by their subjects. */
  readonly above: readonly string[];
  /** Whether there is a private key in it. It is not told. */
  readonly has_key: boolean;
  readonly faults: readonly CertificateFault[];
}

export class CertificateStore {
  readonly #home: string;
  readonly #clock: { nowUs(): number };

  /** `home`: absolute path of the home directory. */
  constructor(home: string, clock: { nowUs(): number }) {
    this.#home = home;
    this.#clock = clock;
  }

  /** A damaged file is among them, so that it can be seen and removed, and hides no other. */
  all(): StoredItem[] {
    const folder = `${this.#home}/${FOLDER}`;
    if (!infoOf(folder)?.isDirectory) return [];
    const names = [...Deno.readDirSync(linkFree(this.#home, folder))].map(({ name }) => name);
    return names.filter((name) => FILE.test(name)).sort().map((name) => this.#itemOf(name));
  }

  /**
   * What is in a file, PEM, DER or PKCS#12; keeps nothing.
   * @throws {AuthError} for a wrong password @throws {ConfigError} when it cannot be used
   */
  async read(file: Uint8Array, password: string, signal?: AbortSignal): Promise<ReadFile> {
    const { certificates: [first, ...above], keys } = await contentOf(file, password, signal);
    const faults = first ? await certificateFaults(first, { nowMs: this.#nowMs, uses: [] }) : [];
    return {
      certificate: first ? this.#told(first, 1 + above.length) : null,
      above: above.map(({ subject }) => oneLine(subject)),
      has_key: keys.length > 0,
      faults: [...faults, ...this.#pairFaults(first, keys)],
    };
  }

  /** Takes in all that is in a file: certificates as one chain, and each key. Names are made of what is in it. @throws as `read` */
  async add(file: Uint8Array, password = "", signal?: AbortSignal): Promise<readonly [StoredItem, ...StoredItem[]]> {
    const { certificates, keys } = await contentOf(file, password, signal);
    const chain = certificates.map((each) => each.toString()).join("");
    const texts = keys.map((key) => key.export({ type: "pkcs8", format: "pem" }).toString());
    const wanted = [
      ...chain === "" ? [] : [["certificate", chain] as const],
      ...texts.map((text) => ["key", text] as const),
    ];
    if (this.all().length + wanted.length > MAX_FILES) {
      throw new ConfigError("too_many_certificates", `There may be ${MAX_FILES} files`);
    }
    const [first, ...others] = wanted.map(([kind, text]) => this.#keep(kind, text));
    if (!first) throw new ConfigError("no_certificate", "The file cannot be used: there is nothing in it");
    return [first, ...others];
  }

  /** @throws {ConfigError} when there is none */
  find(id: string): StoredItem {
    const item = this.all().find((each) => each.id === id);
    if (!item) throw new ConfigError("no_certificate_file", "There is no file with this id");
    return item;
  }

  /** @throws {ConfigError} when there is none */
  remove(id: string): StoredItem {
    const item = this.find(id);
    Deno.removeSync(linkFree(this.#home, `${this.#home}/${item.path}`));
    return item;
  }

  #keep(kind: StoredItem["kind"], text: string): StoredItem {
    const id = createHash("sha256").update(text).digest("hex").slice(0, 16);
    makeDirectory(this.#home, `${this.#home}/${FOLDER}`);
    const name = `${id}.${kind}.pem`;
    saveFile(this.#home, `${this.#home}/${FOLDER}/${name}`, text);
    return this.#itemOf(name);
  }

  /** A key that came with a certificate, or was given before, must be its own. */
  #pairFaults(certificate: X509Certificate | undefined, keys: FileContent["keys"]): CertificateFault[] {
    if (!certificate) return [];
    const wanted = publicKeyHash(certificate.publicKey);
    if (keys.some((key) => publicKeyHash(key) === wanted)) return [];
    if (keys.length > 0) {
      return [{
        level: "bad",
        text: "The private key in the file belongs to another certificate: they do not work together",
      }];
    }
    return [];
  }

  #itemOf(name: string): StoredItem {
    const [, id = "", suffix] = FILE.exec(name) ?? [];
    const kind = suffix === "key" ? "key" : "certificate";
    const path = `${FOLDER}/${name}`;
    try {
      const text = Deno.readTextFileSync(linkFree(this.#home, `${this.#home}/${path}`));
      return { id, kind, path, ...kind === "key" ? keyFacts(text) : this.#certificateFacts(text) };
    } catch {
      return { id, kind, path, public_key: "", certificate: null };
    }
  }

  #certificateFacts(text: string): Pick<StoredItem, "public_key" | "certificate"> {
    const [first, ...above] = blocksOf(text).map((block) => new X509Certificate(block));
    if (!first) return { public_key: "", certificate: null };
    return { public_key: publicKeyHash(first.publicKey), certificate: this.#told(first, 1 + above.length) };
  }

  #told(certificate: X509Certificate, chain: number): StoredCertificate {
    return toldCertificate(certificate, { chain, nowMs: this.#nowMs });
  }

  get #nowMs(): number {
    return this.#clock.nowUs() / 1000;
  }
}

/** What people are told of a certificate. `chain`: how many there are with those above it. */
export function toldCertificate(
  certificate: X509Certificate,
  { chain, nowMs }: { readonly chain: number; readonly nowMs: number },
): StoredCertificate {
  const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = certificate;
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    names: subjectAltName ?? "",
    not_before: new Date(validFrom).toISOString(),
    not_after: new Date(validTo).toISOString(),
    days_left: daysLeft(certificate, nowMs),
    fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
    chain,
  };
}

function keyFacts(pem: string): Pick<StoredItem, "public_key" | "certificate"> {
  return { public_key: publicKeyHash(createPublicKey(pem)), certificate: null };
}

function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}

function blocksOf(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
