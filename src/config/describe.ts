import { stringify } from "yaml";
import { Secret } from "../lib/secret.ts";
import type { Config } from "./schema.ts";
import { isObject } from "./walk.ts";

/** The configuration as it takes effect, as YAML; secrets are `***`. */
export function effectiveYaml(config: Config): string {
  return stringify(shown(config), { lineWidth: 120 });
}

function shown(value: unknown): unknown {
  if (value instanceof Secret) return value.isEmpty ? "" : String(value);
  if (Array.isArray(value)) return value.map(shown);
  if (!isObject(value)) return typeof value === "string" ? withoutPassword(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each)]));
}

/** Addresses may hold a password: `http://user:password@proxy:3128`. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/@\s]*):[^@/\s]*@/i, "$1:***@");
}
