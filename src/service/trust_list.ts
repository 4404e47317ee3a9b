/** OPC UA servers' certificates: those that are trusted, those that were turned away, and the authorities above them. */
import { X509Certificate } from "node:crypto";
import type { LoadedConfig } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";
import { PKI, readMet } from "./met_servers.ts";

/** As OPC UA Part 12, F.1 lays them out, where the OPC UA source keeps them. */
const FOLDERS = {
  trusted: `${PKI}/trusted/certs`,
  rejected: `${PKI}/rejected`,
  issuer: `${PKI}/issuers/certs`,
} as const;
const MAX_FILES = 1000;
const MAX_FILE_BYTES = 64 * 1024;
const DAY_MS = 86_400_000;

export type TrustState = keyof typeof FOLDERS;

/** A certificate that was shown to the connector, or given to it. */
export interface TrustItem {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  /** SHA-1, by which OPC UA tools name it (Part 6, 6.2.2). */
  readonly thumbprint: string;
  /** issuer: an authority that is known and not trusted by itself. */
  readonly state: TrustState;
  readonly subject: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly days_left: number;
  /** Names, addresses and the application's URI. */
  readonly names: string;
  /** It vouches for others: to trust it is to trust all that it signs. */
  readonly is_authority: boolean;
  /** Where it was shown last; null: nowhere yet. */
  readonly endpoint: string | null;
  readonly met: string | null;
  /** Configured sources at that endpoint. */
  readonly sources: readonly string[];
}

type MetServers = ReturnType<typeof readMet>;

interface Found {
  readonly path: string;
  readonly item: TrustItem;
  readonly bytes: Uint8Array;
}

export interface TrustListOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: { nowUs(): number };
  readonly loaded: () => LoadedConfig;
  /** Lets sources that wait try to connect at once. Not there: nothing runs that would. */
  readonly tryNow?: (sources: readonly string[]) => void;
}

export class TrustList {
  readonly #options: TrustListOptions;

  constructor(options: TrustListOptions) {
    this.#options = options;
  }

  /** What is no certificate is passed over: whoever connects is told of it. Those turned away come first. */
  all(): TrustItem[] {
    return this.#found().map(({ item }) => item);
  }

  /** The certificates of servers that are trusted: DER, with what is told of them. */
  trusted(): { readonly item: TrustItem; readonly file: Uint8Array }[] {
    return this.#found().filter(({ item }) => item.state === "trusted").map(({ item, bytes }) => ({
      item,
      file: bytes,
    }));
  }

  /** Those that vouch for others, trusted or above servers: DER. */
  authorities(): Uint8Array[] {
    return this.#found().filter(({ item }) => item.is_authority && item.state !== "rejected").map(({ bytes }) => bytes);
  }

  /**
   * Trusts it, and sources that wait for that try at once; or does not any more, from the next connection on.
   * @throws {ConfigError} when there is none
   */
  move(fingerprint: string, state: "trusted" | "rejected"): TrustItem {
    const found = this.#one(fingerprint);
    this.#keep(found.bytes, fingerprint, state);
    for (const each of this.#found()) {
      const isOld = each.item.fingerprint === fingerprint && each.item.state !== state;
      if (isOld) Deno.removeSync(each.path);
    }
    if (state === "trusted") this.#wake(found.item);
    return { ...found.item, state };
  }

  /** Takes a certificate in, to trust it before it is first met. @throws {ConfigError} when it is none */
  add(file: Uint8Array, state: "trusted" | "issuer" = "trusted"): TrustItem {
    const certificate = parse(file);
    if (!certificate) throw new ConfigError("no_certificate", "The file is no X.509 certificate, neither DER nor PEM");
    const item = this.#itemOf(certificate, state, readMet(this.#options.home));
    this.#keep(certificate.raw, item.fingerprint, state);
    this.#wake(item);
    return item;
  }

  /** @throws {ConfigError} when there is none */
  remove(fingerprint: string): TrustItem {
    const { item } = this.#one(fingerprint);
    for (const each of this.#found()) if (each.item.fingerprint === fingerprint) Deno.removeSync(each.path);
    return item;
  }

  /** Those whose server showed it; all of OPC UA where nobody knows which: it may vouch for any server. */
  #wake({ sources }: TrustItem): void {
    const { loaded, tryNow } = this.#options;
    const all = () => loaded().sources.filter(({ spec }) => spec.type === "opcua").map(({ config }) => config.name);
    tryNow?.(sources.length > 0 ? sources : all());
  }

  #one(fingerprint: string): Found {
    const found = this.#found().find(({ item }) => item.fingerprint === fingerprint);
    if (!found) throw new ConfigError("no_trust_item", "There is no certificate with this fingerprint");
    return found;
  }

  /** The file's name is the fingerprint: no name that came from elsewhere becomes a path. */
  #keep(bytes: Uint8Array, fingerprint: string, state: TrustState): void {
    const { home } = this.#options;
    const folder = `${home}/${FOLDERS[state]}`;
    makeDirectory(home, folder);
    saveFile(home, `${folder}/${fingerprint}.der`, bytes); // also over one that a full disk left torn
  }

  #found(): Found[] {
    const { home } = this.#options;
    const met = readMet(home);
    return (["rejected", "trusted", "issuer"] as const).flatMap((state) => {
      const folder = `${home}/${FOLDERS[state]}`;
      if (!infoOf(folder)?.isDirectory) return [];
      const names = [...Deno.readDirSync(linkFree(home, folder))].filter(({ isFile }) => isFile);
      return names.slice(0, MAX_FILES).flatMap(({ name }) => this.#foundAt(`${folder}/${name}`, state, met));
    });
  }

  #foundAt(path: string, state: TrustState, met: MetServers): Found[] {
    if ((infoOf(path)?.size ?? Infinity) > MAX_FILE_BYTES) return [];
    const certificate = parse(Deno.readFileSync(path));
    return certificate ? [{ path, bytes: certificate.raw, item: this.#itemOf(certificate, state, met) }] : [];
  }

  #itemOf(certificate: X509Certificate, state: TrustState, servers: MetServers): TrustItem {
    const { fingerprint, fingerprint256, subject, issuer, validFrom, validTo, subjectAltName } = certificate;
    const { clock, loaded } = this.#options;
    const thumbprint = hex(fingerprint);
    const met = servers.get(thumbprint);
    return {
      fingerprint: hex(fingerprint256),
      thumbprint,
      state,
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      not_before: new Date(validFrom).toISOString(),
      not_after: new Date(validTo).toISOString(),
      days_left: Math.floor((Date.parse(validTo) - clock.nowUs() / 1000) / DAY_MS),
      names: subjectAltName ?? "",
      is_authority: certificate.ca,
      endpoint: met?.endpoint ?? null,
      met: met?.time ?? null,
      sources: met ? sourcesAt(met.endpoint, loaded()) : [],
    };
  }
}

function sourcesAt(endpoint: string, { sources }: LoadedConfig): string[] {
  const isAt = ({ config, alternates }: LoadedConfig["sources"][number]) =>
    [config, ...alternates].some((each) => each.endpoint === endpoint);
  return sources.filter(isAt).map(({ config }) => config.name);
}

function parse(file: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(file);
  } catch {
    return undefined; // neither DER nor PEM
  }
}

function hex(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}

function oneLine(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}
