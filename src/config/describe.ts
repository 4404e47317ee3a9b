import { stringify } from "yaml";
import { Secret } from "../lib/secret.ts";
import type { Config } from "./schema.ts";
import { hidePasswordOf } from "./secrecy.ts";
import { isObject } from "./walk.ts";

/** The configuration as it takes effect, as YAML; secrets are `***`. */
export function effectiveYaml(config: Config): string {
  return stringify(shown(config), { lineWidth: 120 });
}

/** Makes `JSON.stringify` tell of a configuration what `effectiveYaml` tells, and no more: addresses may hold passwords. */
export function guarded(config: Config): Config {
  return Object.defineProperty(config, "toJSON", { value: () => shown(config) });
}

/** The configuration as it takes effect, as plain values; secrets are `***`. */
export function shownConfig(config: Config): Record<string, unknown> {
  return shown(config) as Record<string, unknown>; // of an object
}

/** Secrets are `***`, and passwords in addresses. */
export function shown(value: unknown): unknown {
  if (value instanceof Secret) return value.isEmpty ? "" : String(value);
  if (typeof value === "string") return hidePasswordOf(value);
  if (Array.isArray(value)) return value.map(shown);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each)]));
}
