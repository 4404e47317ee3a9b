import { read, request } from "./api.ts";
import type { JsonObject } from "./form_model.ts";
import type { ToldError } from "./status.ts";

/** A configured source, and how it stands. */
export interface SourceItem {
  readonly name: string;
  readonly protocol: string;
  readonly enabled: boolean;
  readonly endpoint: string;
  readonly endpoints: readonly string[];
  readonly state: string;
  readonly since: string | null;
  readonly connected_endpoint: string | null;
  readonly records_read: number;
  readonly failing_tags: number;
  readonly last_reading: string | null;
  readonly next_attempt: string | null;
  readonly last_error: ToldError | null;
}

interface SourcePage {
  readonly items: readonly SourceItem[];
  readonly next: string | null;
}

const PER_REQUEST = 1000;

/** All of them. @throws {ApiError} */
export async function readSources(signal: AbortSignal): Promise<readonly SourceItem[]> {
  const found: SourceItem[] = [];
  let next: string | null = "";
  while (next !== null) {
    const after: string = next === "" ? "" : `&next=${encodeURIComponent(next)}`;
    const page: SourcePage = await read(`/api/sources?limit=${PER_REQUEST}${after}`, signal);
    found.push(...page.items);
    next = page.next;
  }
  return found;
}

function addressOf(name: string, rest: string): string {
  return `/api/sources/${encodeURIComponent(name)}/${rest}`;
}

/** @throws {ApiError} */
export function readSource(name: string, signal: AbortSignal): Promise<SourceItem> {
  return read(addressOf(name, "status"), signal);
}

/** @throws {ApiError} */
export async function switchSource(name: string, isOn: boolean): Promise<void> {
  await request("POST", addressOf(name, isOn ? "start" : "stop"), { body: {} });
}

export interface LookSample {
  readonly tag: string;
  readonly time: string;
  readonly value: string;
  readonly unit: string;
  readonly type: string;
  readonly status: string;
}

/** What a device said within some seconds. */
export interface Look {
  readonly endpoint: string | null;
  /** It was only connected to: nothing is listed to read yet. */
  readonly lists_nothing: boolean;
  readonly samples: readonly LookSample[];
  readonly refused: readonly { readonly tag: string; readonly reason: string }[];
  readonly no_value: readonly { readonly tag: string; readonly reason: string }[];
  readonly error: LookError | null;
}

/** Why a device cannot be looked at. */
export interface LookError {
  readonly code: string;
  readonly message: string;
  /** The setting to look at, relative to the source. */
  readonly path: string | null;
}

/** @throws {ApiError} */
export async function testSource(name: string, seconds: number): Promise<Look> {
  return (await request<Look>("POST", addressOf(name, "test"), { body: { seconds } })).body;
}

export interface BrowseNode {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** null: only looking tells. */
  readonly has_children: boolean | null;
  readonly data_type?: string;
  readonly sample?: { readonly value: string };
  readonly configure?: { readonly list: string; readonly entry: JsonObject };
}

export interface BrowsePage {
  readonly nodes: readonly BrowseNode[];
  /** Whether there is more than was asked for. */
  readonly is_cut: boolean;
}

/** @throws {ApiError} */
export async function browseSource(name: string, under: string | undefined): Promise<BrowsePage> {
  const body = { limit: 5000, ...(under === undefined ? {} : { under }) };
  return (await request<BrowsePage>("POST", addressOf(name, "browse"), { body })).body;
}
