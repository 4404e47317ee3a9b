import {
  type BrowseDescriptionOptions,
  type BrowseResult,
  type ReferenceDescription,
  type StatusCode,
  StatusCodes,
} from "node-opcua-client";
import type { RawSession } from "./session.ts";

/** The services that are used here. */
export type BrowsingSession = Pick<RawSession, "browse" | "browseNext">;

/** What a node refers to. `statusCode` is that of the answer which ended it. */
export interface Browsed {
  readonly statusCode: StatusCode;
  readonly references: readonly ReferenceDescription[];
}

/** A server may have nothing to show for a while, but must come to an end. */
const MAX_EMPTY_PAGES = 100;

/**
 * All references of one node, page by page (Browse and BrowseNext, OPC UA Part 4, 5.9.2 and 5.9.3). Our own, because the
 * library's reads two limits before, in a call that a server may refuse.
 * @throws what the library throws
 */
export async function browseNode(session: BrowsingSession, node: BrowseDescriptionOptions): Promise<Browsed> {
  let page: BrowseResult = await session.browse(node);
  const references = [...page.references ?? []];
  let emptyPages = 0;
  while (page.statusCode.isGood() && page.continuationPoint?.length > 0) {
    if (emptyPages > MAX_EMPTY_PAGES) return { statusCode: StatusCodes.BadUnexpectedError, references };
    page = await session.browseNext(page.continuationPoint, false);
    if (!page.references?.length) emptyPages++;
    for (const reference of page.references ?? []) references.push(reference);
  }
  return { statusCode: page.statusCode, references };
}
