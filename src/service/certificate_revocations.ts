/** Lists of revoked certificates, by the authorities above OPC UA servers: where the OPC UA source looks them up. */
import { createHash } from "node:crypto";
import { ConfigError } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";
import type { RevocationListFacts } from "../security/mod.ts";
import { PKI } from "./met_servers.ts";

/** trusted: of an authority that is trusted by itself. */
const FOLDERS = { trusted: `${PKI}/trusted/crl`, issuer: `${PKI}/issuers/crl` } as const;
/** Larger ones are put into the folder by hand. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 200;

export type RevocationFolder = keyof typeof FOLDERS;

export interface RevocationItem extends RevocationListFacts {
  /** SHA-256 of the file, hexadecimal. */
  readonly id: string;
  readonly folder: RevocationFolder;
  /** The next one is due since then. */
  readonly is_overdue: boolean;
}

interface Found {
  readonly path: string;
  readonly item: RevocationItem;
}

export class RevocationLists {
  readonly #home: string;
  readonly #clock: { nowUs(): number };

  /** `home`: absolute path of the home directory. */
  constructor(home: string, clock: { nowUs(): number }) {
    this.#home = home;
    this.#clock = clock;
  }

  /** What is no list is passed over. */
  async all(): Promise<RevocationItem[]> {
    return (await this.#found()).map(({ item }) => item);
  }

  /** Takes a list in, DER or PEM, in place of an older one by the same authority. @throws {ConfigError} when it is none */
  async add(file: Uint8Array, folder: RevocationFolder): Promise<RevocationItem> {
    const { der, ...facts } = await factsOf(file).catch((cause) => {
      throw new ConfigError("no_revocation_list", "The file is no revocation list (CRL), neither DER nor PEM", {
        cause,
      });
    });
    const item = this.#itemOf(der, facts, folder);
    const before = (await this.#found()).filter((each) =>
      each.item.folder === folder && each.item.issuer === facts.issuer
    );
    if (before.some((each) => Date.parse(each.item.this_update) > Date.parse(facts.this_update))) {
      throw new ConfigError(
        "older_revocation_list",
        `There is a newer list of ${facts.issuer} already: nothing was changed`,
      );
    }
    const target = `${this.#home}/${FOLDERS[folder]}`;
    makeDirectory(this.#home, target);
    const path = `${target}/${item.id}.crl`;
    saveFile(this.#home, path, der); // also over one that a full disk left torn
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
      const { der, ...facts } = await factsOf(Deno.readFileSync(path));
      return [{ path, item: this.#itemOf(der, facts, folder) }];
    } catch {
      return []; // no list
    }
  }

  #itemOf(der: Uint8Array, facts: RevocationListFacts, folder: RevocationFolder): RevocationItem {
    const id = createHash("sha256").update(der).digest("hex");
    const { next_update: next } = facts;
    return { ...facts, id, folder, is_overdue: next !== null && Date.parse(next) <= this.#clock.nowUs() / 1000 };
  }
}

async function factsOf(file: Uint8Array): Promise<RevocationListFacts & { readonly der: Uint8Array }> {
  const { revocationListFacts } = await import("../security/certificate_facts.ts"); // its library is large
  return revocationListFacts(file);
}
