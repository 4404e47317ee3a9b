/** The texts of a state, of which some are secrets. */
import { z } from "zod";
import { mergeConfig, type Merged, type StatePatch } from "./merge.ts";
import { isObject, metaOf, schemaUnder, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

type Schema = z.core.$ZodType;

/** A text of a state. */
export interface StateText {
  readonly text: string;
  readonly isSecret: boolean;
  /** An address in which a password may stand. */
  readonly isAddress: boolean;
  /** In the state. */
  readonly path: Path;
}

/** What becomes of a text; undefined takes it out. */
export type TextChange = (text: StateText) => string | undefined;

export interface StateSubject {
  readonly schema: Schema;
  /** What the state lies over: that decides which keys are secrets, since a source's protocol may stand there. */
  readonly document: unknown;
}

/** A copy of a state in which every text was changed so. */
export function mapTexts(state: StatePatch, { schema, document }: StateSubject, change: TextChange): StatePatch {
  const merged = mergeConfig(document, state);
  const places = placesOf(merged, state);
  const { sources, ...rest } = state;
  const whole = mapped(rest, { schema, value: merged.value, path: [], change }) as Record<string, unknown>; // of an object
  if (!Array.isArray(sources)) return sources === undefined ? whole : { ...whole, sources };
  const list = schemaUnder(schema, merged.value, "sources");
  return {
    ...whole,
    sources: sources.map((source, index) => {
      const value = valueAt(merged.value, ["sources", places.get(index) ?? -1]) ?? source;
      const entry = list && schemaUnder(list, [value], 0);
      return mapped(source, { schema: entry, value, path: ["sources", index], change });
    }),
  };
}

/** Where each source of the state has got to. */
function placesOf(merged: Merged, state: StatePatch): Map<number, number> {
  const sources = valueAt(merged.value, ["sources"]);
  const places = new Map<number, number>();
  if (!Array.isArray(sources) || !Array.isArray(state.sources)) return places;
  for (const at of sources.keys()) {
    const [, index] = merged.inPatch(["sources", at]) ?? [];
    if (typeof index === "number") places.set(index, at);
  }
  return places;
}

interface Walk {
  /** Undefined where the schema knows nothing of it. */
  readonly schema: Schema | undefined;
  /** What stands there once all is merged. */
  readonly value: unknown;
  readonly path: Path;
  readonly change: TextChange;
}

function mapped(item: unknown, walk: Walk): unknown {
  const { schema, path, change } = walk;
  if (typeof item === "string") {
    const { secret, holdsPassword } = schema ? metaOf(schema) : {};
    return change({ text: item, isSecret: secret === true, isAddress: holdsPassword === true, path });
  }
  if (Array.isArray(item)) return item.map((each, index) => mapped(each, under(walk, item, index)));
  if (!isObject(item)) return item;
  return Object.fromEntries(
    Object.entries(item).flatMap(([key, each]) => {
      const value = mapped(each, under(walk, walk.value, key));
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function under({ schema, path, change }: Walk, value: unknown, key: string | number): Walk {
  return {
    schema: schema && schemaUnder(schema, value, key),
    value: valueAt(value, [key]),
    path: [...path, key],
    change,
  };
}
