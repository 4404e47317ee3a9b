/** The messages of `/databricks.zerobus.Zerobus/EphemeralStream`, seen from the service (proto2, databricks/zerobus-sdk). */
import { ProtoWriter } from "../../../src/lib/proto_writer.ts";
import { WireReader } from "./wire_reader.ts";

export const RECORD_TYPE = { PROTO: 1, JSON: 2 } as const;

/** `EphemeralStreamRequest { 1 create_stream; 2 ingest_record; 3 ingest_record_batch }` */
export type StreamRequest =
  | { readonly kind: "create"; readonly table: string; readonly descriptor: Uint8Array; readonly recordType: number }
  | {
    readonly kind: "ingest";
    readonly offset: number | bigint | undefined;
    readonly recordType: number;
    readonly body: RecordsBody;
  };

/** The bytes in which records stand: one record, or a message with a field 1 for each. */
export interface RecordsBody {
  readonly bytes: Uint8Array;
  readonly isBatch: boolean;
}

/** Reads a request; the records of it are not looked at. @throws {RangeError} when it is none */
export function readRequest(bytes: Uint8Array): StreamRequest {
  const reader = WireReader.of(bytes);
  let request: StreamRequest | undefined;
  while (reader.next()) {
    if (reader.number === 1) request = readCreate(reader.bytes());
    else if (reader.number === 2) request = readIngest(reader.bytes(), false);
    else if (reader.number === 3) request = readIngest(reader.bytes(), true);
    else reader.skip();
  }
  if (!request) throw new RangeError("the request holds nothing");
  return request;
}

/** `CreateIngestStreamRequest { 1 table_name; 3 descriptor_proto; 4 record_type }` */
function readCreate(bytes: Uint8Array): StreamRequest {
  const reader = WireReader.of(bytes);
  const create = { kind: "create" as const, table: "", descriptor: new Uint8Array(), recordType: 0 };
  while (reader.next()) {
    if (reader.number === 1) create.table = reader.text();
    else if (reader.number === 3) create.descriptor = reader.bytes().slice();
    else if (reader.number === 4) create.recordType = reader.length();
    else reader.skip();
  }
  return create;
}

/** `IngestRecordRequest` or `IngestRecordBatchRequest { 1 offset_id; 2 protobuf; 3 JSON }` */
function readIngest(bytes: Uint8Array, isBatch: boolean): StreamRequest {
  const reader = WireReader.of(bytes);
  let offset: number | bigint | undefined;
  let recordType = 0;
  let body: Uint8Array = new Uint8Array();
  while (reader.next()) {
    if (reader.number === 1) offset = reader.int64();
    else if (reader.number === 2 || reader.number === 3) {
      recordType = reader.number === 2 ? RECORD_TYPE.PROTO : RECORD_TYPE.JSON;
      body = reader.bytes();
    } else reader.skip();
  }
  return { kind: "ingest", offset, recordType, body: { bytes: body, isBatch } };
}

/** How many records there are. */
export function countRecords({ bytes, isBatch }: RecordsBody): number {
  if (!isBatch) return 1;
  const reader = WireReader.of(bytes);
  let count = 0;
  while (reader.next()) {
    if (reader.number === 1) count++;
    reader.skip();
  }
  return count;
}

/** The records, each a view of the request. */
export function recordsOf({ bytes, isBatch }: RecordsBody): Uint8Array[] {
  if (!isBatch) return [bytes];
  const records: Uint8Array[] = [];
  const reader = WireReader.of(bytes);
  while (reader.next()) {
    if (reader.number === 1) records.push(reader.bytes());
    else reader.skip();
  }
  return records;
}

const VARINT = 0;
const LENGTH = 2;
const key = (number: number, wireType: number) => (number << 3) | wireType;
const writer = new ProtoWriter();

/** `{ 1 create_stream_response { 1 stream_id } }` */
export function createdResponse(streamId: string): Uint8Array {
  writer.string(key(1, LENGTH), streamId);
  return wrapped(1);
}

/** `{ 2 ingest_record_response { 1 durability_ack_up_to_offset } }`; undefined leaves the number out. */
export function ackResponse(upTo: number | bigint | undefined): Uint8Array {
  if (upTo !== undefined) writer.int64(key(1, VARINT), upTo);
  return wrapped(2);
}

/** `{ 3 close_stream_signal { 1 Duration { 1 seconds; 2 nanos } } }` */
export function closeSignalResponse(graceMs: number): Uint8Array {
  writer.int64(key(1, VARINT), Math.floor(graceMs / 1000));
  writer.int32(key(2, VARINT), (graceMs % 1000) * 1e6);
  const duration = writer.finish();
  writer.bytes(key(1, LENGTH), duration);
  return wrapped(3);
}

function wrapped(number: number): Uint8Array {
  const inner = writer.finish();
  writer.bytes(key(number, LENGTH), inner);
  return writer.finish();
}
