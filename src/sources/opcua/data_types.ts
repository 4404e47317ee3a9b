import { AttributeIds, BrowseDirection, makeResultMask, NodeId, type ReferenceDescription } from "node-opcua-client";
import { browseNodes } from "./browse.ts";
import { hereNodeId } from "./discovery.ts";
import { statusIn } from "./errors.ts";
import { batchesOf } from "./batches.ts";
import type { OperationLimits } from "./operation_limits.ts";
import { readNamespaces, type Services } from "./services.ts";
import {
  builtInReader,
  enumerationReader,
  type Field,
  type JsonReader,
  type Layout,
  structureReader,
} from "./structure.ts";
import type { StructureReaders } from "./wire_reader.ts";

export interface DataTypesOptions {
  readonly services: Pick<Services, "read" | "browse" | "browseNext">;
  readonly limits: OperationLimits;
}

/** How values of a type are read, and the names of an enumeration's. */
interface Kind {
  readonly read: JsonReader;
  readonly names?: ReadonlyMap<number, string>;
  readonly isStructure?: true;
}

const ENUMERATION = 29;
const HAS_SUBTYPE = "i=45";
const HAS_ENCODING = "i=38";
/** Types that are asked for, over all of a server. */
const MAX_TYPES = 2000;
const LAYOUTS: readonly Layout[] = ["all_fields", "optional_fields", "union"];

/**
 * The structures and enumerations that a server's variables are of, as the server itself defines them (attribute
 * DataTypeDefinition, OPC UA Part 3, 5.8.3). What it does not define is left as bytes.
 */
export class DataTypes implements StructureReaders {
  readonly #options: DataTypesOptions;
  readonly #kinds = new Map<string, Kind | undefined>();
  /** By the text of the encoding's node id, as it stands in an ExtensionObject. */
  readonly #byEncoding = new Map<string, JsonReader>();
  /** Names of the enumerations that variables are of, by node id. */
  readonly #enumerations = new Map<string, ReadonlyMap<number, string>>();
  #uris: readonly string[] = [];

  constructor(options: DataTypesOptions) {
    this.#options = options;
  }

  reader(encodingId: string): JsonReader | undefined {
    return this.#byEncoding.get(encodingId);
  }

  /** The names of a variable's values, where it is of an enumeration. */
  namesOf(variable: NodeId): ReadonlyMap<number, string> | undefined {
    return this.#enumerations.get(variable.toString());
  }

  /** Learns the types of variables. What a server does not tell stays unknown. @throws what the library throws of a broken connection */
  async learn(variables: readonly NodeId[]): Promise<void> {
    try {
      this.#uris = await readNamespaces(this.#options.services);
      for (const some of batchesOf(variables, this.#options.limits.read)) await this.#learnSome(some);
    } catch (error) {
      if (!statusIn(error)) throw error;
    }
  }

  async #learnSome(variables: readonly NodeId[]): Promise<void> {
    const { services } = this.#options;
    const answers = await services.read(variables.map((nodeId) => ({ nodeId, attributeId: AttributeIds.DataType })));
    for (const [i, variable] of variables.entries()) {
      const type: unknown = answers[i]?.value?.value;
      if (!(type instanceof NodeId)) continue;
      const kind = await this.#kind(type);
      if (kind?.names) this.#enumerations.set(variable.toString(), kind.names);
    }
  }

  /** Asks for each type once; a structure may hold itself. */
  async #kind(type: NodeId): Promise<Kind | undefined> {
    const own = wellKnown(type);
    if (own) return own;
    const key = type.toString();
    if (!this.#kinds.has(key) && this.#kinds.size < MAX_TYPES) {
      const asLearned: Kind = {
        read: (reader) => this.#kinds.get(key)?.read(reader) ?? unknown(key),
        isStructure: true,
      };
      this.#kinds.set(key, asLearned);
      this.#kinds.set(key, await this.#ask(type));
    }
    return this.#kinds.get(key);
  }

  async #ask(type: NodeId): Promise<Kind | undefined> {
    const { services, limits } = this.#options;
    const [answer] = await services.read([{ nodeId: type, attributeId: AttributeIds.DataTypeDefinition }]);
    const definition = definitionOf(answer?.value?.value);
    const [encodings, supertypes] = await browseNodes(services, [
      { ...FOLLOW, nodeId: type, referenceTypeId: HAS_ENCODING, browseDirection: BrowseDirection.Forward },
      { ...FOLLOW, nodeId: type, referenceTypeId: HAS_SUBTYPE, browseDirection: BrowseDirection.Inverse },
    ], limits.browse);
    if (definition?.structureType !== undefined) {
      return await this.#structure(type, definition, encodings?.references ?? []);
    }
    const parent = supertypes?.references.flatMap((reference) => hereNodeId(reference, this.#uris) ?? [])[0];
    if (definition && parent && isEnumeration(parent)) return enumeration(definition);
    return parent && await this.#kind(parent);
  }

  async #structure(
    type: NodeId,
    { structureType = 0, fields }: Definition,
    encodings: readonly ReferenceDescription[],
  ): Promise<Kind | undefined> {
    const layout = LAYOUTS[structureType];
    const read = await Promise.all(fields.map((field) => this.#field(field)));
    if (!layout || read.includes(undefined)) return undefined;
    const reader = structureReader(layout, read.filter((field) => field !== undefined));
    for (const encoding of encodings) {
      const nodeId = hereNodeId(encoding, this.#uris);
      if (nodeId && encoding.browseName.name === "Default Binary") this.#byEncoding.set(encodingText(nodeId), reader);
    }
    this.#kinds.set(type.toString(), { read: reader, isStructure: true });
    return { read: reader, isStructure: true };
  }

  /** Undefined where it cannot be read: matrices, and types that the server does not tell. */
  async #field({ name, dataType, valueRank, isOptional }: FieldDefinition): Promise<Field | undefined> {
    const kind = dataType && valueRank <= 1 ? await this.#kind(dataType) : undefined;
    return kind && { name, read: kind.read, isArray: valueRank === 1, isOptional };
  }
}

const FOLLOW = {
  includeSubtypes: true,
  nodeClassMask: 0,
  resultMask: makeResultMask("BrowseName"),
};

/** A StructureDefinition or an EnumDefinition (Part 3, 8.48 and 8.50), as far as it is used here. */
interface Definition {
  /** Only of structures. */
  readonly structureType: number | undefined;
  readonly fields: readonly FieldDefinition[];
}

interface FieldDefinition {
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

function enumeration({ fields }: Definition): Kind {
  const names = new Map(fields.map(({ name, value }) => [value, name]));
  return { read: enumerationReader(names), names };
}

function isEnumeration({ namespace, value }: NodeId): boolean {
  return namespace === 0 && value === ENUMERATION;
}

/** Built-in types, and the abstract ones above them. */
function wellKnown(type: NodeId): Kind | undefined {
  if (type.namespace !== 0 || typeof type.value !== "number") return undefined;
  if (isEnumeration(type)) return enumeration({ structureType: undefined, fields: [] });
  const read = builtInReader(type.value);
  return read && { read };
}

/** As our decoder writes a node id. */
function encodingText(nodeId: NodeId): string {
  return nodeId.namespace === 0 ? `i=${nodeId.value}` : nodeId.toString();
}

function unknown(key: string): never {
  throw new TypeError(`the data type ${key} was not learned`);
}
