import { nearest } from "./nearest.ts";
import { isObject } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** Beginnings of the names that may stand in `${…}`; others are refused, so that a file cannot read all there is. */
export const ENV_PREFIXES = ["DATABRICKS_", "OPCUA_", "MQTT_", "MODBUS_", "IOT_"] as const;
const ENV_NAMES: readonly string[] = ["HOSTNAME"];
/** A secret is not larger. */
const MAX_FILE_CHARS = 65_536;

export interface ExpandDeps {
  env(name: string): string | undefined;
  /** @throws when the file cannot be read */
  readTextFile(path: string): Promise<string>;
}

export interface Expanded {
  readonly value: unknown;
  /** Paths of the values that something was put into. */
  readonly expanded: readonly Path[];
  readonly faults: readonly { readonly path: Path; readonly message: string }[];
}

/** Puts the environment and files into every text of a document: `${VAR}`, `${VAR:-default}`, `${file:/run/secrets/x}`; `$${` stays `${`. */
export async function expand(value: unknown, deps: ExpandDeps): Promise<Expanded> {
  const expanded: Path[] = [];
  const faults: { path: Path; message: string }[] = [];
  const walk = async (each: unknown, path: Path): Promise<unknown> => {
    if (Array.isArray(each)) return await Promise.all(each.map((item, i) => walk(item, [...path, i])));
    if (isObject(each)) {
      const pairs = Object.entries(each).map(async ([key, item]) => [key, await walk(item, [...path, key])]);
      return Object.fromEntries(await Promise.all(pairs));
    }
    if (typeof each !== "string" || !each.includes("${")) return each;
    try {
      const text = await expandText(each, deps);
      expanded.push(path);
      return text;
    } catch (error) {
      if (!(error instanceof ExpandFault)) throw error;
      faults.push({ path, message: error.message });
      return each;
    }
  };
  return { value: await walk(value, []), expanded, faults };
}

/** A reference that cannot be followed. */
class ExpandFault extends Error {}

async function expandText(text: string, deps: ExpandDeps): Promise<string> {
  let result = "";
  let at = 0;
  for (const match of text.matchAll(/\$\$\{|\$\{([^}]*)\}?/g)) {
    result += text.slice(at, match.index);
    at = match.index + match[0].length;
    result += match[0] === "$${" ? "${" : await follow(match[0], match[1] ?? "", deps);
  }
  return result + text.slice(at);
}

function follow(whole: string, inner: string, deps: ExpandDeps): string | Promise<string> {
  if (!whole.endsWith("}")) throw new ExpandFault("a ${ without its }: write $${ for the characters themselves");
  if (inner.startsWith("file:")) return fromFile(inner.slice("file:".length), deps);
  const [, name = "", , otherwise] = inner.match(/^([A-Za-z_][A-Za-z0-9_]*)(:-([\s\S]*))?$/) ?? [];
  if (name === "") throw new ExpandFault("what stands in ${…} is no name of a variable, and no file:PATH");
  if (!ENV_NAMES.includes(name) && !ENV_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    throw new ExpandFault(notAllowed(name));
  }
  const value = deps.env(name) ?? otherwise;
  if (value === undefined) {
    throw new ExpandFault(`the environment variable ${name} is not set: set it, or write \${${name}:-default}`);
  }
  return value;
}

function notAllowed(name: string): string {
  const like = nearest(name.slice(0, name.indexOf("_") + 1), ENV_PREFIXES);
  const hint = like ? `; did you mean ${like}${name.slice(name.indexOf("_") + 1)}?` : "";
  return `the variable ${name} may not be used: names must begin with ${ENV_PREFIXES.join(", ")}${hint}`;
}

async function fromFile(path: string, { readTextFile }: ExpandDeps): Promise<string> {
  if (!path.startsWith("/run/secrets/") && !path.startsWith("/run/credentials/")) {
    throw new ExpandFault("a file in ${file:…} must stand under /run/secrets/ or /run/credentials/");
  }
  if (path.split("/").includes("..")) throw new ExpandFault("a file in ${file:…} must be named without '..'");
  let text: string;
  try {
    text = await readTextFile(path);
  } catch {
    throw new ExpandFault(`cannot read ${path}: is the secret mounted, and may this user read it?`);
  }
  if (text.length > MAX_FILE_CHARS) throw new ExpandFault(`${path} is too large for a secret`);
  return text.replace(/\r?\n$/, "");
}
