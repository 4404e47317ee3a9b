/** A place in a JSON document: member names and array indexes, from the outside in. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,9})\]|\['([^']*)'\]/y;

/**
 * Reads a path. Written as in RFC 9535, one value only: `$.name`, `$['any name']`, `$[0]`, one after another.
 *
 * ```ts
 * parseJsonPath("$.a.b[0]"); // ["a", "b", 0]
 * ```
 * @returns undefined when `text` is none
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith("$")) return undefined;
  const path: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const [, name, index, quoted] = STEP.exec(text) ?? [];
    const step = name ?? quoted ?? (index === undefined ? undefined : Number(index));
    if (step === undefined) return undefined;
    path.push(step);
  }
  return path;
}

/**
 * What paths begin at where a document holds several rows: `$` the document, `@` the row's own part of it. As RFC 9535, 2.3.5
 * writes it.
 */
export type RowScope = { readonly $: unknown; readonly "@": unknown };

/**
 * Reads a path of a document that holds several rows.
 *
 * ```ts
 * parseRowPath("@.v"); // ["@", "v"], a path within a RowScope
 * ```
 * @returns undefined when `text` is none
 */
export function parseRowPath(text: string): JsonPath | undefined {
  const path = text.startsWith("@") ? parseJsonPath(`$${text.slice(1)}`) : parseJsonPath(text);
  return path && [text.startsWith("@") ? "@" : "$", ...path];
}

/** The value at `path`; undefined where there is none. */
export function valueAt(document: unknown, path: JsonPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    if (Array.isArray(value) && typeof step === "string") return undefined;
    value = (value as Record<string | number, unknown>)[step]; // an object, and the member is its own
  }
  return value;
}
