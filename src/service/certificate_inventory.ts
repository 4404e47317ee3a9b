/** Every certificate and key that the connector works with, what uses it, and what is wrong with it. */
import { type KeyObject, X509Certificate } from "node:crypto";
import type { LoadedConfig } from "../config/mod.ts";
import { reasonOf } from "../core/error.ts";
import { infoOf, linkFree } from "../core/home_file.ts";
import { type CertificateFault, certificateFaults, type CertificateUse } from "./certificate_faults.ts";
import { contentOf, publicKeyHash } from "./certificate_file.ts";
import { type CertificateStore, type StoredCertificate, toldCertificate } from "./certificate_store.ts";
import { namedFiles } from "./certificate_uses.ts";
import { PKI } from "./met_servers.ts";
import type { TrustList } from "./trust_list.ts";

/** own_opcua, own_gui: made by the connector. upload: given to it. server: of a trusted one. file: put there by somebody. */
export type CertificateOrigin = "own_opcua" | "own_gui" | "upload" | "server" | "file";

export interface InventoryItem {
  /** Relative to the home directory; of a server its fingerprint. */
  readonly path: string;
  readonly origin: CertificateOrigin;
  /** Of an upload, to delete it by. */
  readonly id: string | null;
  readonly kind: "certificate" | "key";
  /** Settings that name it, or sources whose server it is. */
  readonly used_by: readonly string[];
  readonly certificate: StoredCertificate | null;
  readonly faults: readonly CertificateFault[];
}

export interface InventoryOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: { nowUs(): number };
  readonly loaded: () => LoadedConfig;
  readonly store: CertificateStore;
  readonly trust: TrustList;
}

/** The one that was renewed. Servers are shown it until it ends, and then nothing does anything with it. */
const FORMER = `${PKI}/own/certs/iot-connector-former.pem`;
/** Ours, where the OPC UA source and the web listener keep them. */
const OWN: readonly (readonly [CertificateOrigin, string, CertificateUse])[] = [
  ["own_opcua", `${PKI}/own/certs/iot-connector.pem`, "opcua_application"],
  ["own_opcua", FORMER, "opcua_application"],
  ["own_gui", "certs/gui/certificate.pem", "tls_server"],
];
const MAX_FILE_BYTES = 1024 * 1024;

export class CertificateInventory {
  readonly #options: InventoryOptions;

  constructor(options: InventoryOptions) {
    this.#options = options;
  }

  async all(): Promise<InventoryItem[]> {
    const { loaded, store } = this.#options;
    const named = namedFiles(loaded());
    const own = OWN.filter(([, path]) => infoOf(`${this.#options.home}/${path}`)?.isFile);
    const uploads = store.all();
    const uploaded = new Map(uploads.map(({ path, id }) => [path, id]));
    const ownPaths = new Set(own.map(([, path]) => path));
    const paths = new Set([...named.map(({ path }) => path), ...uploaded.keys()]);
    const items: InventoryItem[] = [];
    for (const [origin, path, use] of own) {
      const item = await this.#item(path, { origin, id: null, uses: [use], named: [] });
      const isOver = path === FORMER && Date.parse(item.certificate?.not_after ?? "") <= this.#nowMs;
      if (!isOver) items.push(item);
    }
    for (const path of paths) {
      if (ownPaths.has(path)) continue;
      const id = uploaded.get(path) ?? null;
      const by = named.filter((each) => each.path === path);
      const uses = [...new Set(by.flatMap(({ use }) => use ?? []))];
      items.push(await this.#item(path, { origin: id === null ? "file" : "upload", id, uses, named: by }));
    }
    return [...items, ...await this.#servers()];
  }

  /** Settings that name an upload. */
  usersOf(path: string): string[] {
    return namedFiles(this.#options.loaded()).filter((each) => each.path === path).map(({ setting }) => setting);
  }

  /** A certificate of our own, to be trusted elsewhere: DER. Undefined where none was made yet. */
  own(origin: "own_opcua" | "own_gui"): Uint8Array | undefined {
    const { home } = this.#options;
    const path = OWN.find(([each, path]) => each === origin && infoOf(`${home}/${path}`)?.isFile)?.[1];
    return path === undefined ? undefined : new X509Certificate(this.#read(path)).raw;
  }

  async #servers(): Promise<InventoryItem[]> {
    const { trust } = this.#options;
    return await Promise.all(
      trust.trusted().map(async ({ item: { fingerprint, sources }, file }) => {
        const certificate = new X509Certificate(file);
        const faults = await this.#faults(certificate, ["peer"]);
        const told = toldCertificate(certificate, { chain: 1, nowMs: this.#nowMs });
        return {
          path: fingerprint,
          origin: "server",
          id: null,
          kind: "certificate",
          used_by: sources,
          certificate: told,
          faults,
        };
      }),
    );
  }

  async #item(path: string, { origin, id, uses, named }: Wanted): Promise<InventoryItem> {
    const used_by = named.map(({ setting }) => setting);
    const common = { path, origin, id, used_by };
    try {
      const { certificates, keys: [key] } = await contentOf(this.#read(path), "");
      const [first] = certificates;
      if (!first) return { ...common, kind: "key", certificate: null, faults: key ? [] : [NOTHING] };
      const faults = [...await this.#faults(first, uses), ...await this.#keyFaults(first, named)];
      const told = toldCertificate(first, { chain: certificates.length, nowMs: this.#nowMs });
      return { ...common, kind: "certificate", certificate: told, faults };
    } catch (error) {
      const isKey = named.length > 0 && named.every(({ use }) => use === undefined);
      const text = `It cannot be read: ${reasonOf(error)}`;
      return { ...common, kind: isKey ? "key" : "certificate", certificate: null, faults: [{ level: "bad", text }] };
    }
  }

  /** A certificate and a key that are set together must belong together. */
  async #keyFaults(certificate: X509Certificate, named: Wanted["named"]): Promise<CertificateFault[]> {
    const faults: CertificateFault[] = [];
    for (const { keyPath, setting } of named) {
      if (keyPath === undefined) continue;
      const key = await this.#keyAt(keyPath);
      if (key === "unreadable") continue; // told of that file itself
      if (key && publicKeyHash(key) === publicKeyHash(certificate.publicKey)) continue;
      const text = key
        ? `The key ${keyPath}, set beside ${setting}, is that of another certificate: the peer will refuse us`
        : `${keyPath}, set beside ${setting}, has no private key in it`;
      faults.push({ level: "bad", text });
    }
    return faults;
  }

  async #keyAt(path: string): Promise<KeyObject | "unreadable" | undefined> {
    try {
      return (await contentOf(this.#read(path), "")).keys[0];
    } catch {
      return "unreadable";
    }
  }

  async #faults(certificate: X509Certificate, uses: readonly CertificateUse[]): Promise<CertificateFault[]> {
    return await certificateFaults(certificate, { nowMs: this.#nowMs, uses });
  }

  #read(path: string): Uint8Array {
    const file = path.startsWith("/") ? path : `${this.#options.home}/${path}`;
    if ((infoOf(file)?.size ?? 0) > MAX_FILE_BYTES) throw new Error("it is larger than any certificate");
    return Deno.readFileSync(linkFree(this.#options.home, file));
  }

  get #nowMs(): number {
    return this.#options.clock.nowUs() / 1000;
  }
}

interface Wanted {
  readonly origin: CertificateOrigin;
  readonly id: string | null;
  readonly uses: readonly CertificateUse[];
  readonly named: ReturnType<typeof namedFiles>;
}

const NOTHING: CertificateFault = { level: "bad", text: "It has neither a certificate nor a private key in it" };
