import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { AuthError } from "../../core/error.ts";
import { octetsOf, oidOf, partOf, partsOf, readDer } from "../../lib/der.ts";

/** What TLS says of each certificate that it does not take: of an authority that is missing, of time and of use alike. */
const ANY_FAULT = /UNABLE_TO_|unable to (get|verify)|invalid peer certificate/i;
const LOOK_MS = 5000;
const EXTENSIONS = 0xa3;
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_USE = "1.3.6.1.5.5.7.3.1";
const ANY_USE = "2.5.29.37.0";

export interface CertificateLook {
  /** As it is configured. */
  readonly endpoint: string;
  /** The same connection once more, with a broker that is not verified. */
  readonly again: () => TLSSocket;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Says of a broker's certificate that was not taken what is wrong with it: whether its time, or what it was made for. For
 * that it is looked at in a connection of its own, over which nothing is sent. What cannot be told so stays as it was.
 */
export async function namedFault(error: unknown, look: CertificateLook): Promise<unknown> {
  if (!(error instanceof Error) || !ANY_FAULT.test(error.message)) return error;
  const certificate = await shown(look);
  const fault = certificate && faultOf(certificate, look.nowMs);
  return fault
    ? new AuthError(fault.code, `Cannot connect to ${look.endpoint}: the broker's certificate ${fault.text}`, {
      cause: error,
    })
    : error;
}

async function shown({ again, signal }: CertificateLook): Promise<X509Certificate | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const socket = again();
  const giveUp = () => socket.destroy();
  end.addEventListener("abort", giveUp, { once: true });
  socket.once("secureConnect", () => resolve());
  socket.on("error", reject);
  socket.once("close", () => reject(new Error("the broker closed the connection")));
  try {
    await promise;
    return new X509Certificate(socket.getPeerCertificate().raw);
  } catch {
    return undefined; // what was said before has to do
  } finally {
    end.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}

interface Fault {
  readonly code: string;
  readonly text: string;
}

function faultOf({ validFrom, validTo, raw }: X509Certificate, nowMs: number): Fault | undefined {
  const day = (text: string) => new Date(text).toISOString().slice(0, 10);
  const code = "mqtt_certificate_expired";
  if (Date.parse(validTo) < nowMs) {
    return { code, text: `expired on ${day(validTo)}: renew it, or set this host's clock` };
  }
  if (Date.parse(validFrom) > nowMs) {
    return {
      code,
      text: `is not valid before ${day(validFrom)}: set this host's clock, or the broker's certificate anew`,
    };
  }
  const purposes = purposesOf(raw);
  if (!purposes || purposes.includes(SERVER_USE) || purposes.includes(ANY_USE)) return undefined;
  const text = "was not made for servers: have its authority make one with the extended key usage serverAuth";
  return { code: "mqtt_certificate_usage", text };
}

/** The extended key usage (RFC 5280, 4.2.1.12), which node:crypto does not tell (Deno 2.9.6); undefined: any. */
function purposesOf(der: Uint8Array): string[] | undefined {
  const extensions = partsOf(partOf(readDer(der), 0)).find(({ tag }) => tag === EXTENSIONS);
  if (!extensions) return undefined;
  const usage = partsOf(partOf(extensions, 0)).find((each) => oidOf(partOf(each, 0)) === EXTENDED_KEY_USAGE);
  const value = usage && partsOf(usage).at(-1);
  return value && partsOf(readDer(octetsOf(value))).map(oidOf);
}
