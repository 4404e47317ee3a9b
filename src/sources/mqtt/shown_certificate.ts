import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { octetsOf, oidOf, partOf, partsOf, readDer } from "../../lib/der.ts";

/** What TLS says of each certificate that it does not take: of an authority that is missing, of time and of use alike. */
const ANY_FAULT = /UNABLE_TO_|unable to (get|verify)|invalid peer certificate/i;
const LOOK_MS = 5000;
const EXTENSIONS = 0xa3;
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_USE = "1.3.6.1.5.5.7.3.1";
const ANY_USE = "2.5.29.37.0";

/**
 * Says of a broker's certificate that was not taken what is wrong with it: whether its time, or what it was made for. For
 * that it is looked at in a connection of its own, over which nothing is sent.
 */
export async function namedFault(error: unknown, again: () => TLSSocket, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof Error) || !ANY_FAULT.test(error.message)) return error;
  const fault = await shownFault(again, signal);
  return fault === undefined ? error : new Error(`invalid peer certificate: ${fault}`, { cause: error });
}

async function shownFault(again: () => TLSSocket, signal: AbortSignal): Promise<string | undefined> {
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
    return faultOf(new X509Certificate(socket.getPeerCertificate().raw));
  } catch {
    return undefined; // what was said before has to do
  } finally {
    end.removeEventListener("abort", giveUp);
    socket.destroy();
  }
}

/** By this host's clock, as TLS judges. In the words by which `failedDial` knows them. */
function faultOf({ validFrom, validTo, raw }: X509Certificate): string | undefined {
  const now = Date.now();
  if (Date.parse(validTo) < now) return `Expired on ${validTo}`;
  if (Date.parse(validFrom) > now) return `NotValidYet, but from ${validFrom} on`;
  const purposes = purposesOf(raw);
  const isForServers = !purposes || purposes.includes(SERVER_USE) || purposes.includes(ANY_USE);
  return isForServers ? undefined : "InvalidPurpose";
}

/** The extended key usage (RFC 5280, 4.2.1.12), which node:crypto does not tell (Deno 2.9.6); undefined: any. */
function purposesOf(der: Uint8Array): string[] | undefined {
  const extensions = partsOf(partOf(readDer(der), 0)).find(({ tag }) => tag === EXTENSIONS);
  if (!extensions) return undefined;
  const usage = partsOf(partOf(extensions, 0)).find((each) => oidOf(partOf(each, 0)) === EXTENDED_KEY_USAGE);
  const value = usage && partsOf(usage).at(-1);
  return value && partsOf(readDer(octetsOf(value))).map(oidOf);
}
