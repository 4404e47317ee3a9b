import { builtInJson, readExtensionObject, VARIANT } from "./built_in.ts";
import type { WireReader } from "./wire_reader.ts";

/** Reads a value and gives it as JSON text. @throws {DecodeError} */
export type JsonReader = (reader: WireReader) => string;

/** A field of a structure, and how one element of it is read. */
export interface Field {
  readonly name: string;
  readonly read: JsonReader;
  readonly isArray: boolean;
  readonly isOptional: boolean;
}

/** How a structure is written (StructureType, OPC UA Part 3, 8.49). */
export type Layout = "all_fields" | "optional_fields" | "union";

/** A structure as a JSON object of its fields, or, of a union, of the one that it holds (Part 6, 5.2.6 to 5.2.8). */
export function structureReader(layout: Layout, fields: readonly Field[]): JsonReader {
  switch (layout) {
    case "all_fields":
      return (reader) => object(reader, fields);
    case "optional_fields":
      return (reader) => {
        const mask = reader.uint32();
        let bit = 0;
        return object(reader, fields.filter(({ isOptional }) => !isOptional || (mask & (1 << bit++)) !== 0));
      };
    case "union":
      return (reader) => {
        const held = fields[reader.uint32() - 1];
        return object(reader, held ? [held] : []);
      };
  }
}

function object(reader: WireReader, fields: readonly Field[]): string {
  return reader.nested(() => {
    const members = fields.map((field) => `${JSON.stringify(field.name)}:${readField(reader, field)}`);
    return reader.made(`{${members.join(",")}}`);
  });
}

function readField(reader: WireReader, { read, isArray }: Field): string {
  if (!isArray) return reader.made(read(reader));
  const length = reader.arrayLength();
  if (length === null) return "null";
  const elements: string[] = [];
  for (let i = 0; i < length; i++) elements.push(reader.made(read(reader)));
  return `[${elements.join(",")}]`;
}

/** A number that has a name, as Part 6, 5.4.4 writes it where people read: `Running_2`; the number where it has none. */
export function enumerationText(number: number, names: ReadonlyMap<number, string>): string {
  const name = names.get(number);
  return name === undefined ? String(number) : `${name}_${number}`;
}

export function enumerationReader(names: ReadonlyMap<number, string>): JsonReader {
  return (reader) => {
    const number = reader.int32();
    return names.has(number) ? JSON.stringify(enumerationText(number, names)) : String(number);
  };
}

/** What a field of a built-in type holds; of an abstract one it is a Variant (Part 6, 5.2.2.16). */
export function builtInReader(id: number): JsonReader | undefined {
  if (id === 22) return (reader) => reader.nested(() => readExtensionObject(reader)) ?? "null";
  if (id >= 26 && id <= 28) return builtInJson(VARIANT);
  return id >= 1 && id <= 25 ? builtInJson(id) : undefined;
}
