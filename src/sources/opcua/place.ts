import {
  BrowseDirection,
  BrowsePath,
  coerceNodeId,
  makeResultMask,
  NodeId,
  type QualifiedName,
} from "node-opcua-client";
import { ConfigError } from "../../core/error.ts";
import { browseNodes } from "./browse.ts";
import { parseBrowsePath, type PathStep, stepText } from "./browse_path.ts";
import { hereNodeId, nodeIdOf } from "./discovery.ts";
import { parseNodeId } from "./node_id_text.ts";
import type { Services } from "./services.ts";

/** A node to look into, and its path from the Root, where it has one that is not too long. */
export interface KnownPlace {
  /** As it was written. */
  readonly text: string;
  readonly nodeId: NodeId;
  readonly path: string | undefined;
}

export interface PlaceOptions {
  readonly services: Pick<Services, "browse" | "browseNext" | "translate">;
  readonly uris: readonly string[];
}

const ROOT = "i=84";
const ROOT_TEXT = coerceNodeId(ROOT).toString();
const OBJECTS = "0:Root/0:Objects";
const HIERARCHICAL_REFERENCES = "i=33";
const MAX_STEPS = 30;

/**
 * The node that a node id or a browse path names; the Objects folder where nothing is named.
 * @throws {ConfigError} when there is none @throws what the library throws
 */
export async function findPlace(under: string | undefined, options: PlaceOptions): Promise<KnownPlace> {
  const text = under ?? OBJECTS;
  if (/^(ns=|nsu=|[isgb]=)/.test(text)) return await byNodeId(text, options);
  return await byPath(text, options);
}

/** The path of a node that is found under a place. */
export function stepsBelow({ path }: KnownPlace, { namespaceIndex, name }: QualifiedName): string | undefined {
  return path === undefined ? undefined : `${path}/${stepText({ namespace: namespaceIndex, name: name ?? "" })}`;
}

async function byNodeId(text: string, options: PlaceOptions): Promise<KnownPlace> {
  const nodeId = readNodeId(text, options.uris);
  return { text, nodeId, path: await pathTo(nodeId, options) };
}

function readNodeId(text: string, uris: readonly string[]): NodeId {
  let nodeId: ReturnType<typeof parseNodeId>;
  try {
    nodeId = parseNodeId(text, uris);
  } catch {
    throw noPlace(text, "that is no node id");
  }
  if (nodeId instanceof NodeId) return nodeId;
  throw noPlace(text, `the server has no namespace ${nodeId.missing}`);
}

async function byPath(text: string, { services }: PlaceOptions): Promise<KnownPlace> {
  const steps = readPath(text);
  if (steps.length === 0) return { text, nodeId: coerceNodeId(ROOT), path: "0:Root" };
  const [result] = await services.translate([toBrowsePath(steps)]);
  const found = result?.statusCode.isGood() ? result.targets?.[0]?.targetId : undefined;
  if (!found) throw noPlace(text, result?.statusCode.name ?? "no answer");
  const nodeId = nodeIdOf(found);
  return { text, nodeId, path: ["0:Root", ...steps.map(stepText)].join("/") };
}

/** Nothing for the Root itself. */
function readPath(text: string): readonly PathStep[] {
  if (/^\/?(0:)?Root$/.test(text)) return [];
  try {
    return parseBrowsePath(text);
  } catch {
    throw noPlace(text, "that is no path");
  }
}

/** From the Root to where the steps lead (OPC UA Part 4, 5.9.4). */
export function toBrowsePath(steps: readonly PathStep[]): BrowsePath {
  const elements = steps.map(({ namespace, name }) => ({
    referenceTypeId: HIERARCHICAL_REFERENCES,
    isInverse: false,
    includeSubtypes: true,
    targetName: { namespaceIndex: namespace, name },
  }));
  return new BrowsePath({ startingNode: ROOT, relativePath: { elements } });
}

/** Goes up from a node, always to the first of those that it hangs below, until the Root is there. */
async function pathTo(nodeId: NodeId, { services, uris }: PlaceOptions): Promise<string | undefined> {
  const steps: string[] = [];
  let here = nodeId;
  while (here.toString() !== ROOT_TEXT) {
    if (steps.length === MAX_STEPS) return undefined;
    const [named] = await browseNodes(services, [{ ...UP, nodeId: here }], 1);
    const parent = named?.references.flatMap((reference) => hereNodeId(reference, uris) ?? [])[0];
    if (!parent) return undefined;
    const [down] = await browseNodes(services, [{ ...DOWN, nodeId: parent }], 1);
    const step = down?.references.find((reference) => hereNodeId(reference, uris)?.toString() === here.toString());
    if (!step) return undefined;
    const { namespaceIndex, name } = step.browseName;
    steps.unshift(stepText({ namespace: namespaceIndex, name: name ?? "" }));
    here = parent;
  }
  return ["0:Root", ...steps].join("/");
}

const HIERARCHY = { referenceTypeId: HIERARCHICAL_REFERENCES, includeSubtypes: true, nodeClassMask: 0 };
const UP = { ...HIERARCHY, browseDirection: BrowseDirection.Inverse, resultMask: makeResultMask("BrowseName") };
const DOWN = { ...UP, browseDirection: BrowseDirection.Forward };

/** What was written names no node that can be looked into. */
export function noPlace(text: string, why: string): ConfigError {
  const how =
    'write a node id such as "nsu=urn:plant:line1;s=Area", or a browse path such as "0:Root/0:Objects/2:Area"';
  return new ConfigError("browse_no_place", `There is no node ${text} at the server (${why}): ${how}`);
}
