import { type BronzeValue, decodeRow, messageNamed } from "../bronze/mod.ts";
import { connectWithin, noAnswer } from "../core/connect_within.ts";
import type { Batch, Reading } from "../core/reading.ts";
import type { Encode, Source, SourceConfig, SourceDeps, SourceSpec } from "../core/source.ts";
import { asideOf } from "./aside.ts";
import { atAnyEndpoint } from "./any_endpoint.ts";
import { listsNothing } from "./lists_nothing.ts";

/** One of several endpoints has so long to answer: there are others to try. */
const ONE_OF_MANY_MS = 5000;
/** Columns of a row that only an accepted one has. */
const STAMPED = ["ingest_time", "edge_id", "boot_epoch", "seq"];

/** Characters of a cell that are shown; bytes come in three quarters of them as base64. */
const MAX_CELL = 1000;

/** One value that a device gave, as the row it would become. */
export interface Sample {
  readonly tag: string;
  /** ISO 8601, when it was so at the device. */
  readonly time: string;
  readonly value: string;
  readonly unit: string;
  /** As the protocol calls it; `number` or `text` where it has no word for it. */
  readonly type: string;
  /** The device's own word on it, where its protocol has one. */
  readonly status: string;
  /** All columns that it fills; of long texts and bytes the beginning, the text with … behind it. */
  readonly row: Readonly<Record<string, BronzeValue>>;
}

/** A message that would become a dead letter, and why. */
export interface Refused {
  readonly tag: string;
  readonly reason: string;
}

export type SampleBatch = { readonly samples: readonly Sample[]; readonly refused: readonly Refused[] };

export interface SampleOptions {
  readonly spec: SourceSpec;
  /** The source at each of its endpoints. */
  readonly places: readonly SourceConfig[];
  readonly deps: SourceDeps;
  /** Ends the sampling, connecting included. */
  readonly signal: AbortSignal;
  /** Told where it is connected. */
  connected?(endpoint: string): void;
}

/**
 * Connects to a device with a session of its own and gives what it reads, until the signal aborts. Nothing is sent
 * anywhere, and nothing is acknowledged to the device. Ends once it is connected where the source lists nothing to read.
 *
 * @throws {EdgeError} when the device cannot be reached, does not answer in time, refuses us, or is lost
 */
export async function* sampleSource(options: SampleOptions): AsyncIterable<SampleBatch> {
  const { spec, places, signal } = options;
  const { source, config } = await atAnyEndpoint(places, (place) => open(place, options), signal);
  await using session = source;
  if (!session) return;
  options.connected?.(config.endpoint);
  if (listsNothing(spec, config)) return; // that it connects is all there is to learn
  const encode = spec.encoder(config);
  for await (const batch of session.batches(signal)) {
    yield { samples: batch.readings.map((reading) => sampleOf(spec, encode, reading)), refused: refusedOf(batch) };
  }
}

interface Opened {
  readonly config: SourceConfig;
  /** Undefined when somebody wanted no more before it was connected. */
  readonly source: Source | undefined;
}

async function open(config: SourceConfig, { spec, places, deps, signal }: SampleOptions): Promise<Opened> {
  const adapter = await spec.load();
  const { endpoint } = config;
  const source = adapter.create(asideOf(spec, config, deps), deps);
  try {
    if (places.length === 1) await source.connect(signal);
    else await connectWithin(source, { endpoint, ms: ONE_OF_MANY_MS, clock: deps.clock, signal });
    return { config, source };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    if (!signal.aborted || error !== signal.reason) throw error;
    if (!(error instanceof DOMException && error.name === "TimeoutError")) return { config, source: undefined };
    throw noAnswer(endpoint, "in time");
  }
}

function refusedOf({ refusals = [] }: Batch): Refused[] {
  return refusals.map(({ tag, reason }) => ({ tag, reason: reason.message }));
}

/** The row that a reading would become. */
export function sampleOf(spec: SourceSpec, encode: Encode, reading: Reading): Sample {
  const bytes = encode(reading, { edgeId: "", bootEpoch: 0, seq: 0, ingestTimeUs: 0 });
  const whole = decodeRow(messageNamed(spec.message), bytes);
  for (const column of STAMPED) delete whole[column];
  const row = Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, cut(value)]));
  return {
    tag: reading.tag,
    time: isoTime(reading.eventTimeUs),
    value: String(row.value ?? row.value_string ?? ""),
    unit: String(row.unit ?? ""),
    type: typeOf(row),
    status: String(row.status ?? ""),
    row,
  };
}

/** Copied: a mere part would hold on to all of it, which may be a megabyte for each of hundreds of rows. */
function cut(value: BronzeValue): BronzeValue {
  if (value instanceof Uint8Array) return value.slice(0, MAX_CELL * 3 / 4);
  if (typeof value !== "string" || value.length <= MAX_CELL) return value;
  return `${new TextDecoder().decode(new TextEncoder().encode(value.slice(0, MAX_CELL)))}…`;
}

function typeOf({ value_type, value, value_string }: Readonly<Record<string, BronzeValue>>): string {
  if (value_type !== undefined) return String(value_type);
  if (value !== undefined) return "number";
  return value_string === undefined ? "" : "text";
}

/** A device may say any time. */
function isoTime(us: number): string {
  const time = new Date(us / 1000);
  return Number.isNaN(time.getTime()) ? `${us} us` : time.toISOString();
}
