import { crypto_utils } from "node-opcua-client";
import { infoOf, linkFree } from "../../core/home_file.ts";
import { PKI_FOLDER } from "./pki_folder.ts";

const { x509 } = crypto_utils;
type List = InstanceType<typeof x509.X509Crl>;

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
  readonly list: List;
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
  async answer(certificate: Uint8Array, authority: Uint8Array, nowMs: number): Promise<Answer> {
    const issuer = new x509.X509Certificate(new Uint8Array(authority));
    const named = this.#lists.filter(({ list }) => list.issuer === issuer.subject);
    const verdicts = await Promise.all(named.map(({ list }) => isSigned(list, issuer)));
    const signed = named.filter((_, i) => verdicts[i]);
    const [newest] = signed.toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
    if (!newest) return { kind: "none", forged: named[0] };
    const { serialNumber } = new x509.X509Certificate(new Uint8Array(certificate));
    if (signed.some(({ list }) => list.findRevoked(serialNumber))) return { kind: "revoked" };
    const isCurrent = newest.thisUpdate.getTime() <= nowMs && (newest.nextUpdate?.getTime() ?? Infinity) > nowMs;
    return { kind: "listed", isCurrent, list: newest };
  }
}

async function isSigned(list: List, issuer: InstanceType<typeof x509.X509Certificate>): Promise<boolean> {
  try {
    return await list.verify({ publicKey: issuer.publicKey });
  } catch {
    return false; // the key is not one for this kind of signature
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
    const bytes = Deno.readFileSync(`${home}/${path}`);
    const list = new x509.X509Crl(isPem(bytes) ? new TextDecoder().decode(bytes) : bytes);
    const { issuer, thisUpdate, nextUpdate } = list;
    return [{ path, issuer, thisUpdate, nextUpdate, list }];
  } catch {
    return []; // no list
  }
}

function isPem(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 64)).includes("-----BEGIN");
}
