/** Where a request comes from: which host, which page, over which proxy. */
import { isLoopback, type Peer } from "../peer.ts";
import { Refusal } from "./refusal.ts";

export interface OriginOptions {
  /** `gui.trusted_proxies`. */
  readonly trustedProxies: readonly string[];
  /** `gui.plain_http`. */
  readonly allowsPlain: boolean;
}

/** The client behind a trusted proxy; for all others the peer itself. */
export function clientOf(request: Request, peer: Peer, { trustedProxies }: OriginOptions): Peer {
  const proxies = new Set(trustedProxies.map(plainAddress));
  let { address, isEncrypted } = peer;
  if (!proxies.has(plainAddress(address))) return { address: plainAddress(address), isEncrypted };
  isEncrypted ||= request.headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim().toLowerCase() === "https";
  const hops = (request.headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim()).filter(Boolean);
  // From the nearest on: what stands before the first that is not ours was written by whoever liked to.
  while (proxies.has(plainAddress(address)) && hops.length > 0) address = hops.pop() ?? address;
  return { address: plainAddress(address).slice(0, 64), isEncrypted };
}

/** @throws {Refusal} when passwords and sessions could be read on the way */
export function refusePlain({ address, isEncrypted }: Peer, { allowsPlain }: OriginOptions): void {
  if (isEncrypted || allowsPlain || isLoopback(address)) return;
  const title =
    "Other hosts are answered over TLS only: set gui.tls.enabled to true (a certificate is made where none " +
    "is named), or gui.plain_http to true where nobody can listen on the way";
  throw new Refusal({ status: 403, code: "tls_required", title });
}

/** @throws {Refusal} for what a page of another site had the browser send */
export function refuseForeignPage(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const host = request.headers.get("host");
  const isForeign = (origin !== null && hostOf(origin) !== host?.toLowerCase()) ||
    site === "cross-site" || site === "same-site";
  if (isForeign) {
    throw new Refusal({ status: 403, code: "foreign_origin", title: "Pages of other sites may change nothing here" });
  }
}

/** Name and port of an origin; undefined for `null` and what is none. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}

/** An IPv4 address is one, also where a listener for IPv6 says it. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}
