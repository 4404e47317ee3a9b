import { AttributeIds, NodeId } from "node-opcua-client";
import {
  type Definition,
  type FieldDefinition,
  isStructure,
  readDefinitions,
  type StructureDefinition,
  type TypeDefinition,
} from "./data_type_definitions.ts";
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

type Names = ReadonlyMap<number, string> | undefined;

/** How values of a type are read, and the names of an enumeration's. */
interface Kind {
  readonly read: JsonReader;
  readonly names?: ReadonlyMap<number, string>;
}

const ENUMERATION = 29;
/** Types that are asked for, over all of a server. */
const MAX_TYPES = 2000;
const LAYOUTS: readonly Layout[] = ["all_fields", "optional_fields", "union"];

/**
 * The structures and enumerations that a server's variables are of, as the server itself defines them (attribute
 * DataTypeDefinition, OPC UA Part 3, 5.8.3). What it does not define is left as bytes.
 */
export class DataTypes implements StructureReaders {
  readonly #options: DataTypesOptions;
  /** What the server tells of each type that was asked for, by node id. */
  readonly #defined = new Map<string, TypeDefinition>();
  readonly #kinds = new Map<string, Kind | undefined>();
  /** By the text of the encoding's node id, as it stands in an ExtensionObject. */
  readonly #byEncoding = new Map<string, JsonReader>();
  #uris: readonly string[] = [];

  constructor(options: DataTypesOptions) {
    this.#options = options;
  }

  reader(encodingId: string): JsonReader | undefined {
    return this.#byEncoding.get(encodingId);
  }

  /**
   * Learns the types of variables, and gives for each the names of its values, where it is of an enumeration. What a
   * server does not tell stays unknown. @throws what the library throws of a broken connection
   */
  async learn(variables: readonly NodeId[]): Promise<readonly Names[]> {
    const names: Names[] = [];
    try {
      this.#uris = await readNamespaces(this.#options.services);
      for (const some of batchesOf(variables, this.#options.limits.read)) {
        for (const each of await this.#learnSome(some)) names.push(each);
      }
    } catch (error) {
      if (!statusIn(error)) throw error;
    }
    return names;
  }

  async #learnSome(variables: readonly NodeId[]): Promise<readonly Names[]> {
    const { services } = this.#options;
    const answers = await services.read(variables.map((nodeId) => ({ nodeId, attributeId: AttributeIds.DataType })));
    const types = answers.map((answer): unknown => answer.value?.value);
    await this.#define(types.filter((type) => type instanceof NodeId));
    return variables.map((_, i) => {
      const type = types[i];
      return type instanceof NodeId ? this.#kind(type)?.names : undefined;
    });
  }

  /** Asks for types, then for those that these are made of, and so on: each once, a level at a time. */
  async #define(types: readonly NodeId[]): Promise<void> {
    const told = new Map<string, TypeDefinition>();
    for (let level = this.#unknownOf(types, told); level.length > 0;) {
      const definitions = await readDefinitions(level, { ...this.#options, uris: this.#uris });
      for (const [i, type] of level.entries()) told.set(type.toString(), definitions[i]!); // as many as were asked for
      level = this.#unknownOf(definitions.flatMap(partsOf), told);
    }
    // Only now: a type whose parts could not be asked for is asked for again with the next variables.
    for (const [key, definition] of told) this.#defined.set(key, definition);
  }

  #unknownOf(types: readonly NodeId[], told: ReadonlyMap<string, TypeDefinition>): readonly NodeId[] {
    const wanted = new Map<string, NodeId>();
    for (const type of types) {
      const key = type.toString();
      if (!wellKnown(type) && !this.#defined.has(key) && !told.has(key)) wanted.set(key, type);
    }
    return [...wanted.values()].slice(0, Math.max(0, MAX_TYPES - this.#defined.size - told.size));
  }

  /** Of a type that was asked for. A structure may hold itself. */
  #kind(type: NodeId): Kind | undefined {
    const own = wellKnown(type);
    if (own) return own;
    const key = type.toString();
    if (!this.#kinds.has(key)) {
      this.#kinds.set(key, { read: (reader) => this.#kinds.get(key)?.read(reader) ?? unknown(key) });
      this.#kinds.set(key, this.#make(this.#defined.get(key)));
    }
    return this.#kinds.get(key);
  }

  #make(told: TypeDefinition | undefined): Kind | undefined {
    if (!told) return undefined;
    const { definition, parent } = told;
    if (isStructure(definition)) return this.#structure(definition, told.encodings);
    if (definition && parent && isEnumeration(parent)) return enumeration(definition);
    return parent && this.#kind(parent);
  }

  #structure({ structureType, fields }: StructureDefinition, encodings: readonly NodeId[]): Kind | undefined {
    const layout = LAYOUTS[structureType];
    const read = fields.map((field) => this.#field(field));
    if (!layout || read.includes(undefined)) return undefined;
    const reader = structureReader(layout, read.filter((field) => field !== undefined));
    for (const nodeId of encodings) this.#byEncoding.set(encodingText(nodeId), reader);
    return { read: reader };
  }

  /** Undefined where it cannot be read: matrices, and types that the server does not tell. */
  #field({ name, dataType, valueRank, isOptional }: FieldDefinition): Field | undefined {
    const kind = dataType && valueRank <= 1 ? this.#kind(dataType) : undefined;
    return kind && { name, read: kind.read, isArray: valueRank === 1, isOptional };
  }
}

/** The types that must be known for this one: of its fields, or the one above it. */
function partsOf({ definition, parent }: TypeDefinition): readonly NodeId[] {
  if (isStructure(definition)) return definition.fields.flatMap(({ dataType }) => dataType ?? []);
  return parent ? [parent] : [];
}

function enumeration({ fields }: Pick<Definition, "fields">): Kind {
  const names = new Map(fields.map(({ name, value }) => [value, name]));
  return { read: enumerationReader(names), names };
}

function isEnumeration({ namespace, value }: NodeId): boolean {
  return namespace === 0 && value === ENUMERATION;
}

/** Built-in types, and the abstract ones above them. */
function wellKnown(type: NodeId): Kind | undefined {
  if (type.namespace !== 0 || typeof type.value !== "number") return undefined;
  if (isEnumeration(type)) return enumeration({ fields: [] });
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
