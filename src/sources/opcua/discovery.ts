import {
  BrowseDirection,
  type ExpandedNodeId,
  makeNodeClassMask,
  makeResultMask,
  NodeClass,
  NodeId,
  type ReferenceDescription,
} from "node-opcua-client";
import { browseNodes, type BrowsingServices } from "./browse.ts";
import { stepText } from "./browse_path.ts";
import type { BrowsePathSettings } from "./node_settings.ts";
import { pathFilter, type Place } from "./path_filter.ts";

/** A node and where it was found. */
export interface FoundNode extends Place {
  readonly nodeId: NodeId;
  readonly isVariable: boolean;
}

/** What lies below an object. */
export interface Discovery {
  readonly variables: readonly FoundNode[];
  /** There is more than `max_nodes` allows, or than is looked at. */
  readonly isCut: boolean;
  /** What the server does not let us look into: its path and the server's status. */
  readonly closed: readonly { readonly path: string; readonly status: string }[];
}

export interface DiscoverOptions {
  readonly services: BrowsingServices;
  /** Nodes in one call. */
  readonly limit: number;
  /** URIs of the server's namespaces, by index. */
  readonly uris: readonly string[];
}

const HIERARCHICAL_REFERENCES = "i=33";
const HAS_COMPONENT = "i=47";
/** Nodes looked at for one entry at most, whatever it takes of them. */
const MAX_VISITED = 500_000;
/** Levels of an entry that is recursive and says no more. */
const MAX_DEPTH = 20;

/** How many levels below its object an entry reads. */
export function depthOf({ recursive, depth }: BrowsePathSettings): number {
  return depth ?? (recursive ? MAX_DEPTH : 1);
}

/**
 * The variables below an object, level by level. Each node counts once, where it is found first: references may lead in
 * circles (OPC UA Part 3, 4.4.2). Below a variable its components are looked at, not its properties.
 * @throws what the library throws
 */
export async function discover(
  entry: BrowsePathSettings,
  object: FoundNode,
  options: DiscoverOptions,
): Promise<Discovery> {
  const walk = new Walk(entry, object, options);
  for (let depth = depthOf(entry); depth > 0 && walk.hasMore; depth--) await walk.descend();
  return walk;
}

/** The walk through an object's tree: all of one level at a time. */
class Walk implements Discovery {
  readonly variables: FoundNode[] = [];
  readonly closed: { path: string; status: string }[] = [];
  isCut = false;
  readonly #options: DiscoverOptions;
  readonly #filter;
  readonly #maxNodes: number;
  readonly #seen: Set<string>;
  #level: readonly FoundNode[];

  constructor(entry: BrowsePathSettings, object: FoundNode, options: DiscoverOptions) {
    this.#options = options;
    this.#filter = pathFilter(entry);
    this.#maxNodes = entry.max_nodes;
    this.#seen = new Set([object.nodeId.toString()]);
    this.#level = [object];
  }

  get hasMore(): boolean {
    return this.#level.length > 0 && !this.isCut;
  }

  async descend(): Promise<void> {
    const { services, limit } = this.#options;
    const browsed = await browseNodes(services, this.#level.map(toBrowse), limit);
    const next: FoundNode[] = [];
    for (const [i, { statusCode, references }] of browsed.entries()) {
      const parent = this.#level[i];
      if (!parent) continue;
      if (statusCode.isNotGood()) this.closed.push({ path: parent.path, status: statusCode.name });
      for (const reference of references) this.#meet(parent, reference, next);
    }
    this.#level = next;
  }

  #meet(parent: FoundNode, reference: ReferenceDescription, next: FoundNode[]): void {
    const nodeId = hereNodeId(reference, this.#options.uris);
    if (!nodeId || this.isCut || this.#seen.has(nodeId.toString())) return;
    this.#seen.add(nodeId.toString());
    const found = placeOf(parent, reference, nodeId);
    if (this.#filter.leavesOut(found)) return;
    next.push(found);
    this.isCut = this.#seen.size > MAX_VISITED;
    if (!found.isVariable || !this.#filter.takes(found)) return;
    if (this.variables.length === this.#maxNodes) this.isCut = true;
    else this.variables.push(found);
  }
}

function toBrowse({ nodeId, isVariable }: FoundNode) {
  return {
    nodeId,
    browseDirection: BrowseDirection.Forward,
    referenceTypeId: isVariable ? HAS_COMPONENT : HIERARCHICAL_REFERENCES,
    includeSubtypes: true,
    nodeClassMask: makeNodeClassMask("Object | Variable"),
    resultMask: makeResultMask("BrowseName | NodeClass"),
  };
}

function placeOf(parent: Place, { browseName, nodeClass }: ReferenceDescription, nodeId: NodeId): FoundNode {
  const name = browseName.name ?? "";
  const path = `${parent.path}/${stepText({ namespace: browseName.namespaceIndex, name })}`;
  return { path, names: `${parent.names}/${name}`, name, nodeId, isVariable: nodeClass === NodeClass.Variable };
}

/** The node of this server that a translated path leads to: its namespace is an index, and no other server's is asked for. */
export function nodeIdOf({ identifierType, value, namespace }: ExpandedNodeId): NodeId {
  return new NodeId(identifierType, value, namespace);
}

/** The node that a reference leads to; undefined where it is on another server, or in a namespace that is not there. */
export function hereNodeId(
  { nodeId: id }: Pick<ReferenceDescription, "nodeId">,
  uris: readonly string[],
): NodeId | undefined {
  if (id.serverIndex) return undefined;
  const namespace = id.namespaceUri ? uris.indexOf(id.namespaceUri) : id.namespace;
  return namespace < 0 ? undefined : new NodeId(id.identifierType, id.value, namespace);
}
