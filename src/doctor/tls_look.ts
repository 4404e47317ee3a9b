import type { Socket } from "node:net";
import { connect, rootCertificates } from "node:tls";
import { ConnectionError, reasonOf } from "../core/error.ts";

/** What a peer showed. */
export interface ShownTls {
  /** Why its certificate is not trusted; undefined where it is. */
  readonly fault: string | undefined;
  readonly subject: string;
  readonly issuer: string;
  /** Names that it is for. */
  readonly names: string;
  readonly endsMs: number;
  readonly protocol: string;
  /** Whether it speaks HTTP/2. */
  readonly hasHttp2: boolean;
}

export interface TlsLookOptions {
  readonly socket: Socket;
  readonly host: string;
  readonly extraRoots: string | undefined;
  readonly signal: AbortSignal;
}

/** Shakes hands with whoever answers, trusted or not, and tells what it showed. @throws {ConnectionError} when it does no TLS */
export async function lookAtTls({ socket, host, extraRoots, signal }: TlsLookOptions): Promise<ShownTls> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ca = [...rootCertificates, ...(extraRoots === undefined ? [] : [extraRoots])];
  // Nothing is sent over this connection: who the peer is, is what is asked for.
  const secure = connect({
    socket,
    servername: host,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2", "http/1.1"],
    ca,
  });
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  secure.once("secureConnect", resolve);
  secure.on("error", (error) => reject(noTls(host, error)));
  secure.once("close", () => reject(noTls(host, new Error("the connection was closed during the handshake"))));
  try {
    await promise;
    const { subject, issuer, subjectaltname = "", valid_to } = secure.getPeerCertificate();
    return {
      // A string here, whatever the types say (Deno 2.9.6).
      fault: secure.authorized ? undefined : String(secure.authorizationError),
      subject: nameOf(subject),
      issuer: nameOf(issuer),
      names: subjectaltname.replaceAll("DNS:", "").replaceAll("IP Address:", ""),
      endsMs: Date.parse(valid_to),
      protocol: secure.getProtocol() ?? "",
      hasHttp2: secure.alpnProtocol === "h2",
    };
  } finally {
    signal.removeEventListener("abort", giveUp);
    secure.destroy();
  }
}

function nameOf(name: object | undefined): string {
  const parts = Object.entries(name ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return parts.length > 0 ? parts.join(", ") : "nobody";
}

function noTls(host: string, error: Error): ConnectionError {
  return new ConnectionError("tls_failed", `No TLS with ${host}: ${reasonOf(error)}`, { cause: error });
}
