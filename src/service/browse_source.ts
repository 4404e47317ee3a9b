import { type BrowseNode, type BrowseSession, MAX_BROWSE_PAGE } from "../core/browse.ts";
import { connectWithin } from "../core/connect_within.ts";
import { ConfigError } from "../core/error.ts";
import type { SourceConfig, SourceDeps, SourceSpec } from "../core/source.ts";
import { asideOf } from "./aside.ts";
import { atAnyEndpoint } from "./any_endpoint.ts";

/** A peer that does not take the connection within this time is not there. */
const CONNECT_MS = 30_000;

export interface BrowseOptions {
  readonly spec: SourceSpec;
  /** The source at each of its endpoints. */
  readonly places: readonly [SourceConfig, ...SourceConfig[]];
  readonly deps: SourceDeps;
  /** Gives up connecting. */
  readonly signal: AbortSignal;
}

/**
 * A connected session that shows what the source's peer has; whoever opens it disposes of it. It is not the session
 * that a running connector reads with, and leaves that one alone.
 *
 * @throws {ConfigError} when the protocol cannot show what its peer has @throws {EdgeError} as `BrowseSession.connect`
 */
export async function openBrowse(options: BrowseOptions): Promise<BrowseSession> {
  const { spec, places, deps, signal } = options;
  const adapter = await spec.load();
  if (!adapter.browse) {
    const message = `Cannot browse ${
      places[0].name
    }: this version cannot show what a peer of protocol ${spec.type} has`;
    throw new ConfigError("browse_unsupported", `${message}; docs/protocols/${spec.type}.md says how tags are named`);
  }
  const browse = adapter.browse.bind(adapter);
  const openAt = (config: SourceConfig) => open(browse(asideOf(spec, config, deps), deps), config, options);
  return await atAnyEndpoint(places, openAt, signal);
}

async function open(
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

/** All children of a place, page by page, up to `most` of them. The last one says whether there would be more. */
export async function* allChildren(
  session: BrowseSession,
  { under, listenMs, most }: Wanted,
  signal: AbortSignal,
): AsyncIterable<{ readonly nodes: readonly BrowseNode[]; readonly isCut: boolean }> {
  let after: string | undefined;
  let left = most;
  do {
    const limit = Math.min(left, MAX_BROWSE_PAGE);
    const { nodes, next } = await session.children({ under, after, limit, listenMs }, signal);
    left -= nodes.length;
    yield { nodes, isCut: left <= 0 && next !== undefined };
    after = next;
  } while (after !== undefined && left > 0 && !signal.aborted);
}
