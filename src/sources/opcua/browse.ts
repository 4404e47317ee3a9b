import {
  type BrowseDescriptionOptions,
  type ReferenceDescription,
  type StatusCode,
  StatusCodes,
} from "node-opcua-client";
import { statusIn } from "./errors.ts";
import { batchesOf } from "./batches.ts";
import type { Services } from "./services.ts";

export type BrowsingServices = Pick<Services, "browse" | "browseNext">;

/** What a node refers to. `statusCode` is that of the answer which ended it. */
export interface Browsed {
  readonly statusCode: StatusCode;
  readonly references: readonly ReferenceDescription[];
}

/** A server may have nothing to show for a while, but must come to an end. */
const MAX_EMPTY_PAGES = 100;

/** The answers about one node, while pages are still to come. */
interface Pages {
  references: ReferenceDescription[];
  statusCode: StatusCode;
  /** Undefined after the last page. */
  continuationPoint: Uint8Array | undefined;
  emptyPages: number;
}

/**
 * All references of each node, page by page (Browse and BrowseNext, OPC UA Part 4, 5.9.2 and 5.9.3), `limit` nodes in a
 * call. Our own, because the library's reads two limits before, in a call that a server may refuse.
 * @throws what the library throws
 */
export async function browseNodes(
  services: BrowsingServices,
  nodes: readonly BrowseDescriptionOptions[],
  limit: number,
): Promise<readonly Browsed[]> {
  const browsed: Browsed[] = [];
  for (const some of batchesOf(nodes, limit)) {
    for (const one of await browseBatch(services, some)) browsed.push(one);
  }
  return browsed;
}

async function browseBatch(
  services: BrowsingServices,
  nodes: readonly BrowseDescriptionOptions[],
): Promise<readonly Browsed[]> {
  try {
    const answers = await services.browse(nodes);
    const pages = nodes.map((_, i) => firstPage(answers[i]));
    await turnPages(services, pages);
    return await againAlone(services, nodes, pages);
  } catch (error) {
    // A server may take fewer than it states.
    if (statusIn(error) !== "BadTooManyOperations" || nodes.length === 1) throw error;
    return await browseNodes(services, nodes, Math.ceil(nodes.length / 2));
  }
}

/** A server keeps few places to go on from: those that it had no place for are asked for by themselves. */
async function againAlone(
  services: BrowsingServices,
  nodes: readonly BrowseDescriptionOptions[],
  pages: readonly Pages[],
): Promise<readonly Browsed[]> {
  if (nodes.length === 1) return pages;
  const browsed: Browsed[] = [...pages];
  for (const [i, { statusCode }] of pages.entries()) {
    const node = nodes[i];
    if (!node || !statusCode.equals(StatusCodes.BadNoContinuationPoints)) continue;
    const [alone] = await browseBatch(services, [node]);
    if (alone) browsed[i] = alone;
  }
  return browsed;
}

type Answer = Awaited<ReturnType<BrowsingServices["browse"]>>[number];

function firstPage(answer: Answer | undefined): Pages {
  const pages: Pages = {
    references: [],
    statusCode: StatusCodes.BadUnexpectedError,
    continuationPoint: undefined,
    emptyPages: -1,
  };
  addPage(pages, answer);
  return pages;
}

function addPage(pages: Pages, answer: Answer | undefined): void {
  const references = answer?.references ?? [];
  if (references.length === 0) pages.emptyPages++;
  for (const reference of references) pages.references.push(reference);
  pages.statusCode = answer?.statusCode ?? StatusCodes.BadUnexpectedError;
  const isMore = pages.statusCode.isGood() && answer?.continuationPoint?.length;
  pages.continuationPoint = isMore ? answer?.continuationPoint : undefined;
  if (pages.continuationPoint && pages.emptyPages > MAX_EMPTY_PAGES) {
    pages.continuationPoint = undefined;
    pages.statusCode = StatusCodes.BadUnexpectedError;
  }
}

/** All further pages of a batch, those of many nodes in one call. */
async function turnPages(services: BrowsingServices, pages: readonly Pages[]): Promise<void> {
  while (true) {
    const open = pages.filter(({ continuationPoint }) => continuationPoint !== undefined);
    if (open.length === 0) return;
    const answers = await services.browseNext(open.flatMap(({ continuationPoint }) => continuationPoint ?? []));
    for (const [i, one] of open.entries()) addPage(one, answers[i]);
  }
}
