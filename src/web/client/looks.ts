/** Looks at devices with settings that need not be saved. */
import { lineGroupsIn, read, request, send } from "./api.ts";
import type { JsonObject } from "./form_model.ts";
import type { Look, LookError, LookSample } from "./sources.ts";

/** @throws {ApiError} with everything that is wrong with the settings */
export async function testDraft(source: JsonObject, seconds: number): Promise<Look> {
  return (await request<Look>("POST", "/api/draft/test", { body: { source, seconds } })).body;
}

/** The last readings of a source that runs, the newest first. @throws {ApiError} */
export async function readLatest(name: string, signal: AbortSignal): Promise<readonly LookSample[]> {
  const path = `/api/sources/${encodeURIComponent(name)}/sample?limit=200`;
  return (await read<{ readonly samples: readonly LookSample[] }>(path, signal)).samples;
}

export interface LabRegister {
  readonly address: number;
  readonly modicon: string;
  readonly raw: number;
  readonly values: readonly { readonly type: string; readonly values: readonly (string | null)[] }[];
  readonly entry: JsonObject;
}

export interface RegistersRead {
  readonly endpoint: string | null;
  readonly reading: { readonly unit: number; readonly registers: readonly LabRegister[] } | null;
  readonly error: LookError | null;
}

export interface LabWanted {
  readonly unit?: number;
  readonly table: string;
  readonly address: number;
  readonly addressing?: string;
  readonly count: number;
}

/** @throws {ApiError} */
export async function readLab(source: JsonObject, wanted: LabWanted): Promise<RegistersRead> {
  return (await request<RegistersRead>("POST", "/api/lab", { body: { source, ...wanted } })).body;
}

export interface HeardMessage {
  readonly topic: string;
  readonly time: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly bytes: number;
  readonly payload: { readonly format: "json" | "text" | "hex"; readonly text: string; readonly is_cut: boolean };
  readonly decoded: string | null;
  readonly rows: readonly LookSample[];
  readonly row_count: number;
  readonly reason: string | null;
  readonly missed: number;
}

export type Listened =
  | { readonly kind: "connected"; readonly endpoint: string }
  | ({ readonly kind: "message" } & HeardMessage)
  | { readonly kind: "end"; readonly error: LookError | null };

export interface ListenWanted {
  readonly source: JsonObject;
  readonly filter: string;
  readonly seconds: number;
  readonly messages: number;
}

/** What is told while the connector listens, until it ends or `signal` aborts. @throws {ApiError} */
export async function* listen(wanted: ListenWanted, signal: AbortSignal): AsyncIterable<readonly Listened[]> {
  try {
    yield* lineGroupsIn<Listened>(await send("POST", "/api/listen", { body: wanted, signal }), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
