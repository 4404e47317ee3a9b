import { ConnectionError, reasonOf } from "../core/error.ts";
import { proxyFor, type ProxySettings } from "../sinks/zerobus/proxy.ts";
import type { AsksStore, StoreAnswer } from "./provider.ts";

/** A secret is not longer. */
const MAX_BODY_BYTES = 1024 * 1024;
const REQUEST_MS = 10_000;

export interface StoreHttpOptions {
  /** PEM text of authorities beside the built-in ones. */
  readonly roots: string | undefined;
  readonly proxy: ProxySettings | undefined;
}

/** Requests to a store. Redirects are not followed: a token would go along. What was sent is told nowhere. */
export class StoreHttp implements AsksStore, Disposable {
  readonly #options: StoreHttpOptions;
  readonly #clients = new Map<string, Deno.HttpClient>();

  constructor(options: StoreHttpOptions) {
    this.#options = options;
  }

  async ask(url: URL, init: RequestInit, signal: AbortSignal): Promise<StoreAnswer> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]);
    try {
      const client = this.#clientFor(url.hostname);
      const answer = await fetch(url, { ...init, client, signal: bounded, redirect: "manual" });
      return { status: answer.status, text: await boundedText(answer) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw new ConnectionError("secret_store_away", `${url.origin} does not answer: ${reasonIn(error)}`, {
        cause: error,
      });
    }
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #clientFor(host: string): Deno.HttpClient {
    const { roots, proxy } = this.#options;
    const hop = proxyFor(host, proxy);
    const way = hop ? "proxy" : "direct";
    const known = this.#clients.get(way);
    if (known) return known;
    const client = Deno.createHttpClient({
      ...(roots ? { caCerts: [roots] } : {}),
      ...(hop ? { proxy: { url: `http://${hop.host}:${hop.port}`, basicAuth: hop.credentials } } : {}),
    });
    this.#clients.set(way, client);
    return client;
  }
}

/** Why, without the address and what may stand in it. */
function reasonIn(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return reasonIn(error.cause);
  return reasonOf(error).replace(/^error sending request for url \(.*?\): (client error \(\w+\): )?/, "");
}

async function boundedText(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BODY_BYTES) throw new RangeError(`the answer is longer than ${MAX_BODY_BYTES} bytes`);
  }
  return text + decoder.decode();
}
