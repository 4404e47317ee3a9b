/** Lists of revoked certificates, by the authorities above OPC UA servers: where the OPC UA source looks them up. */
import { createHash, X509Certificate } from "node:crypto";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";
import { RevocationList } from "../lib/revocation_list.ts";
import { PKI } from "./met_servers.ts";

/** trusted: of an authority that is trusted by itself. */
const FOLDERS = { trusted: `${PKI}/trusted/crl`, issuer: `${PKI}/issuers/crl` } as const;
/** Larger ones are put into the folder by hand. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 200;
/** How far ahead the clock of who made a list may be. */
const AHEAD_MS = 300_000;

export type RevocationFolder = keyof typeof FOLDERS;

export interface RevocationItem {
  /** SHA-256 of the file, hexadecimal. */
  readonly id: string;
  readonly folder: RevocationFolder;
  readonly issuer: string;
  /** ISO 8601. */
  readonly this_update: string;
  /** When the next one is due; null: it does not say. */
  readonly next_update: string | null;
  /** How many certificates it names. */
  readonly revoked: number;
  /** The next one is due since then. */
  readonly is_overdue: boolean;
}

interface Found {
  readonly path: string;
  readonly list: RevocationList;
  readonly item: RevocationItem;
}

/** Authorities that servers' certificates may come from: those that are trusted, and those above servers. */
export interface KnownAuthorities {
  /** DER. */
  authorities(): readonly Uint8Array[];
}

export interface RevocationListsOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: { nowUs(): number };
  readonly trust: KnownAuthorities;
}

export class RevocationLists {
  readonly #home: string;
  readonly #options: RevocationListsOptions;

  constructor(options: RevocationListsOptions) {
    this.#home = options.home;
    this.#options = options;
  }

  /** What is no list is passed over. */
  async all(): Promise<RevocationItem[]> {
    return (await this.#found()).map(({ item }) => item);
  }

  /**
   * Takes a list in, DER or PEM, in place of an older one by the same authority, which must be known: anybody can make a
   * list in its name, and lists come over ways that nobody protects, because they are signed.
   * @throws {ConfigError} when it is none, or none that counts
   */
  async add(file: Uint8Array, folder: RevocationFolder): Promise<RevocationItem> {
    const list = readList(file);
    const item = await this.#itemOf(list, folder);
    this.#refuseFuture(item);
    const key = (await this.#authorityOf(list, item)).publicKey;
    const before = (await this.#found()).filter((each) => each.item.folder === folder && each.list.isSignedBy(key));
    if (before.some((each) => each.list.thisUpdate > list.thisUpdate)) {
      throw new ConfigError(
        "older_revocation_list",
        `There is a newer list of ${item.issuer} already: nothing was changed`,
      );
    }
    const target = `${this.#home}/${FOLDERS[folder]}`;
    makeDirectory(this.#home, target);
    const path = `${target}/${item.id}.crl`;
    saveFile(this.#home, path, list.der); // also over one that a full disk left torn
    for (const old of before) if (old.path !== path) Deno.removeSync(old.path);
    return item;
  }

  /** @throws {ConfigError} when there is none */
  async remove(id: string): Promise<RevocationItem> {
    const found = (await this.#found()).filter(({ item }) => item.id === id);
    const [first] = found;
    if (!first) throw new ConfigError("no_revocation_item", "There is no revocation list with this id");
    for (const { path } of found) Deno.removeSync(path);
    return first.item;
  }

  async #found(): Promise<Found[]> {
    const found: Found[] = [];
    for (const folder of ["trusted", "issuer"] as const) {
      const place = `${this.#home}/${FOLDERS[folder]}`;
      if (!infoOf(place)?.isDirectory) continue;
      const files = [...Deno.readDirSync(linkFree(this.#home, place))].filter(({ isFile }) => isFile).slice(
        0,
        MAX_FILES,
      );
      for (const { name } of files) found.push(...await this.#at(`${place}/${name}`, folder));
    }
    return found;
  }

  async #at(path: string, folder: RevocationFolder): Promise<Found[]> {
    if ((infoOf(path)?.size ?? Infinity) > MAX_FILE_BYTES) return [];
    try {
      const list = RevocationList.read(Deno.readFileSync(path));
      return [{ path, list, item: await this.#itemOf(list, folder) }];
    } catch {
      return []; // no list
    }
  }

  /** One from the future would keep all that come until then away. */
  #refuseFuture({ issuer, this_update: made }: RevocationItem): void {
    if (Date.parse(made) <= this.#nowMs + AHEAD_MS) return;
    throw new ConfigError(
      "revocation_list_from_future",
      `The list of ${issuer} says that it was made at ${made}, which is yet to come: check this host's clock, and the ` +
        "authority's. Nothing was changed",
    );
  }

  /** Its name is the one in the list, too: of another's, a list would take the place of its own. */
  async #authorityOf(list: RevocationList, { issuer }: RevocationItem): Promise<X509Certificate> {
    const { certificateFacts } = await import("../security/certificate_facts.ts");
    for (const der of this.#options.trust.authorities()) {
      const { subject, keyUsages } = certificateFacts(der);
      const certificate = new X509Certificate(der);
      const maySign = certificate.ca && keyUsages?.has("cRLSign") !== false && subject === issuer;
      if (maySign && list.isSignedBy(certificate.publicKey)) return certificate;
    }
    throw new ConfigError(
      "revocation_list_unsigned",
      `No authority that is known here signed this list, which names ${issuer} as its maker: trust the authority's ` +
        "certificate first, or give it as one above servers, then give the list. Nothing was changed",
    );
  }

  async #itemOf(list: RevocationList, folder: RevocationFolder): Promise<RevocationItem> {
    const { nameText } = await import("../security/certificate_facts.ts"); // its library is large
    const { der, issuer, thisUpdate, nextUpdate, count } = list;
    return {
      id: createHash("sha256").update(der).digest("hex"),
      folder,
      issuer: nameText(issuer),
      this_update: thisUpdate.toISOString(),
      next_update: nextUpdate?.toISOString() ?? null,
      is_overdue: nextUpdate !== undefined && nextUpdate.getTime() <= this.#nowMs,
      revoked: count,
    };
  }

  get #nowMs(): number {
    return this.#options.clock.nowUs() / 1000;
  }
}

function readList(file: Uint8Array): RevocationList {
  try {
    return RevocationList.read(file);
  } catch (error) {
    const message = `The file cannot be used as a revocation list (CRL), DER or PEM: ${reasonOf(error)}`;
    throw new ConfigError("no_revocation_list", message, { cause: error });
  }
}
