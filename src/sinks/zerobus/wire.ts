/**
 * The messages of `/databricks.zerobus.Zerobus/EphemeralStream` as bytes, from the service's published protocol (proto2):
 *
 * ```
 * CreateIngestStreamRequest { 1 table_name; 3 descriptor_proto; 4 record_type (PROTO = 1) }
 * ProtoEncodedRecordBatch   { 1 repeated bytes records }
 * IngestRecordBatchRequest  { 1 offset_id; 2 ProtoEncodedRecordBatch }
 * EphemeralStreamRequest    { 1 create_stream; 3 ingest_record_batch }
 * EphemeralStreamResponse   { 1 { 1 stream_id }; 2 { 1 durability_ack_up_to_offset }; 3 { 1 Duration } }
 * ```
 * Requests are written by hand, so that the bytes of a row are copied once, into the request.
 */
import { ProtoReader } from "../../lib/proto_reader.ts";
import { ProtoWriter, varintSize } from "../../lib/proto_writer.ts";

const VARINT = 0;
const LENGTH = 2;
const PROTO = 1;

const key = (number: number, wireType: number) => (number << 3) | wireType;

/** The first request of a stream. */
export function createStreamRequest(table: string, descriptor: Uint8Array): Uint8Array {
  const writer = new ProtoWriter();
  writer.string(key(1, LENGTH), table);
  writer.bytes(key(3, LENGTH), descriptor);
  writer.int32(key(4, VARINT), PROTO);
  const create = writer.finish();
  writer.bytes(key(1, LENGTH), create);
  return writer.finish();
}

/** The bytes that one row takes in a request beside its own: its key and its length. */
export function rowOverhead(rowBytes: number): number {
  return 1 + varintSize(rowBytes);
}

/** The bytes that a request may take beside its rows. */
export const REQUEST_OVERHEAD = 32;

/** A request with rows, all of them durable or none. `offset` counts the requests of this stream from 0. */
export function ingestBatchRequest(offset: number, rows: readonly Uint8Array[]): Uint8Array {
  let batchSize = 0;
  for (const row of rows) batchSize += rowOverhead(row.length) + row.length;
  const innerSize = 1 + varintSize(offset) + 1 + varintSize(batchSize) + batchSize;
  const request = new Uint8Array(1 + varintSize(innerSize) + innerSize);
  let at = putField(request, 0, key(3, LENGTH), innerSize);
  at = putField(request, at, key(1, VARINT), offset);
  at = putField(request, at, key(2, LENGTH), batchSize);
  for (const row of rows) {
    at = putField(request, at, key(1, LENGTH), row.length);
    request.set(row, at);
    at += row.length;
  }
  return request;
}

/** Writes a one-byte key and a varint. Says where the next byte goes. */
function putField(bytes: Uint8Array, at: number, fieldKey: number, value: number): number {
  bytes[at++] = fieldKey;
  while (value > 0x7f) {
    bytes[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  bytes[at++] = value;
  return at;
}

/** What the service says on a stream. */
export type StreamResponse =
  | { readonly kind: "created"; readonly streamId: string }
  /** Every request up to this offset is durable; undefined when the service left the number out. */
  | { readonly kind: "ack"; readonly upTo: bigint | undefined }
  | { readonly kind: "close_signal"; readonly graceMs: number }
  /** Something this version does not know. */
  | { readonly kind: "other" };

/** Reads a response. @throws {RangeError} when it is no protobuf message */
export function readResponse(bytes: Uint8Array): StreamResponse {
  const field = new ProtoReader(bytes);
  while (field.next()) {
    if (field.number === 1) return { kind: "created", streamId: find(field.value(), 1)?.text() ?? "" };
    if (field.number === 2) return { kind: "ack", upTo: find(field.value(), 1)?.int64() };
    if (field.number === 3) return { kind: "close_signal", graceMs: durationMs(find(field.value(), 1)?.value()) };
  }
  return { kind: "other" };
}

/** `google.protobuf.Duration { 1 int64 seconds; 2 int32 nanos }` */
function durationMs(bytes: Uint8Array | undefined): number {
  if (!bytes) return 0;
  const seconds = Number(find(bytes, 1)?.int64() ?? 0n);
  const nanos = find(bytes, 2)?.int32() ?? 0;
  return Math.max(0, seconds * 1000 + nanos / 1e6);
}

/** A cursor on the first field with this number. */
export function find(message: Uint8Array, number: number): ProtoReader | undefined {
  const field = new ProtoReader(message);
  while (field.next()) {
    if (field.number === number) return field;
  }
  return undefined;
}
