import { AttributeIds, BrowseDirection, makeResultMask, NodeId } from "node-opcua-client";
import { batchesOf } from "./batches.ts";
import { browseNodes } from "./browse.ts";
import { hereNodeId } from "./discovery.ts";
import type { OperationLimits } from "./operation_limits.ts";
import type { Services } from "./services.ts";

export interface DefinitionOptions {
  readonly services: Pick<Services, "read" | "browse" | "browseNext">;
  readonly limits: OperationLimits;
  /** URIs of the server's namespaces, by index. */
  readonly uris: readonly string[];
}

/** What a server tells of a data type. */
export interface TypeDefinition {
  readonly definition: Definition | undefined;
  /** How it stands in an ExtensionObject of the binary protocol. */
  readonly encodings: readonly NodeId[];
  /** The type that it is a kind of. */
  readonly parent: NodeId | undefined;
}

/** A StructureDefinition or an EnumDefinition (Part 3, 8.48 and 8.50), as far as it is used here. */
export interface Definition {
  /** Only of structures. */
  readonly structureType: number | undefined;
  readonly fields: readonly FieldDefinition[];
}

export interface FieldDefinition {
  readonly name: string;
  readonly dataType: NodeId | undefined;
  /** -1 for a scalar, 1 for an array. */
  readonly valueRank: number;
  readonly isOptional: boolean;
  /** Only of enumerations. */
  readonly value: number;
}

/** Of what the library decoded; undefined for anything else. */
function definitionOf(value: unknown): Definition | undefined {
  const { structureType, fields } = (value ?? {}) as { structureType?: unknown; fields?: unknown };
  if (!Array.isArray(fields)) return undefined;
  return { structureType: typeof structureType === "number" ? structureType : undefined, fields: fields.map(fieldOf) };
}

function fieldOf(field: Record<string, unknown>): FieldDefinition {
  const { name, dataType, valueRank, isOptional, value } = field;
  return {
    name: String(name ?? ""),
    dataType: dataType instanceof NodeId ? dataType : undefined,
    valueRank: Number(valueRank ?? -1),
    isOptional: isOptional === true,
    value: longOf(value),
  };
}

/** The library gives an Int64 as its two halves. */
function longOf(value: unknown): number {
  return Array.isArray(value) ? Number(value[1] ?? 0) | 0 : Number(value ?? 0);
}

export type StructureDefinition = Definition & { readonly structureType: number };

export function isStructure(definition: Definition | undefined): definition is StructureDefinition {
  return definition?.structureType !== undefined;
}

const HAS_SUBTYPE = "i=45";
const HAS_ENCODING = "i=38";
const FOLLOW = {
  includeSubtypes: true,
  nodeClassMask: 0,
  resultMask: makeResultMask("BrowseName"),
};

/** What the server tells of `types`, in their order, in as few calls as it takes. @throws what the library throws */
export async function readDefinitions(
  types: readonly NodeId[],
  { services, limits, uris }: DefinitionOptions,
): Promise<readonly TypeDefinition[]> {
  const definitions: (Definition | undefined)[] = [];
  for (const some of batchesOf(types, limits.read)) {
    const attributeId = AttributeIds.DataTypeDefinition;
    const answers = await services.read(some.map((nodeId) => ({ nodeId, attributeId })));
    for (const i of some.keys()) definitions.push(definitionOf(answers[i]?.value?.value));
  }
  const neighbours = await browseNodes(services, types.flatMap(toNeighbours), limits.browse);
  return types.map((_, i) => {
    const encodings = neighbours[2 * i];
    const supertypes = neighbours[2 * i + 1];
    const binary = encodings?.references.filter(({ browseName }) => browseName.name === "Default Binary") ?? [];
    return {
      definition: definitions[i],
      encodings: binary.flatMap((reference) => hereNodeId(reference, uris) ?? []),
      parent: supertypes?.references.flatMap((reference) => hereNodeId(reference, uris) ?? [])[0],
    };
  });
}

function toNeighbours(nodeId: NodeId) {
  return [
    { ...FOLLOW, nodeId, referenceTypeId: HAS_ENCODING, browseDirection: BrowseDirection.Forward },
    { ...FOLLOW, nodeId, referenceTypeId: HAS_SUBTYPE, browseDirection: BrowseDirection.Inverse },
  ];
}
