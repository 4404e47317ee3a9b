import type { ClockDoubt } from "./clock.ts";
import type { DecodeError, EdgeError } from "./error.ts";

/**
 * One value that a device reported, as its adapter understood it. Each protocol adds its own members (value, quality,
 * register, topic), which only that protocol's encoder reads.
 */
export interface Reading {
  /** The stable name of the tag within its source. Order is kept per tag; shards are chosen by it. */
  readonly tag: string;
  /** When it was so at the device (or, unknown there, when it arrived): microseconds since 1970-01-01 UTC. */
  readonly eventTimeUs: number;
}

/** A message that could not become a reading. Kept, so that a person can see why and replay it. */
export interface Refusal {
  readonly tag: string;
  readonly eventTimeUs: number;
  readonly payload: Uint8Array;
  /** Set where `payload` is only the beginning. */
  readonly isCut?: true;
  readonly reason: DecodeError;
}

/**
 * What a source hands over in one go. Exactly one of `ack` and `nack` is called, once:
 * `ack` when every reading and refusal in it is durable here or in Databricks, `nack` when that will not happen in this run.
 * Both are called by themselves, without `this`, so that the readings can be let go long before.
 */
export interface Batch<R extends Reading = Reading> {
  readonly readings: readonly R[];
  readonly refusals?: readonly Refusal[];
  /** The device keeps these until `ack` and would send them again: they are never dropped from memory. */
  readonly isWithheld: boolean;
  ack(): void;
  nack(reason: EdgeError): void;
}

/** Who made a row, and which of that maker's rows it is. Resends keep it; the view in docs/sql removes twins by it. */
export interface Identity {
  /** Random, made once per installation. */
  readonly edgeId: string;
  /** Grows with every start of the process. */
  readonly bootEpoch: number;
  /** Grows by one per row of a table within a boot epoch. */
  readonly seq: number;
}

/** What accepting a reading adds to it. */
export interface Stamp extends Identity {
  /** When the connector accepted it: microseconds since 1970-01-01 UTC. */
  readonly ingestTimeUs: number;
  /** Why times of this host's clock, which may be the event time too, are known to be wrong; the row says so. */
  readonly clockDoubt?: ClockDoubt | undefined;
}

/** An accepted reading on its way to a table. */
export interface Row extends Identity {
  /** The lane it travels in, see `Lane`. */
  readonly lane: string;
  readonly source: string;
  readonly tag: string;
  /** The full bronze message, protobuf-encoded, extras included. */
  readonly bytes: Uint8Array;
  /** How long `bytes` is, where that is known without making them. */
  readonly size?: number;
}

/**
 * Rows in order. An array of rows is such; a buffer's own are packed, and a row of them is an object only while somebody
 * looks at it: tens of thousands are on their way at a time, and objects that live that long are what costs.
 */
export interface Rows extends Iterable<Row> {
  readonly length: number;
  /** A negative index counts from the end. */
  at(index: number): Row | undefined;
  slice(start: number, end?: number): Rows;
  /** The sizes of all of them together, where that is known without looking at each. */
  readonly totalSize?: number;
}

/** Bytes of the row's bronze message. */
export function sizeOf(row: Row): number {
  return row.size ?? row.bytes.length;
}

/** Bytes of these rows' bronze messages. */
export function totalSizeOf(rows: Rows): number {
  if (rows.totalSize !== undefined) return rows.totalSize;
  let bytes = 0;
  for (const row of rows) bytes += sizeOf(row);
  return bytes;
}

/** The row for itself, to be kept for long: its bytes do not hold on to those of others. */
export function copyOf({ lane, source, tag, edgeId, bootEpoch, seq, bytes }: Row): Row {
  return { lane, source, tag, edgeId, bootEpoch, seq, bytes: bytes.slice() };
}

/** Event times of the earliest and the latest reading, microseconds since 1970-01-01 UTC. */
export function timeRange(readings: readonly Reading[]): { readonly fromUs: number; readonly toUs: number } {
  let fromUs = Infinity;
  let toUs = -Infinity;
  for (const { eventTimeUs } of readings) {
    if (eventTimeUs < fromUs) fromUs = eventTimeUs;
    if (eventTimeUs > toUs) toUs = eventTimeUs;
  }
  return { fromUs, toUs };
}
