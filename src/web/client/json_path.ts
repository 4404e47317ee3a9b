/** Values by the paths that the connector tells of them: `sources[0].mqtt.password`. */
import type { Json, JsonObject } from "./form_model.ts";
import { isObject } from "./form_value.ts";

function keysOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? key! : Number(index)
  );
}

/** Undefined where nothing is. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  return keysOf(path).reduce<Json | undefined>((here, key) => {
    if (typeof key === "number") return Array.isArray(here) ? here[key] : undefined;
    return isObject(here) ? here[key] : undefined;
  }, value);
}

/** `value` with another one at `path`; objects on the way are made where there are none. */
export function withValueAt(value: JsonObject, path: string, put: Json): JsonObject {
  return placed(value, keysOf(path), put) as JsonObject; // the first key is one of an object
}

function placed(value: Json | undefined, [key, ...rest]: readonly (string | number)[], put: Json): Json {
  if (key === undefined) return put;
  if (typeof key === "number") {
    const items = Array.isArray(value) ? [...value] : [];
    items[key] = placed(items[key], rest, put);
    return items;
  }
  const members = isObject(value) ? value : {};
  return { ...members, [key]: placed(members[key], rest, put) };
}
