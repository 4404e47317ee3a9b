/** Everything that the web listener answers, by the first part of the address. */
import type { Caller } from "../service/access.ts";
import type { ApiOptions } from "./api/api.ts";
import { errorAnswer } from "./api/error_answer.ts";
import { callerOf } from "./api/guard.ts";
import { clientOf, refusePlain } from "./api/origin.ts";
import type { Fetch, Peer } from "./peer.ts";

/** What pages are made with. */
export interface PageTools {
  /** Who looks; undefined for nobody that is logged in. */
  readonly viewerOf: (request: Request, peer: Peer) => Caller | undefined;
  readonly isSetUp: () => boolean;
  /** The configuration is changed by files alone (`gui.read_only`). */
  readonly isReadOnly: () => boolean;
}

export interface WebAppOptions extends ApiOptions {
  /** Answers `/health` and what is under it, to everybody. */
  readonly health: Fetch;
  /** Answers all that is neither health nor API. */
  readonly pages?: (tools: PageTools) => Fetch;
}

/** The API is loaded when it is first asked for: where nobody asks, its schemas take no memory. */
export function webApp(options: WebAppOptions): Fetch {
  const { health, access } = options;
  const api = whenAsked(async () => {
    const { apiApp } = await import("./api/api.ts");
    const app = apiApp(options);
    return (request, peer) => app.fetch(request, peer);
  });
  const viewerOf = (request: Request, peer: Peer) => callerOf(request, peer, options);
  const tools: PageTools = {
    viewerOf,
    isSetUp: () => access.isSetUp,
    isReadOnly: () => options.changes?.loaded.config.gui.read_only ?? false,
  };
  const pages = options.pages ? safely(options.pages(tools), options) : health;
  return (request, peer) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/api" || pathname.startsWith("/api/")) return api(request, peer);
    return pathname === "/health" || pathname.startsWith("/health/") ? health(request, peer) : pages(request, peer);
  };
}

/** What `load` gives, from the first request on. */
function whenAsked(load: () => Promise<Fetch>): Fetch {
  let loading: Promise<Fetch> | undefined;
  return async (request, peer) => {
    loading ??= load();
    return await (await loading)(request, peer);
  };
}

/**
 * A page with a form for passwords is not shown where they could be read on the way, and one that fails is answered and
 * logged as the API is.
 */
function safely(pages: Fetch, options: WebAppOptions): Fetch {
  return async (request, peer) => {
    try {
      refusePlain(clientOf(request, peer, options), options);
      return await pages(request, peer);
    } catch (error) {
      return errorAnswer(error, options.log);
    }
  };
}
