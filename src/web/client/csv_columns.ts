/** The columns of a list of registers, nodes or topics: their names are the configuration's keys. */
import type { FormField, FormNode, Json, JsonObject } from "./form_model.ts";
import { isObject } from "./form_value.ts";

/** One key of an entry, within others as `payload.value`. */
export interface CsvColumn {
  readonly key: string;
  readonly path: readonly string[];
  readonly node: FormNode;
  readonly isRequired: boolean;
}

/** All that an entry may have. Labels have a column for each of their names, which only entries tell. */
export function columnsOf(item: FormNode): readonly CsvColumn[] {
  const found = new Map<string, CsvColumn>();
  for (const column of columnsIn(item, [], true)) if (!found.has(column.key)) found.set(column.key, column);
  return [...found.values()];
}

function columnsIn(node: FormNode, path: readonly string[], isRequired: boolean): readonly CsvColumn[] {
  if (node.kind === "group") return node.fields.flatMap((field) => columnsFor(field, path, isRequired));
  if (node.kind !== "variants") return [{ key: path.join("."), path, node, isRequired }];
  // What one shape must have, another may not have at all.
  return node.variants.flatMap((each) => columnsIn(each.node, path, false));
}

function columnsFor(field: FormField, path: readonly string[], isRequired: boolean): readonly CsvColumn[] {
  return columnsIn(field.node, [...path, field.key], isRequired && field.isRequired);
}

/** The column of that name: one of `columns`, or of a label. */
export function columnNamed(name: string, columns: readonly CsvColumn[]): CsvColumn | undefined {
  const known = columns.find(({ key }) => key === name);
  if (known) return known.node.kind === "labels" ? undefined : known;
  const labels = columns.find(({ key, node }) => node.kind === "labels" && name.startsWith(`${key}.`));
  if (!labels) return undefined;
  const label = name.slice(labels.key.length + 1);
  const node: FormNode = { kind: "text", schema: {}, isSecret: false };
  return { key: name, path: [...labels.path, label], node, isRequired: false };
}

/** A file's name for a column as the configuration writes it: keys in either case, names of labels as they are. */
export function columnKey(given: string, columns: readonly CsvColumn[]): string {
  const name = given.trim();
  if (columnNamed(name, columns)) return name;
  const low = name.toLowerCase();
  const labels = columns.find(({ key, node }) => node.kind === "labels" && low.startsWith(`${key}.`));
  if (labels) return labels.key + name.slice(labels.key.length);
  return columns.find(({ key, node }) => node.kind !== "labels" && key.toLowerCase() === low)?.key ?? name;
}

/** Those that entries have something in, and those that they must have. */
export function usedColumns(entries: readonly Json[], columns: readonly CsvColumn[]): readonly CsvColumn[] {
  return columns.flatMap((column): readonly CsvColumn[] => {
    if (column.node.kind !== "labels") {
      return column.isRequired || entries.some((each) => valueAt(each, column.path) !== undefined) ? [column] : [];
    }
    const names = new Set(entries.flatMap((each) => {
      const labels = valueAt(each, column.path);
      return isObject(labels) ? Object.keys(labels) : [];
    }));
    return [...names].sort().flatMap((name) => columnNamed(`${column.key}.${name}`, columns) ?? []);
  });
}

/** Undefined where nothing is set. */
export function valueAt(entry: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = entry;
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  return value === null ? undefined : value;
}

/** `entry` with a value at a path. */
export function withValueAt(entry: JsonObject, [key = "", ...rest]: readonly string[], value: Json): JsonObject {
  if (rest.length === 0) return { ...entry, [key]: value };
  const inner = entry[key];
  return { ...entry, [key]: withValueAt(isObject(inner) ? inner : {}, rest, value) };
}
