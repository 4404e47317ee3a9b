/** What is wrong with sources beyond their schema. */
import { SOURCES } from "../sources/mod.ts";
import type { Fault } from "./issue_text.ts";
import { anyEntrySchema, toSourceEntry } from "./source_entry.ts";
import { isObject, valueAt } from "./walk.ts";

const entrySchema = anyEntrySchema(SOURCES);

/** What each source that is right by itself asks for and this version cannot do. Of a disabled one it is worth a warning only. */
export function unsupported(
  value: unknown,
): { readonly errors: readonly Fault[]; readonly warnings: readonly Fault[] } {
  const sources = valueAt(value, ["sources"]);
  const found = (Array.isArray(sources) ? sources : []).flatMap((source, index) => {
    const parsed = entrySchema.safeParse(source);
    if (!parsed.success) return [];
    const { spec, config, isEnabled } = toSourceEntry(parsed.data, SOURCES);
    return spec.unsupported(config).map(({ path, message }) => ({
      isEnabled,
      fault: { path: ["sources", index, ...path], message },
    }));
  });
  return {
    errors: found.filter(({ isEnabled }) => isEnabled).map(({ fault }) => fault),
    warnings: found.filter(({ isEnabled }) => !isEnabled).map(({ fault }) => fault),
  };
}

/** A block of another protocol in an entry: that says more than that its key is unknown. */
export function withMisplacedBlock(fault: Fault, value: unknown): Fault {
  const [block, index, key, ...deeper] = fault.path;
  const other = SOURCES.find(({ type }) => type === key);
  const entry = valueAt(value, [block ?? "", index ?? ""]);
  if (block !== "sources" || !other || deeper.length > 0 || !isObject(entry)) return fault;
  const own = SOURCES.find(({ type }) => type === entry.protocol);
  if (!own || own === other || !Object.hasOwn(entry, other.type)) return fault;
  return { ...fault, message: `belongs to protocol ${other.type}, and this source's protocol is ${own.type}` };
}
