import { ApiError, read, request } from "./api.ts";
import type { Json, JsonObject, Schema } from "./form_model.ts";

/** The configuration that holds now, secrets as `***`. */
export interface CurrentConfig {
  readonly config: JsonObject;
  /** Where values come from, by path; what is not named is the default. */
  readonly origins: Readonly<Record<string, "yaml" | "state">>;
  /** The YAML's name. */
  readonly file: string;
  readonly read_only: boolean;
  /** Values of the YAML in whose place a change stands, by path. */
  readonly hidden: readonly string[];
  /** Keys that take effect without a new start of the connector. */
  readonly live: readonly string[];
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
  /** What it is a plan for. */
  readonly version?: string;
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
  /** In the history; null where nothing changed. */
  readonly id?: string | null;
  readonly state?: "applied" | "restarting";
  /** Only where the way to the pages changes: else it is taken back. */
  readonly confirm?: { readonly within_seconds: number; readonly address: string; readonly text: string };
}

/** A change as the history tells it. */
export interface ConfigChange {
  readonly id: string;
  readonly time: string;
  readonly author: string;
  readonly kind: "change" | "rollback" | "reload";
  readonly diff: string;
  /** Why it was taken back; null where it holds. */
  readonly failure: string | null;
}

export interface ChangePage {
  readonly total: number;
  readonly items: readonly ConfigChange[];
  readonly next: string | null;
}

/** @throws {ApiError} */
export function readHistory(limit: number, next: string | undefined, signal?: AbortSignal): Promise<ChangePage> {
  const after = next === undefined ? "" : `&next=${encodeURIComponent(next)}`;
  return read(`/api/config/history?limit=${limit}${after}`, signal);
}

const SETTLE_MS = 700;
/** A new start has half a minute before it is taken back; then the old one starts. */
const SETTLE_TRIES = 130;

/**
 * Waits for the end of a change for which the connector starts anew: undefined once it holds, else why it was taken back.
 * @throws {ApiError} when that is not told
 */
export async function settled({ id, state }: Applied): Promise<string | undefined> {
  if (state !== "restarting" || !id) return undefined;
  for (let tries = 1;; tries++) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    try {
      const change = (await readHistory(10, undefined)).items.find((each) => each.id === id);
      if (change) return change.failure ?? undefined;
    } catch (error) {
      if (tries >= SETTLE_TRIES || !isAway(error)) throw error;
    }
    if (tries >= SETTLE_TRIES) return "The history does not tell yet whether it holds: look there again later.";
  }
}

/** What requests meet while listeners are opened anew. */
function isAway(error: unknown): boolean {
  return error instanceof ApiError && (error.problem.status === 0 || error.problem.status >= 502);
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

/** How it was before a change, against now: what going back to it would do. @throws {ApiError} */
export function planRollback(id: string): Promise<Plan> {
  return read(`/api/config/history/${encodeURIComponent(id)}/plan`);
}

/** @throws {ApiError} as `applyChange` */
export async function rollBack(id: string, { version, evenIfDown }: ApplyOptions): Promise<Applied> {
  const address = `/api/config/rollback/${encodeURIComponent(id)}${evenIfDown ? "?even_if_down=true" : ""}`;
  return (await request<Applied>("POST", address, { ifMatch: version })).body ?? {};
}

/** A configuration from elsewhere, as a change of the one here. */
export interface Import {
  readonly patch: JsonObject;
  readonly secrets: readonly { readonly path: string; readonly is_kept: boolean }[];
  readonly stays: readonly string[];
}

/** @throws {ApiError} with everything that is wrong with the text */
export async function readImport(yaml: string): Promise<Import> {
  return (await request<Import>("POST", "/api/config/import", { body: { yaml } })).body;
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
