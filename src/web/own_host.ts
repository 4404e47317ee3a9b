import { isIP } from "node:net";
import type { Fetch } from "./peer.ts";
import { problemResponse } from "./problem.ts";

/**
 * Answers only what was asked of this host by a name that nobody else can give it: an IP address, `localhost`, or
 * one of `names`. A page that a browser here has open could otherwise let a name of its own lead to this host, and read the
 * answers as its own ("DNS rebinding"). Only a program, and no browser, sends no Host header.
 */
export function ownHostOnly(fetch: Fetch, names: readonly string[]): Fetch {
  const own = new Set(["localhost", ...names.map((name) => name.toLowerCase())]);
  return (request, peer) => {
    const host = request.headers.get("host");
    if (host === null || isOwn(nameIn(host), own)) return fetch(request, peer);
    const title =
      "This host is not known by that name: use its IP address, localhost, its own name, or one of gui.allowed_hosts";
    return problemResponse({ status: 421, code: "misdirected", title }); // RFC 9110, 15.5.20
  };
}

function isOwn(name: string, own: ReadonlySet<string>): boolean {
  return own.has(name) || isIP(name) !== 0;
}

/** Without brackets and port: RFC 9110, 7.2. */
function nameIn(host: string): string {
  const [, address, name] = host.toLowerCase().match(/^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/) ?? [];
  return address ?? name ?? "";
}
