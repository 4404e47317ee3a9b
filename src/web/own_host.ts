import { isIP } from "node:net";
import type { Fetch } from "./http_bridge.ts";
import { problemResponse } from "./problem.ts";

/**
 * Answers only what was asked of this host by a name that nobody else can give it: an IP address, `localhost`, or
 * `hostName`. A page that a browser here has open could otherwise let a name of its own lead to this host, and read the
 * answers as its own ("DNS rebinding"). Only a program, and no browser, sends no Host header.
 */
export function ownHostOnly(fetch: Fetch, hostName: string): Fetch {
  return (request) => {
    const host = request.headers.get("host");
    if (host === null || isOwn(nameIn(host), hostName.toLowerCase())) return fetch(request);
    const title = "This host is not known by that name: use its IP address, localhost, or its own name";
    return problemResponse({ status: 421, code: "misdirected", title }); // RFC 9110, 15.5.20
  };
}

function isOwn(name: string, hostName: string): boolean {
  return name === "localhost" || name === hostName || isIP(name) !== 0;
}

/** Without brackets and port: RFC 9110, 7.2. */
function nameIn(host: string): string {
  const [, address, name] = host.toLowerCase().match(/^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/) ?? [];
  return address ?? name ?? "";
}
