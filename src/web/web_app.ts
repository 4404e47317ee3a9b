/** Everything that the web listener answers, by the first part of the address. */
import type { Caller } from "../service/access.ts";
import { apiApp, type ApiOptions } from "./api/api.ts";
import { callerOf } from "./api/guard.ts";
import type { Fetch, Peer } from "./peer.ts";

/** What pages are made with. */
export interface PageTools {
  /** Who looks; undefined for nobody that is logged in. */
  readonly viewerOf: (request: Request, peer: Peer) => Caller | undefined;
  readonly isSetUp: () => boolean;
}

export interface WebAppOptions extends ApiOptions {
  /** Answers `/health` and what is under it, to everybody. */
  readonly health: Fetch;
  /** Answers all that is neither health nor API. */
  readonly pages?: (tools: PageTools) => Fetch;
}

export function webApp(options: WebAppOptions): Fetch {
  const { health, access } = options;
  const api = apiApp(options);
  const viewerOf = (request: Request, peer: Peer) => callerOf(request, peer, options);
  const pages = options.pages?.({ viewerOf, isSetUp: () => access.isSetUp }) ?? health;
  return (request, peer) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/api" || pathname.startsWith("/api/")) return api.fetch(request, peer);
    return pathname === "/health" || pathname.startsWith("/health/") ? health(request, peer) : pages(request, peer);
  };
}
