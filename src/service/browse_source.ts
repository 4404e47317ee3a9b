import {
  type BrowseNode,
  type BrowsePage,
  type BrowseRequest,
  type BrowseSession,
  MAX_BROWSE_PAGE,
} from "../core/browse.ts";
import type { Clock } from "../core/clock.ts";
import { connectWithin } from "../core/connect_within.ts";
import { ConfigError, TimeoutError } from "../core/error.ts";
import type { SourceConfig, SourceDeps, SourceSpec } from "../core/source.ts";
import { withDeadline } from "../lib/deadline.ts";
import { asideOf } from "./aside.ts";
import { atAnyEndpoint } from "./any_endpoint.ts";

/** A peer that does not take the connection within this time is not there. */
const CONNECT_MS = 30_000;
/** A page comes within so long, beyond the listening: hundreds of requests to a slow device may be behind it. */
export const PAGE_MS = 300_000;

export interface BrowseOptions {
  readonly spec: SourceSpec;
  /** The source at each of its endpoints. */
  readonly places: readonly [SourceConfig, ...SourceConfig[]];
  readonly deps: SourceDeps;
  /** Gives up connecting. */
  readonly signal: AbortSignal;
}

/** A connected session, and the source at the endpoint where it is. */
export interface OpenedBrowse {
  readonly session: BrowseSession;
  readonly config: SourceConfig;
}

/**
 * A connected session that shows what the source's peer has; whoever opens it disposes of it. It is not the session
 * that a running connector reads with, and leaves that one alone.
 *
 * @throws {ConfigError} when the protocol cannot show what its peer has @throws {EdgeError} as `BrowseSession.connect`
 */
export async function openBrowse(options: BrowseOptions): Promise<OpenedBrowse> {
  const { spec, places, deps, signal } = options;
  const adapter = await spec.load();
  if (!adapter.browse) {
    const message = `Cannot browse ${
      places[0].name
    }: this version cannot show what a peer of protocol ${spec.type} has`;
    throw new ConfigError("browse_unsupported", `${message}; docs/protocols/${spec.type}.md says how tags are named`);
  }
  const browse = adapter.browse.bind(adapter);
  const openAt = async (config: SourceConfig) => {
    const session = browse(asideOf(spec, config, deps), deps);
    return { session: await connected(session, config, options), config };
  };
  return await atAnyEndpoint(places, openAt, signal);
}

async function connected(
  session: BrowseSession,
  { endpoint }: SourceConfig,
  { deps: { clock }, signal }: BrowseOptions,
): Promise<BrowseSession> {
  try {
    await connectWithin(session, { endpoint, ms: CONNECT_MS, clock, signal });
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

export interface Wanted {
  /** Undefined: where everything begins. */
  readonly under: string | undefined;
  readonly listenMs: number;
  /** The most nodes, over all pages. */
  readonly most: number;
}

/**
 * All children of a place, page by page, up to `most` of them. The last one says whether there would be more. Ends when
 * `signal` aborts, with what was heard until then where the protocol listens.
 * @throws {TimeoutError} `browse_no_answer` for a page that does not come @throws {EdgeError} as `BrowseSession.children`
 */
export async function* allChildren(
  session: BrowseSession,
  { under, listenMs, most }: Wanted,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncIterable<{ readonly nodes: readonly BrowseNode[]; readonly isCut: boolean }> {
  let after: string | undefined;
  let left = most;
  do {
    const request = { under, after, limit: Math.min(left, MAX_BROWSE_PAGE), listenMs };
    const page = await pageOf(session, request, { clock, signal });
    if (!page) return;
    left -= page.nodes.length;
    yield { nodes: page.nodes, isCut: left <= 0 && page.next !== undefined };
    after = page.next;
  } while (after !== undefined && left > 0 && !signal.aborted);
}

/** Undefined where nobody wants it any more before it is there. */
async function pageOf(
  session: BrowseSession,
  request: BrowseRequest,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<BrowsePage | undefined> {
  const ms = request.listenMs + PAGE_MS;
  const late = () => noPage(request.under, ms);
  try {
    return await withDeadline((bounded) => session.children(request, bounded), { clock, ms, late, signal });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}

/** That a page did not come. */
export function noPage(under: string | undefined, ms: number): TimeoutError {
  const place = under === undefined ? "there is" : `lies under ${under}`;
  const advice = "look under a smaller place, or ask for fewer";
  return new TimeoutError(
    "browse_no_answer",
    `Cannot list what ${place}: the next page of it did not come within ${ms / 1000} s; ${advice}`,
  );
}
