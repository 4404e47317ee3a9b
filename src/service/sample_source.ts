import { decodeRow, messageNamed } from "../bronze/mod.ts";
import { TimeoutError } from "../core/error.ts";
import type { Batch, Reading } from "../core/reading.ts";
import type { Encode, Source, SourceConfig, SourceDeps, SourceSpec } from "../core/source.ts";

/** One value that a device gave, as the row it would become. */
export interface Sample {
  readonly tag: string;
  /** ISO 8601, when it was so at the device. */
  readonly time: string;
  readonly value: string;
  readonly unit: string;
  /** The device's own word on it, where its protocol has one. */
  readonly status: string;
}

/** A message that would become a dead letter, and why. */
export interface Refused {
  readonly tag: string;
  readonly reason: string;
}

export type SampleBatch = { readonly samples: readonly Sample[]; readonly refused: readonly Refused[] };

export interface SampleOptions {
  readonly spec: SourceSpec;
  readonly config: SourceConfig;
  readonly deps: SourceDeps;
  /** Ends the sampling, connecting included. */
  readonly signal: AbortSignal;
}

/**
 * Connects to a device with a session of its own and gives what it reads, until the signal aborts. Nothing is sent
 * anywhere, and nothing is acknowledged to the device.
 *
 * @throws {EdgeError} when the device cannot be reached, does not answer in time, refuses us, or is lost
 */
export async function* sampleSource({ spec, config, deps, signal }: SampleOptions): AsyncIterable<SampleBatch> {
  const adapter = await spec.load();
  await using source = adapter.create(spec.aside?.(config) ?? config, deps);
  const encode = spec.encoder(config);
  if (!await isConnected(source, config, signal)) return;
  for await (const batch of source.batches(signal)) {
    yield { samples: batch.readings.map((reading) => sampleOf(spec, encode, reading)), refused: refusedOf(batch) };
  }
}

/** False when somebody wanted no more before it was connected. */
async function isConnected(source: Source, { endpoint }: SourceConfig, signal: AbortSignal): Promise<boolean> {
  try {
    await source.connect(signal);
    return true;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    if (!(error instanceof DOMException && error.name === "TimeoutError")) return false;
    const advice = "check address, port and firewall, that it runs, and give it more time";
    throw new TimeoutError("source_no_answer", `Cannot connect to ${endpoint}: no answer in time; ${advice}`);
  }
}

function refusedOf({ refusals = [] }: Batch): Refused[] {
  return refusals.map(({ tag, reason }) => ({ tag, reason: reason.message }));
}

function sampleOf(spec: SourceSpec, encode: Encode, reading: Reading): Sample {
  const bytes = encode(reading, { edgeId: "", bootEpoch: 0, seq: 0, ingestTimeUs: 0 });
  const row = decodeRow(messageNamed(spec.message), bytes);
  return {
    tag: reading.tag,
    time: new Date(reading.eventTimeUs / 1000).toISOString(),
    value: String(row.value ?? row.value_string ?? ""),
    unit: String(row.unit ?? ""),
    status: String(row.status ?? ""),
  };
}
