import { ConnectionError, reasonOf } from "../../core/error.ts";
import { ProxiedClients, type WayOut } from "./proxied_clients.ts";

/** Longer answers are an error: a table of 10,000 columns is described in less. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface HttpOptions extends WayOut {
  readonly userAgent: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** What tokens and columns are asked for with. */
export interface Requests {
  /** @throws {ConnectionError} when there is no whole answer @throws the signal's reason when it aborts first */
  request(url: URL, init: RequestInit, signal: AbortSignal): Promise<HttpAnswer>;
}

/** Requests to the workspace, over TLS, through the plant's proxy where there is one. Redirects are not followed. */
export class WorkspaceHttp implements Requests, Disposable {
  readonly #options: HttpOptions;
  readonly #clients: ProxiedClients;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#clients = new ProxiedClients(options);
  }

  async request(url: URL, init: RequestInit, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const headers = new Headers(init.headers);
    headers.set("user-agent", this.#options.userAgent);
    try {
      const client = this.#clients.clientFor(url.hostname);
      const answer = await fetch(url, { ...init, headers, client, signal, redirect: "manual" });
      return { status: answer.status, text: await boundedText(answer) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreachable(url, error);
    }
  }

  [Symbol.dispose](): void {
    this.#clients[Symbol.dispose]();
  }
}

function unreachable(url: URL, error: unknown): ConnectionError {
  const reason = rootReason(error);
  const advice = /certificate/i.test(reason)
    ? "Set security.ca_bundle_path to the authority that signed it: the proxy's, where one opens TLS."
    : "Check zerobus.workspace_host, and that firewall and proxy let HTTPS through.";
  return new ConnectionError("workspace_unreachable", `Cannot reach ${url.origin}: ${reason}. ${advice}`, {
    cause: error,
  });
}

/** `fetch` itself says only that it failed; why stands in the cause, or behind the address in its text. */
function rootReason(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return rootReason(error.cause);
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

/** The value in `text`, which should be JSON; undefined when it is not. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
