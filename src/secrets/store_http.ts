import { ConnectionError, reasonOf } from "../core/error.ts";
import { ProxiedClients } from "../sinks/zerobus/proxied_clients.ts";
import type { ProxySettings } from "../sinks/zerobus/proxy.ts";
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
  readonly #clients: ProxiedClients;

  constructor({ roots, proxy }: StoreHttpOptions) {
    this.#clients = new ProxiedClients({ extraRoots: roots, proxy });
  }

  async ask(url: URL, init: RequestInit, signal: AbortSignal): Promise<StoreAnswer> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]);
    try {
      const client = this.#clients.clientFor(url.hostname);
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
    this.#clients[Symbol.dispose]();
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
