import { proxyFor, type ProxySettings } from "./proxy.ts";

export interface WayOut {
  /** PEM text of root certificates beside the built-in ones. */
  readonly extraRoots: string | undefined;
  readonly proxy: ProxySettings | undefined;
}

/** What `fetch` goes out with: one client for each way, direct or through the plant's proxy, made when it is first needed. */
export class ProxiedClients implements Disposable {
  readonly #wayOut: WayOut;
  readonly #clients = new Map<string, Deno.HttpClient>();

  constructor(wayOut: WayOut) {
    this.#wayOut = wayOut;
  }

  clientFor(host: string): Deno.HttpClient {
    const { extraRoots, proxy } = this.#wayOut;
    const hop = proxyFor(host, proxy);
    const way = hop ? "proxy" : "direct";
    const known = this.#clients.get(way);
    if (known) return known;
    const client = Deno.createHttpClient({
      ...(extraRoots ? { caCerts: [extraRoots] } : {}),
      ...(hop ? { proxy: { url: `http://${hop.host}:${hop.port}`, basicAuth: hop.credentials } } : {}),
    });
    this.#clients.set(way, client);
    return client;
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}
