import type { SecretSource } from "../core/secret_source.ts";
import { nearest } from "../lib/nearest.ts";
import type { Config } from "./schema.ts";
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
  /** Secrets of a store, by what a configuration says of it. Not there: none is asked. */
  storeOf?(config: Config): Promise<SecretSource>;
}

export interface Expanded {
  readonly value: unknown;
  /** Paths of the values that something was put into. */
  readonly expanded: readonly Path[];
  readonly faults: readonly { readonly path: Path; readonly message: string }[];
  /** Secrets of a store elsewhere, which are followed while the connector runs. */
  readonly followed: readonly { readonly path: Path; readonly name: string }[];
}

/** The whole text of a secret that stands in a store: `${secret:name}`, `${secret:path#name}`. */
const IN_STORE = /^\$\{secret:([A-Za-z0-9_.\/-]{1,400}(#[A-Za-z0-9_.-]{1,200})?)\}$/;

/**
 * Puts the environment and files into every text of a document: `${VAR}`, `${VAR:-default}`, `${env:VAR}`,
 * `${file:/run/secrets/x}`, `${credential:x}`; `$${` stays `${`. What stands in a store is left as it is, and named.
 */
export async function expand(value: unknown, deps: ExpandDeps): Promise<Expanded> {
  const expanded: Path[] = [];
  const faults: { path: Path; message: string }[] = [];
  const followed: { path: Path; name: string }[] = [];
  const replace = async (text: string, path: Path): Promise<string> => {
    const name = IN_STORE.exec(text)?.[1];
    if (name !== undefined) {
      followed.push({ path, name });
      return text;
    }
    try {
      const whole = await expandText(text, deps);
      expanded.push(path);
      return whole;
    } catch (error) {
      if (!(error instanceof ExpandFault)) throw error;
      faults.push({ path, message: error.message });
      return text;
    }
  };
  return { value: await walked(value, { replace, path: [] }), expanded, faults, followed };
}

interface Walk {
  replace(text: string, path: Path): Promise<string>;
  readonly path: Path;
}

/** A promise only for what has a reference in it: most of a long list has none. */
function walked(value: unknown, { replace, path }: Walk): unknown {
  if (typeof value === "string") return value.includes("${") ? replace(value, path) : value;
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).map(([key, item]): [string, unknown] => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return [key, walked(item, { replace, path: here })];
  });
  if (pairs.every(([key, item]) => item === Reflect.get(value, key))) return value;
  return settled(value, pairs);
}

async function settled(value: object, pairs: readonly [string, unknown][]): Promise<unknown> {
  const items = await Promise.all(pairs.map(([, item]) => item));
  return Array.isArray(value) ? items : Object.fromEntries(pairs.map(([key], i) => [key, items[i]]));
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
  if (inner.startsWith("credential:")) return fromFile(credentialPath(inner.slice("credential:".length), deps), deps);
  if (inner.startsWith("secret:")) throw new ExpandFault("a ${secret:NAME} must be all of the value, and NAME a name");
  const [, name = "", , otherwise] = inner.match(/^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(:-([\s\S]*))?$/) ?? [];
  if (name === "") {
    throw new ExpandFault(
      "what stands in ${…} is no name of a variable, and no file:PATH, credential:NAME or secret:NAME",
    );
  }
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

/** systemd puts the credentials of a service into a directory of its own (systemd.exec(5), "Credentials"). */
function credentialPath(name: string, { env }: ExpandDeps): string {
  if (!/^[A-Za-z0-9_.-]{1,255}$/.test(name) || name.startsWith(".")) {
    throw new ExpandFault(
      "a credential in ${credential:…} must be named by letters, digits, dots, dashes and underscores",
    );
  }
  const directory = env("CREDENTIALS_DIRECTORY");
  if (directory) return `${directory}/${name}`;
  const advice = `give the unit LoadCredential=${name}:/path or LoadCredentialEncrypted=`;
  throw new ExpandFault(`there is no credential ${name}: systemd gave none to this service; ${advice}`);
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
