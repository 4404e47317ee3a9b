/** What no single block of the configuration can say. */
import { messageNamed } from "../bronze/mod.ts";
import { SOURCES } from "../sources/mod.ts";
import type { Fault } from "./issue_text.ts";
import { gui } from "./gui.ts";
import { monitoring } from "./monitoring.ts";
import { nearest } from "../lib/nearest.ts";
import { ownFileFaults } from "./own_files.ts";
import { isObject, valueAt } from "./walk.ts";

/**
 * Looks at the document, not at the parsed configuration: so it also speaks while other things are wrong. `file`: the YAML,
 * seen from the home directory; undefined where it stands elsewhere.
 */
export function faultsAcross(value: unknown, file?: string): Fault[] {
  return [
    ...twins(value),
    ...nowhereToWrite(value),
    ...requiredOfNoRow(value),
    ...samePort(value),
    ...ownFileFaults(value, file),
  ];
}

function sourcesOf(value: unknown): readonly unknown[] {
  const sources = valueAt(value, ["sources"]);
  return Array.isArray(sources) ? sources : [];
}

function twins(value: unknown): Fault[] {
  const seen = new Map<unknown, number>();
  return sourcesOf(value).flatMap((source, index) => {
    const name = valueAt(source, ["name"]);
    const twin = seen.get(name);
    if (twin === undefined) seen.set(name, index);
    if (twin === undefined || name === undefined) return [];
    return [{ path: ["sources", index, "name"], message: `must be unique: sources[${twin}] has the same name` }];
  });
}

function nowhereToWrite(value: unknown): Fault[] {
  const zerobus = valueAt(value, ["zerobus"]);
  const toZerobus = isObject(zerobus) && zerobus.enabled !== false;
  const toFile = valueAt(value, ["local_sink", "enabled"]) === true;
  const isRead = sourcesOf(value).some((source) => isObject(source) && source.enabled !== false);
  if (toZerobus || toFile || !isRead) return [];
  const message =
    "there is nowhere to write to: set zerobus.enabled to true for Databricks, or local_sink.enabled to true for a file";
  return [{ path: ["sources"], message }];
}

/** Required columns that rows of no configured source have; of no protocol at all where no source is configured. */
function requiredOfNoRow(value: unknown): Fault[] {
  const path = ["processing", "validation", "required_fields"];
  const required = valueAt(value, path);
  if (!Array.isArray(required) || valueAt(value, ["processing", "validation", "enabled"]) === false) return [];
  const columns = columnsOf(value);
  return required.flatMap((name, index) => {
    if (typeof name !== "string" || columns.includes(name)) return [];
    const like = nearest(name, columns);
    const help = like ? `did you mean ${like}?` : `docs/sql/create_tables.sql names the columns`;
    return [{ path: [...path, index], message: `no row of the configured sources has a column ${name}; ${help}` }];
  });
}

/** A listener that is open unless one of these switches is off. */
interface Listener {
  readonly path: readonly string[];
  /** Where the file says nothing else. */
  readonly usual: { readonly bind: string; readonly port: number };
  readonly switches: readonly (readonly string[])[];
}

const PROMETHEUS = ["monitoring", "metrics", "prometheus"];
const LISTENERS: readonly Listener[] = [
  { path: ["gui"], usual: gui.parse({}), switches: [["gui", "enabled"]] },
  {
    path: PROMETHEUS,
    usual: monitoring.parse({}).metrics.prometheus,
    switches: [["monitoring", "metrics", "enabled"], [...PROMETHEUS, "enabled"]],
  },
];

/** Two listeners that would take each other's port: the second is refused, with the place of both. */
function samePort(value: unknown): Fault[] {
  const open = LISTENERS.filter(({ switches }) => switches.every((path) => valueAt(value, path) !== false));
  return open.flatMap((listener, i) => {
    const twin = open.slice(0, i).find((other) => isTaken(placeOf(value, listener), placeOf(value, other)));
    if (!twin) return [];
    const { bind, port } = placeOf(value, twin);
    const message = `must be another port: ${twin.path.join(".")} listens on ${bind} port ${port} too`;
    return [{ path: [...listener.path, "port"], message }];
  });
}

function placeOf(value: unknown, { path, usual }: Listener): { readonly bind: unknown; readonly port: unknown } {
  return {
    bind: valueAt(value, [...path, "bind"]) ?? usual.bind,
    port: valueAt(value, [...path, "port"]) ?? usual.port,
  };
}

const EVERY_ADDRESS: readonly unknown[] = ["0.0.0.0", "::"];

function isTaken(one: ReturnType<typeof placeOf>, other: ReturnType<typeof placeOf>): boolean {
  if (one.port !== other.port) return false;
  return one.bind === other.bind || EVERY_ADDRESS.includes(one.bind) || EVERY_ADDRESS.includes(other.bind);
}

/** The columns of the rows of these sources, or of every protocol where there is none. */
function columnsOf(value: unknown): string[] {
  const protocols = new Set(sourcesOf(value).map((source) => valueAt(source, ["protocol"])));
  const configured = SOURCES.filter(({ type }) => protocols.has(type));
  const specs = configured.length > 0 ? configured : SOURCES;
  return specs.flatMap(({ message }) => messageNamed(message).fields.map(({ name }) => name));
}
