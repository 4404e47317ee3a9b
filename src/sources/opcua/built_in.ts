import { statusText } from "./status.ts";
import { ticksToIso } from "./time.ts";
import { malformed, type WireReader } from "./wire_reader.ts";

/**
 * A built-in type of OPC UA (Part 6, 5.1.2): how it is read, and its value as text that loses nothing, as JSON where
 * it stands in an array or a structure, and as a number where it is one.
 */
export interface BuiltIn<T = unknown> {
  readonly name: string;
  read(reader: WireReader): T;
  /** Undefined for null. */
  text(value: T): string | undefined;
  json(value: T): string;
  number?(value: T): number;
}

type Numeric = "SByte" | "Byte" | "Int16" | "UInt16" | "Int32" | "UInt32";

function integer(name: Numeric, read: (reader: WireReader) => number): BuiltIn<number> {
  return { name, read, text: String, json: String, number: (value) => value };
}

/** In JSON as text of digits: a JSON number beyond 2^53 is not safe with every reader (Part 6, 5.4.2.3). */
function long(name: "Int64" | "UInt64", read: (reader: WireReader) => bigint): BuiltIn<bigint> {
  return { name, read, text: String, json: (value) => `"${value}"`, number: Number };
}

function floating(name: "Float" | "Double", read: (reader: WireReader) => number): BuiltIn<number> {
  const json = (value: number) => Number.isFinite(value) ? decimal(value) : `"${value}"`;
  return { name, read, text: decimal, json, number: (value) => value };
}

/** Shortest decimal that gives the same double again. */
function decimal(value: number): string {
  return value === 0 && Object.is(value, -0) ? "-0" : String(value);
}

function textual(name: string, read: (reader: WireReader) => string | null): BuiltIn<string | null> {
  return { name, read, text: (value) => value ?? undefined, json: (value) => JSON.stringify(value) };
}

const boolean: BuiltIn<boolean> = {
  name: "Boolean",
  read: (reader) => reader.uint8() !== 0,
  text: String,
  json: String,
  number: Number,
};

const byteString: BuiltIn<Uint8Array | null> = {
  name: "ByteString",
  read: (reader) => reader.byteString(),
  text: (value) => value?.toBase64(),
  json: (value) => value ? `"${value.toBase64()}"` : "null",
};

const utf8 = new TextDecoder();

/** What has parts of its own: JSON text everywhere, null for null. */
function composite(name: string, read: (reader: WireReader) => string | null): BuiltIn<string | null> {
  return { name, read, text: (value) => value ?? undefined, json: (value) => value ?? "null" };
}

const BUILT_INS: readonly BuiltIn[] = [
  { name: "Null", read: () => null, text: () => undefined, json: () => "null" },
  boolean,
  integer("SByte", (reader) => reader.int8()),
  integer("Byte", (reader) => reader.uint8()),
  integer("Int16", (reader) => reader.int16()),
  integer("UInt16", (reader) => reader.uint16()),
  integer("Int32", (reader) => reader.int32()),
  integer("UInt32", (reader) => reader.uint32()),
  long("Int64", (reader) => reader.int64()),
  long("UInt64", (reader) => reader.uint64()),
  floating("Float", (reader) => reader.float()),
  floating("Double", (reader) => reader.double()),
  textual("String", (reader) => reader.string()),
  textual("DateTime", (reader) => ticksToIso(reader.int64())),
  textual("Guid", (reader) => reader.guid()),
  byteString,
  textual("XmlElement", (reader) => reader.string()),
  textual("NodeId", readNodeId),
  textual("ExpandedNodeId", readExpandedNodeId),
  textual("StatusCode", (reader) => statusText(reader.uint32())),
  textual("QualifiedName", readQualifiedName),
  textual("LocalizedText", readLocalizedText),
  composite("ExtensionObject", readExtensionObject),
  composite("DataValue", (reader) => reader.nested(() => readDataValue(reader))),
  composite("Variant", (reader) => reader.nested(() => readTypedVariant(reader))),
  composite("DiagnosticInfo", (reader) => reader.nested(() => readDiagnosticInfo(reader))),
] as readonly BuiltIn[]; // each entry hands its own values to its own functions only

/** The types 26 to 31 are not given yet and are read as ByteString (Part 6, 5.2.2.16). */
function builtIn(id: number): BuiltIn {
  const type = BUILT_INS[id] ?? (id <= 31 ? BUILT_INS[15] : undefined);
  if (!type) throw malformed(`${id} is not the number of a type`);
  return type;
}

/** The id of the type Variant. */
export const VARIANT = 24;

/** Reads a value of a built-in type as JSON, as it stands in a structure. @throws {DecodeError} */
export function builtInJson(id: number): (reader: WireReader) => string {
  const type = builtIn(id);
  return (reader) => type.json(type.read(reader));
}

/** A Variant's content. */
export interface VariantValue {
  /** Built-in type, with `[]` for arrays and matrices. */
  readonly type: string;
  readonly text: string | undefined;
  readonly json: string;
  readonly number: number | undefined;
}

const IS_ARRAY = 0x80;
const HAS_DIMENSIONS = 0x40;

/** A Variant (Part 6, 5.2.2.16). @throws {DecodeError} */
export function readVariant(reader: WireReader): VariantValue {
  const encoding = reader.uint8();
  const type = builtIn(encoding & 0x3f);
  if (encoding & IS_ARRAY) return readArray(reader, type, (encoding & HAS_DIMENSIONS) !== 0);
  const value = new Scalar(type, type.read(reader));
  if (value.text !== undefined) reader.made(value.text);
  return value;
}

/** JSON of a scalar is only made where somebody asks. */
class Scalar implements VariantValue {
  readonly type: string;
  readonly text: string | undefined;
  readonly number: number | undefined;
  readonly #type: BuiltIn;
  readonly #value: unknown;

  constructor(type: BuiltIn, value: unknown) {
    this.type = type.name;
    this.text = type.text(value);
    this.number = type.number?.(value);
    this.#type = type;
    this.#value = value;
  }

  get json(): string {
    return this.#type.json(this.#value);
  }
}

function readArray(reader: WireReader, type: BuiltIn, hasDimensions: boolean): VariantValue {
  const length = reader.arrayLength();
  const elements = readElements(reader, type, length ?? 0);
  const dimensions = hasDimensions ? readDimensions(reader, length ?? 0) : [];
  reader.count(bracketsOf(dimensions));
  const json = length === null ? "null" : shape(elements, dimensions);
  return { type: `${type.name}[]`, text: length === null ? undefined : json, json, number: undefined };
}

function readElements(reader: WireReader, type: BuiltIn, length: number): readonly string[] {
  if (type.name === "Null" && length > 0) {
    reader.fault(`an array of ${length} elements has no type`); // they take no bytes: a few could claim to be millions
    return [];
  }
  const elements: string[] = [];
  for (let i = 0; i < length; i++) elements.push(reader.made(type.json(type.read(reader))));
  return elements;
}

const MAX_DIMENSIONS = 32;

/** Their product is the number of elements; an empty matrix is written as an empty array. */
function readDimensions(reader: WireReader, elements: number): number[] {
  const count = reader.arrayLength() ?? 0;
  const dimensions: number[] = [];
  for (let i = 0; i < count; i++) dimensions.push(reader.int32());
  if (elements === 0 || count === 0) return [];
  if (count > MAX_DIMENSIONS) reader.fault(`a matrix has ${count} dimensions`);
  else if (dimensions.some((size) => size < 1) || dimensions.reduce((a, b) => a * b) !== elements) {
    reader.fault(`dimensions ${dimensions.join(" x ")} do not fit ${elements} elements`);
  } else return dimensions;
  return [];
}

/** Opening and closing brackets of a matrix: it may have many more of them than elements. */
function bracketsOf(dimensions: readonly number[]): number {
  let parts = 1;
  let brackets = 2;
  for (const size of dimensions.slice(0, -1)) brackets += 2 * (parts *= size);
  return brackets;
}

/** Elements as nested JSON arrays; the last dimension varies fastest. */
function shape(elements: readonly string[], [first, ...rest]: readonly number[]): string {
  if (first === undefined || rest.length === 0) return `[${elements.join(",")}]`;
  const size = elements.length / first;
  return `[${
    Array.from({ length: first }, (_, i) => shape(elements.slice(i * size, (i + 1) * size), rest)).join(",")
  }]`;
}

/** Inside other values a Variant keeps its type. */
function readTypedVariant(reader: WireReader): string | null {
  const { type, json } = readVariant(reader);
  return type === "Null" ? null : object(reader, { type: JSON.stringify(type), value: json });
}

/** Counted for an object beside its text: an empty one takes a byte of the message, and far more work than a character. */
const OBJECT_CHARACTERS = 32;

/** A JSON object of members that are JSON text; those that are undefined are left out. */
function object(reader: WireReader, members: Readonly<Record<string, string | undefined>>): string {
  reader.count(OBJECT_CHARACTERS);
  let written = "";
  for (const name in members) {
    const json = members[name];
    if (json !== undefined) written += `${written === "" ? "" : ","}"${name}":${json}`;
  }
  return reader.made(`{${written}}`);
}

/** A node id in its usual text form (Part 6, 5.2.2.9 and 5.3.1.10). */
function readNodeId(reader: WireReader): string {
  return nodeIdText(reader, reader.uint8());
}

function nodeIdText(reader: WireReader, encoding: number, namespaceUri?: string): string {
  const numeric = (namespace: number, id: number) => prefix(namespace, namespaceUri) + `i=${id}`;
  switch (encoding & 0x0f) {
    case 0:
      return numeric(0, reader.uint8());
    case 1:
      return numeric(reader.uint8(), reader.uint16());
    case 2:
      return numeric(reader.uint16(), reader.uint32());
    case 3:
      return prefix(reader.uint16(), namespaceUri) + `s=${reader.string() ?? ""}`;
    case 4:
      return prefix(reader.uint16(), namespaceUri) + `g=${reader.guid()}`;
    case 5:
      return prefix(reader.uint16(), namespaceUri) + `b=${reader.byteString()?.toBase64() ?? ""}`;
    default:
      throw malformed(`${encoding} is not an encoding of a node id`);
  }
}

function prefix(namespace: number, uri: string | undefined): string {
  if (uri !== undefined) return uri;
  return namespace === 0 ? "" : `ns=${namespace};`;
}

const HAS_NAMESPACE_URI = 0x80;
const HAS_SERVER_INDEX = 0x40;

/** Part 6, 5.2.2.10: namespace URI and server index follow the identifier and stand before it in the text. */
function readExpandedNodeId(reader: WireReader): string {
  const encoding = reader.uint8();
  const hasUri = (encoding & HAS_NAMESPACE_URI) !== 0;
  const id = nodeIdText(reader, encoding, hasUri ? "" : undefined);
  const uri = hasUri ? `nsu=${escapeUri(reader.string() ?? "")};` : "";
  const server = encoding & HAS_SERVER_INDEX ? `svr=${reader.uint32()};` : "";
  return server + uri + id;
}

function escapeUri(uri: string): string {
  return uri.replaceAll("%", "%25").replaceAll(";", "%3B");
}

function readQualifiedName(reader: WireReader): string | null {
  reader.uint16(); // the namespace: `raw` keeps it
  return reader.string();
}

function readLocalizedText(reader: WireReader): string | null {
  const mask = reader.uint8();
  if (mask & 1) reader.string(); // the locale: `raw` keeps it
  return mask & 2 ? reader.string() : null;
}

/**
 * A structure (Part 6, 5.2.2.15): its fields where they are known, else the id of its encoding and its body as it stands.
 * @throws {DecodeError}
 */
export function readExtensionObject(reader: WireReader): string | null {
  const id = readNodeId(reader);
  const typeId = JSON.stringify(id);
  const encoding = reader.uint8();
  if (encoding === 0) return id === "i=0" ? null : object(reader, { typeId });
  const start = reader.at;
  const body = reader.byteString();
  const fields = encoding === 1 && body ? readStructure(reader, id, start + 4) : undefined;
  if (fields !== undefined) return fields;
  if (encoding !== 2) return object(reader, { typeId, body: byteString.json(body) });
  return object(reader, { typeId, xml: JSON.stringify(body && utf8.decode(body)) });
}

/** The body that ends where `reader` stands. Undefined where it is not what the server said that such a body is. */
function readStructure(reader: WireReader, id: string, start: number): string | undefined {
  const read = reader.structures?.reader(id);
  if (!read) return undefined;
  const end = reader.at;
  reader.at = start;
  try {
    const json = read(reader);
    return reader.at === end ? json : undefined;
  } catch {
    return undefined;
  } finally {
    reader.at = end;
  }
}

function readDataValue(reader: WireReader): string {
  const mask = reader.uint8();
  return object(reader, {
    value: mask & 1 ? readTypedVariant(reader) ?? "null" : undefined,
    status: mask & 2 ? JSON.stringify(statusText(reader.uint32())) : undefined,
    sourceTimestamp: mask & 4 ? JSON.stringify(ticksToIso(reader.int64())) : undefined,
    sourcePicoseconds: mask & 16 ? String(reader.uint16() * 10) : undefined,
    serverTimestamp: mask & 8 ? JSON.stringify(ticksToIso(reader.int64())) : undefined,
    serverPicoseconds: mask & 32 ? String(reader.uint16() * 10) : undefined,
  });
}

/** As JSON (Part 6, 5.2.2.12). Numbers are indexes into the string table of the response. @throws {DecodeError} */
export function readDiagnosticInfo(reader: WireReader): string {
  const mask = reader.uint8();
  return object(reader, {
    symbolicId: mask & 1 ? String(reader.int32()) : undefined,
    namespaceUri: mask & 2 ? String(reader.int32()) : undefined,
    locale: mask & 8 ? String(reader.int32()) : undefined,
    localizedText: mask & 4 ? String(reader.int32()) : undefined,
    additionalInfo: mask & 16 ? JSON.stringify(reader.string()) : undefined,
    innerStatusCode: mask & 32 ? JSON.stringify(statusText(reader.uint32())) : undefined,
    innerDiagnosticInfo: mask & 64 ? reader.nested(() => readDiagnosticInfo(reader)) : undefined,
  });
}
