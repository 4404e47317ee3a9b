import {
  BrowseDirection,
  BrowsePath,
  type BrowsePathResult,
  coerceNodeId,
  makeNodeClassMask,
  makeResultMask,
  NodeId,
} from "node-opcua-client";
import type { Logger } from "../../core/logger.ts";
import { browseNode } from "./browse.ts";
import { parseBrowsePath, stepText } from "./browse_path.ts";
import type { Namespaces } from "./namespaces.ts";
import type { BrowsePathSettings, NodeIdSettings, NodeSettings } from "./node_settings.ts";
import { batchesOf, type OperationLimits } from "./operation_limits.ts";
import type { OpcuaTag } from "./reading.ts";
import type { RawSession } from "./session.ts";

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
}

const ROOT = "i=84";
const HIERARCHICAL_REFERENCES = "i=33";

/** Where nodes are looked for. */
export interface ResolveOptions {
  readonly session: RawSession;
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
  const { session, limits, namespaces, log } = options;
  const uris = await session.readNamespaceArray();
  namespaces.see(uris);
  const moved = entries.flatMap((entry) => {
    const reason = namespaces.moved(entry, uris, log);
    return reason === undefined ? [] : [{ tag: entryTag(entry), entry, reason }];
  });
  const refused = new Set(moved.map(({ entry }) => entry));
  const here = entries.filter((entry) => !refused.has(entry));
  const direct = here.filter((entry) => "node_id" in entry).map((entry) => resolveNodeId(entry, uris));
  const paths = here.filter((entry) => "browse_path" in entry);
  const browsed = await resolvePaths(session, paths, limits);
  const found: readonly Found[] = [...moved, ...direct, ...browsed];
  return {
    targets: found.flatMap((one) => "targets" in one ? one.targets : []),
    unresolved: found.flatMap((one) => "reason" in one ? [one] : []),
  };
}

type Found =
  | { readonly targets: readonly Target[] }
  | Unresolved
  | ({ readonly targets: readonly Target[] } & Unresolved);

function resolveNodeId(entry: NodeIdSettings, namespaces: readonly string[]): Found {
  const tag = tagOf(entry);
  const [, uri, rest] = entry.node_id.match(/^nsu=([^;]+);(.*)$/s) ?? [];
  if (uri === undefined) return { targets: [target(entry, coerceNodeId(entry.node_id))] };
  const index = namespaces.indexOf(decodeURIComponent(uri));
  if (index < 0) return { tag, entry, reason: `the server has no namespace ${uri}` };
  return { targets: [target(entry, coerceNodeId(`ns=${index};${rest}`))] };
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
  session: RawSession,
  entries: readonly BrowsePathSettings[],
  limits: OperationLimits,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const some of batchesOf(entries, limits.translate)) {
    const results = await session.translateBrowsePath(some.map(toBrowsePath));
    for (const [i, entry] of some.entries()) found.push(await variablesUnder(session, entry, results[i]));
  }
  return found;
}

function toBrowsePath(entry: BrowsePathSettings): BrowsePath {
  const elements = parseBrowsePath(entry.browse_path).map(({ namespace, name }) => ({
    referenceTypeId: HIERARCHICAL_REFERENCES,
    isInverse: false,
    includeSubtypes: true,
    targetName: { namespaceIndex: namespace, name },
  }));
  return new BrowsePath({ startingNode: ROOT, relativePath: { elements } });
}

async function variablesUnder(
  session: RawSession,
  entry: BrowsePathSettings,
  result: BrowsePathResult | undefined,
): Promise<Found> {
  const tag = entry.browse_path;
  const object = result?.targets?.[0]?.targetId;
  if (!result?.statusCode.isGood() || !object) {
    return { tag, entry, reason: `the path leads nowhere (${result?.statusCode.name ?? "no answer"})` };
  }
  // A target on another server would carry a server index, which cannot be followed from here.
  const nodeId = new NodeId(object.identifierType, object.value, object.namespace);
  return await browseVariables(session, entry, nodeId);
}

async function browseVariables(session: RawSession, entry: BrowsePathSettings, object: NodeId): Promise<Found> {
  const { statusCode, references } = await browseNode(session, {
    nodeId: object,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: HIERARCHICAL_REFERENCES,
    includeSubtypes: true,
    nodeClassMask: makeNodeClassMask("Variable"),
    resultMask: makeResultMask("BrowseName"),
  });
  const tag = entry.browse_path;
  if (statusCode.isNotGood()) return { tag, entry, reason: `the object cannot be browsed (${statusCode.name})` };
  const all = references.map((reference) => {
    const { namespaceIndex, name } = reference.browseName;
    const path = `${tag}/${stepText({ namespace: namespaceIndex, name: name ?? "" })}`;
    return browsedTarget(entry, path, reference.nodeId);
  });
  if (all.length === 0) return { tag, entry, reason: "there is no variable directly under the object" };
  if (all.length <= entry.max_nodes) return { targets: all };
  const reason = `${all.length} variables are under the object, max_nodes allows ${entry.max_nodes}`;
  return { targets: all.slice(0, entry.max_nodes), tag, entry, reason };
}

function browsedTarget(entry: BrowsePathSettings, path: string, found: NodeId): Target {
  const nodeId = new NodeId(found.identifierType, found.value, found.namespace);
  const tag = {
    name: path,
    nodeId: nodeId.toString(),
    namespace: nodeId.namespace,
    browsePath: path,
    labels: labelsOf(entry),
  };
  return { tag, nodeId, settings: entry };
}
