/** From a connection to a request, and from a response back to it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { within } from "../lib/within.ts";
import type { Fetch, Peer } from "./peer.ts";
import { problemResponse } from "./problem.ts";

export type { Fetch };

const READ_BYTES = 16 * 1024;
/** How long a client of an answer without an end may take no byte of it. */
const WRITE_MS = 30_000;
/** Answers that are sent as they come: events, and lists that may be long. */
const STREAMED = /^(text\/event-stream|application\/x-ndjson)/;
/** Of one connection, and of nobody else (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"]);

/** A connection as a stream of Node's, which closes it when it is destroyed. */
export function duplexOf(connection: Deno.Conn): Duplex {
  return new Duplex({
    read() {
      const bytes = new Uint8Array(READ_BYTES);
      connection.read(bytes).then(
        (length) => this.push(length === null ? null : bytes.subarray(0, length)),
        () => this.destroy(), // the peer reset it, or it was closed here
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      writeAll(connection, chunk).then(() => done(), done);
    },
    final(done) {
      connection.closeWrite().then(() => done(), done);
    },
    destroy(error, done) {
      connection.close();
      done(error);
    },
  });
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

export interface BridgeOptions {
  readonly fetch: Fetch;
  readonly peer: Peer;
  readonly clock: Clock;
  /** Aborts when the connection ends. */
  readonly gone: AbortSignal;
}

/**
 * Answers with what `fetch` makes of the request. Its body is taken in only as far as `fetch` reads it. The connection ends
 * with the answer.
 */
export async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: BridgeOptions,
): Promise<void> {
  const response = await responseTo(incoming, options);
  const isStreamed = isSentAsItComes(response.headers);
  if (isStreamed && response.body && incoming.method !== "HEAD") {
    outgoing.writeHead(response.status, { ...headersOf(response), connection: "close" });
    return await stream(response.body, outgoing, options);
  }
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.writeHead(response.status, {
    ...headersOf(response),
    connection: "close",
    ...(response.status === 204 ? {} : { "content-length": body.length }),
  });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

/** What says itself how long it is, such as a file, may be larger than memory. */
function isSentAsItComes(headers: Headers): boolean {
  return headers.has("content-length") || STREAMED.test(headers.get("content-type") ?? "");
}

function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 0 ? { "set-cookie": cookies } : {}) };
}

/** @throws when the client takes nothing for too long, or is gone */
async function stream(
  body: ReadableStream<Uint8Array>,
  outgoing: ServerResponse,
  { clock, gone }: BridgeOptions,
): Promise<void> {
  const reader = body.getReader();
  const onGone = () => reader.cancel().catch(() => {/* it has ended */});
  gone.addEventListener("abort", onGone, { once: true });
  try {
    outgoing.flushHeaders();
    while (!gone.aborted) {
      const { value, done } = await reader.read();
      if (done) break;
      const written = new Promise<void>((resolve, reject) => {
        outgoing.write(value, (error) => error ? reject(error) : resolve());
      });
      if (!await within(written, WRITE_MS, clock)) throw new Error("the client takes nothing");
    }
    outgoing.end();
  } finally {
    gone.removeEventListener("abort", onGone);
    onGone();
  }
}

async function responseTo(incoming: IncomingMessage, options: BridgeOptions): Promise<Response> {
  const request = requestOf(incoming, options.gone);
  if (!request) return notAsked(incoming);
  try {
    return await options.fetch(request, options.peer);
  } catch {
    return problemResponse({ status: 500, code: "internal_error", title: "The connector failed to answer" });
  }
}

/** TRACE repeats to a page what a browser keeps from it, and is answered nowhere. */
function notAsked({ method = "" }: IncomingMessage): Response {
  if (!["TRACE", "TRACK", "CONNECT"].includes(method)) {
    return problemResponse({ status: 400, code: "bad_request", title: "This is no request" });
  }
  const problem = { status: 405, code: "method_not_allowed", title: `${method} is not answered` };
  return problemResponse(problem, { allow: "GET, HEAD" });
}

/** Undefined when the address or the method cannot be one of a request, such as that of TRACE. */
function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET", url = "/", headers } = incoming;
  if (hasTwoHosts(incoming)) return undefined;
  try {
    const given = new Headers();
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined || HOP_BY_HOP.has(name)) continue;
      given.set(name, Array.isArray(value) ? value.join(", ") : value);
    }
    const hasBody = method !== "GET" && method !== "HEAD" && isBodyAnnounced(incoming);
    const body = hasBody ? { body: bodyOf(incoming), duplex: "half" } : {};
    const address = new URL(url.startsWith("/") ? `http://localhost${url}` : url); // "//x" is a path, and no host
    if (!url.startsWith("/")) given.set("host", address.host); // it counts in place of the header: RFC 9112, 3.2.2
    return new Request(address, { method, headers: given, signal, ...body } as RequestInit);
  } catch {
    return undefined;
  }
}

/** What stands before us may have taken the other one for the host: RFC 9112, 3.2. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length > 1;
}

function isBodyAnnounced({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Nothing of it is taken in before somebody reads it. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on("data", (chunk: Uint8Array) => {
        controller.enqueue(new Uint8Array(chunk));
        incoming.pause();
      });
      incoming.pause();
      incoming.once("end", () => controller.close());
      incoming.once("error", (error) => controller.error(error));
    },
    pull: () => void incoming.resume(),
    cancel: () => void incoming.removeAllListeners("data").removeAllListeners("end"),
  }, { highWaterMark: 0 });
}
