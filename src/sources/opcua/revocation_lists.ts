import { crypto_utils } from "node-opcua-client";
import { X509Certificate } from "node:crypto";
import { infoOf, linkFree } from "../../core/home_file.ts";
import { RevocationList } from "../../lib/revocation_list.ts";
import { PKI_FOLDER } from "./pki_folder.ts";

const { x509 } = crypto_utils;

const FOLDERS = [`${PKI_FOLDER}/trusted/crl`, `${PKI_FOLDER}/issuers/crl`];
/** Lists of large authorities have some megabytes; a larger file is none of a plant's. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** What the lists of an authority say about a certificate that it signed. */
export type Answer =
  /** Not revoked. `isCurrent: false`: the newest list is overdue, or not valid yet. */
  | { readonly kind: "listed"; readonly isCurrent: boolean; readonly list: ListFile }
  /** No list that the authority signed; `forged` is in its name. */
  | { readonly kind: "none"; readonly forged: ListFile | undefined }
  | { readonly kind: "revoked" };

export interface ListFile {
  /** Under the home directory. */
  readonly path: string;
  /** Who made it, by its own account. */
  readonly issuer: string;
  readonly thisUpdate: Date;
  /** When the next one is due; undefined where the list does not say. */
  readonly nextUpdate: Date | undefined;
}

interface Parsed extends ListFile {
  readonly list: RevocationList;
}

/**
 * The revocation lists of the folders, as they are now. The library reads numbers out of them and asks neither who signed
 * them nor how old they are (node-opcua-pki 7.0.0), which RFC 5280, 6.3.3 wants.
 */
export class RevocationLists {
  readonly #lists: readonly Parsed[];

  private constructor(lists: readonly Parsed[]) {
    this.#lists = lists;
  }

  /** Files that hold no list are passed over, as the library does: the list is then missing. */
  static read(home: string): RevocationLists {
    return new RevocationLists(FOLDERS.flatMap((folder) => readFolder(home, folder)));
  }

  /** `certificate` and `authority`, which signed it: DER. */
  answer(certificate: Uint8Array, authority: Uint8Array, nowMs: number): Answer {
    const { subject } = new x509.X509Certificate(new Uint8Array(authority));
    const { publicKey } = new X509Certificate(authority);
    const named = this.#lists.filter(({ issuer }) => issuer === subject);
    const signed = named.filter(({ list }) => list.isSignedBy(publicKey));
    const [newest] = signed.toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
    if (!newest) return { kind: "none", forged: named[0] };
    const { serialNumber } = new X509Certificate(certificate);
    if (signed.some(({ list }) => list.names(serialNumber))) return { kind: "revoked" };
    const isCurrent = newest.thisUpdate.getTime() <= nowMs && (newest.nextUpdate?.getTime() ?? Infinity) > nowMs;
    return { kind: "listed", isCurrent, list: newest };
  }
}

function readFolder(home: string, folder: string): Parsed[] {
  if (!infoOf(`${home}/${folder}`)?.isDirectory) return [];
  const names = [...Deno.readDirSync(linkFree(home, `${home}/${folder}`))].map(({ name }) => `${folder}/${name}`);
  return names.flatMap((path) => readList(home, path));
}

function readList(home: string, path: string): Parsed[] {
  const { isFile = false, size = 0 } = infoOf(`${home}/${path}`) ?? {};
  if (!isFile || size > MAX_FILE_BYTES) return [];
  try {
    const list = RevocationList.read(Deno.readFileSync(`${home}/${path}`));
    const { thisUpdate, nextUpdate } = list;
    const issuer = new x509.Name(new Uint8Array(list.issuer)).toString();
    return [{ path, issuer, thisUpdate, nextUpdate, list }];
  } catch {
    return []; // no list
  }
}
