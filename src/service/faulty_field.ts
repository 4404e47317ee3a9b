import { AuthError, ConfigError, ConnectionError, type EdgeError, TimeoutError } from "../core/error.ts";
import type { SourceConfig, SourceSpec } from "../core/source.ts";

/** By which peers refuse a user. */
const LOGIN_CODES = new Set(["mqtt_login_refused", "mqtt_not_authorized", "opcua_refused"]);

/** The setting of a source to look at when it cannot be read, relative to its entry; undefined where it is none in particular. */
export function faultyField(
  error: EdgeError,
  { spec, config: { settings } }: { readonly spec: SourceSpec; readonly config: SourceConfig },
): string | undefined {
  if (error instanceof ConfigError) return error.path;
  if (error instanceof ConnectionError || error instanceof TimeoutError) return "endpoint";
  const hasUser = typeof settings === "object" && settings !== null && "username" in settings;
  return error instanceof AuthError && hasUser && LOGIN_CODES.has(error.code) ? `${spec.type}.username` : undefined;
}
