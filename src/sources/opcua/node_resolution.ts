import { type BrowsePathResult, NodeId } from "node-opcua-client";
import type { Logger } from "../../core/logger.ts";
import { parseBrowsePath } from "./browse_path.ts";
import { depthOf, discover, type FoundNode, nodeIdOf } from "./discovery.ts";
import type { Namespaces } from "./namespaces.ts";
import type { BrowsePathSettings, NodeIdSettings, NodeSettings } from "./node_settings.ts";
import { parseNodeId } from "./node_id_text.ts";
import { toBrowsePath } from "./place.ts";
import { batchesOf } from "./batches.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { OpcuaTag } from "./reading.ts";
import { readNamespaces, type Services } from "./services.ts";

/** A node that was found, and how it is to be watched. */
export interface Target {
  readonly tag: OpcuaTag;
  readonly nodeId: NodeId;
  readonly settings: NodeSettings;
}

/** An entry of `nodes` that names nothing at the moment. */
export interface Unresolved {
  readonly tag: string;
  readonly reason: string;
  readonly entry: NodeSettings;
}

export interface Resolution {
  readonly targets: readonly Target[];
  readonly unresolved: readonly Unresolved[];
  /** Paths under which variables were found: all, or as many as `max_nodes` allows. Not those of which a part is closed. */
  readonly browsed: ReadonlyMap<NodeSettings, "whole" | "cut">;
}

/** Where nodes are looked for. */
export interface ResolveOptions {
  readonly services: Pick<Services, "read" | "browse" | "browseNext" | "translate">;
  readonly limits: OperationLimits;
  /** As they were in earlier sessions. */
  readonly namespaces: Namespaces;
  readonly log: Logger;
}

/**
 * Finds the nodes that `entries` name. Namespace indexes belong to a session, so this is done anew for each; an entry
 * whose own index has another URI than at first is unresolved.
 * @throws what the library throws when a call as a whole fails
 */
export async function resolveNodes(entries: readonly NodeSettings[], options: ResolveOptions): Promise<Resolution> {
  const { services, namespaces, log } = options;
  const uris = await readNamespaces(services);
  namespaces.see(uris);
  const found: Found[] = [];
  const paths: BrowsePathSettings[] = [];
  for (const entry of entries) {
    const reason = namespaces.moved(entry, uris, log);
    if (reason !== undefined) found.push({ tag: entryTag(entry), entry, reason });
    else if ("node_id" in entry) found.push(resolveNodeId(entry, uris));
    else paths.push(entry);
  }
  found.push(...await resolvePaths(paths, uris, options));
  return {
    targets: found.flatMap((one) => "targets" in one ? one.targets : []),
    unresolved: found.flatMap((one) => "reason" in one ? [one] : []),
    browsed: new Map(found.flatMap((one) => "browsed" in one && one.browsed ? [one.browsed] : [])),
  };
}

interface FoundTargets {
  readonly targets: readonly Target[];
  readonly browsed?: readonly [BrowsePathSettings, "whole" | "cut"];
}

type Found = FoundTargets | Unresolved | (FoundTargets & Unresolved);

function resolveNodeId(entry: NodeIdSettings, uris: readonly string[]): Found {
  const nodeId = parseNodeId(entry.node_id, uris);
  if (nodeId instanceof NodeId) return { targets: [target(entry, nodeId)] };
  return { tag: tagOf(entry), entry, reason: `the server has no namespace ${nodeId.missing}` };
}

function tagOf(entry: NodeIdSettings): string {
  return entry.name ?? entry.node_id;
}

/** By which an entry that names nothing is reported. */
function entryTag(entry: NodeSettings): string {
  return "node_id" in entry ? tagOf(entry) : entry.browse_path;
}

function target(entry: NodeIdSettings, nodeId: NodeId): Target {
  const own: Record<string, string> = entry.name === null ? {} : { tag: entry.name };
  const tag = {
    name: tagOf(entry),
    nodeId: entry.node_id,
    namespace: nodeId.namespace,
    browsePath: undefined,
    labels: { ...labelsOf(entry), ...own },
  };
  return { tag, nodeId, settings: entry };
}

function labelsOf(entry: NodeSettings): Record<string, string> {
  return entry.unit === null ? entry.labels : { ...entry.labels, unit: entry.unit };
}

async function resolvePaths(
  entries: readonly BrowsePathSettings[],
  uris: readonly string[],
  options: ResolveOptions,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const some of batchesOf(entries, options.limits.translate)) {
    const results = await options.services.translate(
      some.map(({ browse_path }) => toBrowsePath(parseBrowsePath(browse_path))),
    );
    for (const [i, entry] of some.entries()) found.push(await variablesUnder(entry, results[i], { uris, options }));
  }
  return found;
}

async function variablesUnder(
  entry: BrowsePathSettings,
  result: BrowsePathResult | undefined,
  where: { readonly uris: readonly string[]; readonly options: ResolveOptions },
): Promise<Found> {
  const object = result?.targets?.[0]?.targetId;
  if (!result?.statusCode.isGood() || !object) {
    const reason = `the path leads nowhere (${result?.statusCode.name ?? "no answer"})`;
    return { tag: entry.browse_path, entry, reason };
  }
  // A target on another server would carry a server index, which cannot be followed from here.
  return await browseUnder(entry, nodeIdOf(object), where);
}

async function browseUnder(
  entry: BrowsePathSettings,
  nodeId: NodeId,
  { uris, options }: { readonly uris: readonly string[]; readonly options: ResolveOptions },
): Promise<Found> {
  const tag = entry.browse_path;
  const names = ["Root", ...parseBrowsePath(tag).map(({ name }) => name)];
  const object = { path: tag, names: names.join("/"), name: names.at(-1) ?? "", nodeId, isVariable: false };
  const { services, limits, log } = options;
  const { variables, closed, isCut } = await discover(entry, object, { services, limit: limits.browse, uris });
  const [shut, ...more] = closed;
  if (shut?.path === tag) return { tag, entry, reason: `the object cannot be browsed (${shut.status})` };
  if (shut) {
    const others = more.length > 0 ? `, and ${more.length} more` : "";
    log.log("warn", `The server does not show what is under ${shut.path} (${shut.status})${others}`);
  }
  if (variables.length === 0) return { tag, entry, reason: nothingFound(entry) };
  const targets = browsedTargets(entry, variables);
  if (!isCut) return shut ? { targets } : { targets, browsed: [entry, "whole"] };
  return {
    targets,
    browsed: [entry, "cut"],
    tag,
    entry,
    reason: `more variables are under the object than max_nodes allows (${entry.max_nodes})`,
  };
}

function nothingFound(entry: BrowsePathSettings): string {
  const isPlain = entry.include === "*" && entry.exclude === null;
  const where = depthOf(entry) === 1 ? "directly under the object" : "under the object";
  return `there is no variable ${where}${isPlain ? "" : " that include and exclude let through"}`;
}

/** Variables at the same path are told apart by their node ids. */
function browsedTargets(entry: BrowsePathSettings, variables: readonly FoundNode[]): readonly Target[] {
  const counts = new Map<string, number>();
  for (const { path } of variables) counts.set(path, (counts.get(path) ?? 0) + 1);
  return variables.map(({ path, nodeId }) => {
    const name = counts.get(path) === 1 ? path : `${path}#${nodeId}`;
    const tag = {
      name,
      nodeId: nodeId.toString(),
      namespace: nodeId.namespace,
      browsePath: path,
      labels: labelsOf(entry),
    };
    return { tag, nodeId, settings: entry };
  });
}
