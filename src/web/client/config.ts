import { request } from "./api.ts";
import type { Json, JsonObject, Schema } from "./form_model.ts";

/** The configuration that holds now, secrets as `***`. */
export interface CurrentConfig {
  readonly config: JsonObject;
  /** Where values come from, by path; what is not named is the default. */
  readonly origins: Readonly<Record<string, "yaml" | "state">>;
  /** The YAML's name. */
  readonly file: string;
  readonly read_only: boolean;
}

export interface Effects {
  readonly starts: readonly string[];
  readonly stops: readonly string[];
  readonly restarts: readonly string[];
  /** Blocks by which the whole connector starts anew. */
  readonly connector: readonly string[];
}

/** What a change would do. */
export interface Plan {
  readonly diff: string;
  readonly warnings: readonly string[];
  readonly effects: Effects;
}

export interface Versioned<T> {
  readonly value: T;
  readonly version: string | undefined;
}

/** @throws {ApiError} */
export async function readConfig(signal?: AbortSignal): Promise<Versioned<CurrentConfig>> {
  const { body, etag } = await request<CurrentConfig>("GET", "/api/config", signal ? { signal } : {});
  return { value: body, version: etag };
}

/** @throws {ApiError} with everything that is wrong */
export async function planChange(patch: JsonObject): Promise<Plan> {
  return (await request<Plan>("POST", "/api/config/plan", { body: patch })).body;
}

export interface Applied {
  readonly state?: "applied" | "restarting";
}

/** What the connector says of a change that it took back. */
export const NOT_APPLIED = "change_not_applied";

export interface ApplyOptions {
  readonly version: string | undefined;
  /** Keep the change although what is new does not start: its device may be away for now. */
  readonly evenIfDown: boolean;
}

/** @throws {ApiError} when it is refused, or was taken back because what is new did not start */
export async function applyChange(patch: JsonObject, { version, evenIfDown }: ApplyOptions): Promise<Applied> {
  const address = `/api/config${evenIfDown ? "?even_if_down=true" : ""}`;
  return (await request<Applied>("PUT", address, { body: patch, ifMatch: version })).body ?? {};
}

let schema: Promise<Schema> | undefined;

/** The JSON Schema of the configuration. @throws {ApiError} */
export function readSchema(): Promise<Schema> {
  const address = document.querySelector<HTMLMetaElement>('meta[name="config-schema"]')?.content ?? "";
  schema ??= request<Schema>("GET", address).then(({ body }) => body);
  return schema;
}

/** The source of that name in a configuration. */
export function sourceNamed(config: JsonObject, name: string): JsonObject | undefined {
  const sources: Json = config.sources ?? [];
  const found = Array.isArray(sources) ? sources.find((each) => each?.name === name) : undefined;
  return found as JsonObject | undefined; // the configuration was checked
}
