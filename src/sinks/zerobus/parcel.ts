import type { EdgeError } from "../../core/error.ts";
import { type Row, type Rows, sizeOf, totalSizeOf } from "../../core/reading.ts";
import type { RejectedRow, SendResult } from "../../core/sink.ts";
import { REQUEST_OVERHEAD, rowOverhead } from "./wire.ts";

/** Most bytes of one request (docs.databricks.com, "Zerobus Ingest limits": 10 MiB). */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
/** Most rows of one request (the same page). */
export const MAX_REQUEST_ROWS = 100_000;
/** Most bytes of one row, with room for what a request adds. */
export const MAX_ROW_BYTES = MAX_REQUEST_BYTES - 64 * 1024;
/** What a row of that size takes beside its bytes. */
const MAX_ROW_OVERHEAD = rowOverhead(MAX_ROW_BYTES);

/** One call of `send`, which is over when each of its rows is durable or refused. */
export class SendCall {
  readonly #done = Promise.withResolvers<SendResult>();
  readonly #rejected: RejectedRow[] = [];
  #open: number;

  constructor(rows: number) {
    this.#open = rows;
    this.#done.promise.catch(() => {}); // heard by the caller of `send`, who may have given up
    this.#settle(0);
  }

  get done(): Promise<SendResult> {
    return this.#done.promise;
  }

  /** `rows` more of it are durable. */
  delivered(rows: number): void {
    this.#settle(rows);
  }

  /** One of its rows is refused for good. */
  rejected(row: Row, reason: EdgeError): void {
    this.#rejected.push({ row, reason });
    this.#settle(1);
  }

  /** Its rows are in doubt. */
  fail(error: unknown): void {
    this.#done.reject(error);
  }

  #settle(rows: number): void {
    this.#open -= rows;
    if (this.#open === 0) this.#done.resolve({ rejected: this.#rejected });
  }
}

/** Rows of one call that go in one request. */
export interface Parcel {
  readonly call: SendCall;
  readonly rows: Rows;
  /** The most that its request can take. */
  readonly bytes: number;
}

function bytesInRequest(row: Row): number {
  const size = sizeOf(row);
  return size + rowOverhead(size);
}

function requestBytes(rows: Rows): number {
  let bytes = REQUEST_OVERHEAD;
  for (const row of rows) bytes += bytesInRequest(row);
  return bytes;
}

/** `rows` in order, in as few requests as the service's limits allow. */
export function pack(call: SendCall, rows: Rows): Parcel[] {
  const most = REQUEST_OVERHEAD + totalSizeOf(rows) + rows.length * MAX_ROW_OVERHEAD;
  const fits = most <= MAX_REQUEST_BYTES && rows.length <= MAX_REQUEST_ROWS;
  if (fits) return rows.length > 0 ? [{ call, rows, bytes: most }] : [];
  const parcels: Parcel[] = [];
  let start = 0;
  let index = 0;
  let bytes = REQUEST_OVERHEAD;
  for (const row of rows) {
    const size = bytesInRequest(row);
    if (index > start && (bytes + size > MAX_REQUEST_BYTES || index - start === MAX_REQUEST_ROWS)) {
      parcels.push({ call, rows: rows.slice(start, index), bytes });
      start = index;
      bytes = REQUEST_OVERHEAD;
    }
    bytes += size;
    index++;
  }
  if (start < rows.length) parcels.push({ call, rows: start === 0 ? rows : rows.slice(start), bytes });
  return parcels;
}

/** The first and the second half of `parcels`, by requests, or of the rows of the only one; a single row stays one group. */
export function halve(parcels: readonly Parcel[]): Parcel[][] {
  const [only, ...others] = parcels;
  if (!only) return [];
  if (others.length > 0) {
    const middle = Math.ceil(parcels.length / 2);
    return [parcels.slice(0, middle), parcels.slice(middle)];
  }
  if (only.rows.length === 1) return [[only]];
  const middle = Math.ceil(only.rows.length / 2);
  return [only.rows.slice(0, middle), only.rows.slice(middle)].map((
    rows,
  ) => [{ call: only.call, rows, bytes: requestBytes(rows) }]);
}

/** The row, when there is just one. */
export function singleRow(parcels: readonly Parcel[]): { call: SendCall; row: Row } | undefined {
  const [only, ...others] = parcels;
  const row = only?.rows.length === 1 ? only.rows.at(0) : undefined;
  return only && row && others.length === 0 ? { call: only.call, row } : undefined;
}
