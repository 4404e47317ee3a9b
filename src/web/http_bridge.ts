/** From a connection to a request, and from a response back to it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import { problemResponse } from "./problem.ts";

export type Fetch = (request: Request) => Response | Promise<Response>;

const READ_BYTES = 16 * 1024;

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

/** Answers with what `fetch` makes of the request, whose body it never sees. The connection ends with the answer. */
export async function answer(incoming: IncomingMessage, outgoing: ServerResponse, fetch: Fetch): Promise<void> {
  const response = await responseTo(incoming, fetch);
  const body = new Uint8Array(await response.arrayBuffer());
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    connection: "close",
    "content-length": body.length,
  });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

async function responseTo(incoming: IncomingMessage, fetch: Fetch): Promise<Response> {
  const request = requestOf(incoming);
  if (!request) return problemResponse({ status: 400, code: "bad_request", title: "This is no request" });
  try {
    return await fetch(request);
  } catch {
    return problemResponse({ status: 500, code: "internal_error", title: "The connector failed to answer" });
  }
}

/** Undefined when the address or the method cannot be one of a request, such as that of TRACE. */
function requestOf({ method = "GET", url = "/", headers }: IncomingMessage): Request | undefined {
  try {
    const { host } = headers; // the rest decides nothing here
    return new Request(new URL(url, "http://localhost"), { method, headers: host === undefined ? {} : { host } });
  } catch {
    return undefined;
  }
}
