/** A way to a host as the sink takes it: straight, or through the plant's proxy. */
import { connect, type Socket } from "node:net";
import { ConnectionError, reasonOf } from "../core/error.ts";
import type { ProxyHop } from "../sinks/zerobus/proxy.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An answer to CONNECT is not longer. */
const MAX_HEAD = 16_384;

/** An open TCP connection; whoever opens it destroys it. @throws {ConnectionError} whose cause has the system's code */
export async function openTcp({ host, port }: HostPort, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  const opened = Promise.withResolvers<void>();
  const giveUp = () => opened.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  socket.once("connect", opened.resolve);
  socket.on("error", (error) => opened.reject(unreachable({ host, port }, error)));
  try {
    await opened.promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** What a proxy said to CONNECT; `socket` is the tunnel where it let us through. */
export interface Tunnel {
  readonly status: number;
  readonly socket: Socket;
}

/** Asks a proxy for a tunnel. @throws {ConnectionError} when it cannot be reached, or is no proxy */
export async function openTunnel(target: HostPort, hop: ProxyHop, signal: AbortSignal): Promise<Tunnel> {
  const socket = await openTcp(hop, signal);
  try {
    const authority = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization(hop)}\r\n`);
    const status = Number((await head(socket, signal)).match(/^HTTP\/1\.[01] (\d{3})/)?.[1]);
    if (Number.isNaN(status)) throw new ConnectionError("proxy_no_http", "What answers there is no HTTP proxy");
    return { status, socket };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function authorization({ credentials }: ProxyHop): string {
  if (!credentials) return "";
  const { username, password } = credentials;
  return `proxy-authorization: Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}\r\n`;
}

/** The answer up to its empty line. */
function head(socket: Socket, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const take = (bytes: Uint8Array) => {
    text += new TextDecoder("latin1").decode(bytes);
    if (text.includes("\r\n\r\n") || text.length > MAX_HEAD) resolve(text);
  };
  const giveUp = () => reject(signal.reason);
  const ended = () => reject(new ConnectionError("proxy_closed", "The proxy closed the connection without an answer"));
  signal.addEventListener("abort", giveUp, { once: true });
  socket.on("data", take);
  socket.once("close", ended);
  return promise.finally(() => {
    signal.removeEventListener("abort", giveUp);
    socket.off("data", take);
    socket.off("close", ended);
  });
}

function unreachable({ host, port }: HostPort, error: Error): ConnectionError {
  return new ConnectionError("tcp_failed", `Cannot connect to ${host}:${port}: ${reasonOf(error)}`, { cause: error });
}

/** The system's word for what failed, such as `ECONNREFUSED`; empty where there is none. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) return error.code;
  return systemCode(error.cause);
}
