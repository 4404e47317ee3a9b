/** What is wrong with sources beyond their schema. */
import type { Unsupported } from "../core/source.ts";
import { SOURCES } from "../sources/mod.ts";
import type { Fault } from "./issue_text.ts";
import { anyEntrySchema, type SourceEntry, toSourceEntry } from "./source_entry.ts";
import { isObject, valueAt } from "./walk.ts";

const entrySchema = anyEntrySchema(SOURCES);

/** An entry of `sources` that is right by itself, and its place there. */
interface Placed {
  readonly index: number;
  readonly entry: SourceEntry;
}

/** What each source that is right by itself asks for and cannot have. Of a disabled one it is worth a warning only. */
export function sourceFaults(
  value: unknown,
): { readonly errors: readonly Fault[]; readonly warnings: readonly Fault[] } {
  const sources = valueAt(value, ["sources"]);
  const placed = (Array.isArray(sources) ? sources : []).flatMap((source, index): Placed[] => {
    const parsed = entrySchema.safeParse(source);
    return parsed.success ? [{ index, entry: toSourceEntry(parsed.data, SOURCES) }] : [];
  });
  const enabled = placed.filter(({ entry }) => entry.isEnabled);
  const disabled = placed.filter(({ entry }) => !entry.isEnabled);
  return {
    errors: [...enabled.flatMap(ownFaults), ...clashes(enabled)],
    warnings: [...disabled.flatMap(ownFaults), ...enabled.flatMap(cautions)],
  };
}

function ownFaults({ index, entry }: Placed): Fault[] {
  const faults = [...nothingToRead(entry), ...paceOfNothing(entry), ...sameEndpoints(entry), ...unsupported(entry)];
  return faults.map(({ path, message }) => ({ path: ["sources", index, ...path], message }));
}

function cautions({ index, entry }: Placed): Fault[] {
  const { spec, config, alternates } = entry;
  const said = [...slowLimit(entry), ...[config, ...alternates].flatMap((each) => spec.cautions?.(each) ?? [])];
  const texts = new Map(said.map((caution) => [caution.message, caution])); // the same at two endpoints is said once
  return [...texts.values()].map(({ path, message }) => ({ path: ["sources", index, ...path], message }));
}

/** A limit that holds the source back all the time. */
function slowLimit({ spec, config, rateLimit: { readings_per_second: most } }: SourceEntry): Unsupported[] {
  const asked = spec.readingsPerSecond?.(config) ?? 0;
  if (most === null || asked <= most) return [];
  const message = `is less than the ${Math.ceil(asked)} values per second that ${spec.type}.${spec.list} asks for: ` +
    "polls are skipped all the time; raise it, or poll less often";
  return [{ path: ["rate_limit", "readings_per_second"], message }];
}

/** At each of its endpoints; what is wrong whichever it is, once. */
function unsupported({ spec, config, alternates }: SourceEntry): Unsupported[] {
  const first = spec.unsupported(config);
  const known = new Set(first.map(({ path }) => path.join(".")));
  const further = alternates.flatMap((alternate, i) =>
    spec.unsupported(alternate)
      .filter(({ path }) => !known.has(path.join(".")) || path[0] === "endpoint")
      .map(({ path, message }) => ({ path: path[0] === "endpoint" ? ["endpoints", i] : path, message }))
  );
  return [...first, ...further];
}

/** An empty list of what is read: an error where the source is enabled, and fine where it is there to be looked through. */
function nothingToRead({ spec: { type, list }, config: { settings } }: SourceEntry): Unsupported[] {
  const entries = valueAt(settings, [list]);
  if (!Array.isArray(entries) || entries.length > 0) return [];
  const message = `is empty: list what to read (iot-connector browse NAME prints ${list} to choose from), ` +
    "or set enabled: false until then";
  return [{ path: [type, list], message }];
}

function paceOfNothing({ spec, rateLimit }: SourceEntry): Unsupported[] {
  if (spec.isPaced || rateLimit.requests_per_second === null) return [];
  const message = `has no effect on protocol ${spec.type}, which asks for nothing: set readings_per_second`;
  return [{ path: ["rate_limit", "requests_per_second"], message }];
}

function sameEndpoints({ config, alternates }: SourceEntry): Unsupported[] {
  const all = [config, ...alternates].map(({ endpoint }) => endpoint);
  return alternates.flatMap(({ endpoint }, i) => {
    const twin = all.indexOf(endpoint);
    if (twin > i) return [];
    const where = twin === 0 ? "endpoint" : `endpoints[${twin - 1}]`;
    return [{ path: ["endpoints", i], message: `must be another address: ${where} is ${endpoint} too` }];
  });
}

/** Two sources that would take the same thing from each other, by any of their endpoints. */
function clashes(placed: readonly Placed[]): Fault[] {
  const owners = new Map<string, Placed>();
  return placed.flatMap(({ index, entry }) => {
    const { spec, config, alternates } = entry;
    const further = alternates.flatMap((each, i) => (
      (spec.resources?.(each) ?? []).map((held) => ({
        ...held,
        path: held.path[0] === "endpoint" ? ["endpoints", i] : held.path,
      }))
    ));
    const held = [...spec.resources?.(config) ?? [], ...further];
    return held.flatMap(({ name, path }) => {
      const owner = owners.get(name);
      if (!owner) owners.set(name, { index, entry });
      if (!owner || owner.index === index) return [];
      const message = `cannot be shared: sources[${owner.index}] (${owner.entry.config.name}) holds ${name} too`;
      return [{ path: ["sources", index, ...path], message }];
    });
  });
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
