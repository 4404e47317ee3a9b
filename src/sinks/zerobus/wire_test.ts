import assert from "node:assert/strict";
import fc from "fast-check";
import protobuf from "protobufjs";
import { createStreamRequest, ingestBatchRequest, readResponse } from "./wire.ts";

const { root } = protobuf.parse(
  `
  syntax = "proto2";
  enum RecordType { RECORD_TYPE_UNSPECIFIED = 0; PROTO = 1; JSON = 2; }
  message CreateIngestStreamRequest { optional string table_name = 1; optional bytes descriptor_proto = 3; optional RecordType record_type = 4; }
  message CreateIngestStreamResponse { optional string stream_id = 1; }
  message ProtoEncodedRecordBatch { repeated bytes records = 1; }
  message IngestRecordBatchRequest { optional int64 offset_id = 1; oneof batch { ProtoEncodedRecordBatch proto_encoded_batch = 2; } }
  message EphemeralStreamRequest { oneof payload { CreateIngestStreamRequest create_stream = 1; IngestRecordBatchRequest ingest_record_batch = 3; } }
  message IngestRecordResponse { optional int64 durability_ack_up_to_offset = 1; }
  message Duration { optional int64 seconds = 1; optional int32 nanos = 2; }
  message CloseStreamSignal { optional Duration duration = 1; }
  message EphemeralStreamResponse { oneof payload { CreateIngestStreamResponse create_stream_response = 1; IngestRecordResponse ingest_record_response = 2; CloseStreamSignal close_stream_signal = 3; } }
`,
  { keepCase: true },
);
const Request = root.lookupType("EphemeralStreamRequest");
const Response = root.lookupType("EphemeralStreamResponse");

function encoded(type: protobuf.Type, value: Record<string, unknown>): Uint8Array {
  return new Uint8Array(type.encode(type.fromObject(value)).finish());
}

Deno.test("createStreamRequest() writes what protobufjs writes", () => {
  const descriptor = new Uint8Array([10, 1, 65]);
  assert.deepEqual(
    createStreamRequest("a.b.c", descriptor),
    encoded(Request, { create_stream: { table_name: "a.b.c", descriptor_proto: descriptor, record_type: "PROTO" } }),
  );
});

Deno.test("ingestBatchRequest() writes what protobufjs writes, for any offset and rows", () => {
  const rows = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 80 });
  fc.assert(fc.property(fc.oneof(fc.nat(300), fc.maxSafeNat()), rows, (offset, records) => {
    assert.deepEqual(
      ingestBatchRequest(offset, records),
      encoded(Request, { ingest_record_batch: { offset_id: offset, proto_encoded_batch: { records } } }),
    );
  }));
});

for (
  const [value, expected] of [
    [{ create_stream_response: { stream_id: "s-1" } }, { kind: "created", streamId: "s-1" }],
    [{ create_stream_response: {} }, { kind: "created", streamId: "" }],
    [{ ingest_record_response: { durability_ack_up_to_offset: 0 } }, { kind: "ack", upTo: 0n }],
    [{ ingest_record_response: { durability_ack_up_to_offset: -1 } }, { kind: "ack", upTo: -1n }],
    [{ ingest_record_response: {} }, { kind: "ack", upTo: undefined }],
    [{ close_stream_signal: { duration: { seconds: 60, nanos: 5e8 } } }, { kind: "close_signal", graceMs: 60_500 }],
    [{ close_stream_signal: {} }, { kind: "close_signal", graceMs: 0 }],
    [{}, { kind: "other" }],
  ] as const
) {
  Deno.test(`readResponse() reads ${JSON.stringify(value)}`, () => {
    assert.deepEqual(readResponse(encoded(Response, value)), expected);
  });
}

Deno.test("readResponse() refuses bytes that are no message", () => {
  assert.throws(() => readResponse(new Uint8Array([0x0a, 0x7f])), RangeError);
});
