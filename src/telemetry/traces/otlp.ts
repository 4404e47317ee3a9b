/**
 * Spans as OTLP has them: `ExportTraceServiceRequest` of opentelemetry-proto 1.x in protobuf, and the answer to it. Field
 * numbers are those of trace/v1/trace.proto, common/v1/common.proto and collector/trace/v1/trace_service.proto.
 */
import { ProtoReader } from "../../lib/proto_reader.ts";
import { ProtoWriter } from "../../lib/proto_writer.ts";
import type { Attributes, SpanKind } from "../../lib/tracing.ts";
import type { FinishedSpan } from "./finished_span.ts";

const DELIMITED = 2;
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, consumer: 5 };
const STATUS_ERROR = 2;

/** Who made the spans. */
export interface Origin {
  /** What the process is. */
  readonly resource: Attributes;
  /** The code that made the spans. */
  readonly scope: { readonly name: string; readonly version: string };
}

/** The body of a request with these spans. */
export function exportRequest(spans: readonly FinishedSpan[], { resource, scope }: Origin): Uint8Array<ArrayBuffer> {
  return message((request) =>
    request.bytes(
      key(1),
      message((resourceSpans) => {
        resourceSpans.bytes(key(1), message((writer) => attributesTo(writer, 1, resource)));
        resourceSpans.bytes(
          key(2),
          message((scopeSpans) => {
            scopeSpans.bytes(key(1), scopeBytes(scope));
            for (const span of spans) scopeSpans.bytes(key(2), spanBytes(span));
          }),
        );
      }),
    )
  );
}

/** How many spans a collector says that it did not take (`partial_success.rejected_spans`). @throws {RangeError} when it is no answer */
export function rejectedSpans(answer: Uint8Array): number {
  const field = new ProtoReader(answer);
  while (field.next()) {
    if (field.number !== 1) continue;
    const partial = new ProtoReader(field.value());
    while (partial.next()) if (partial.number === 1) return Math.max(0, Number(partial.int64()));
  }
  return 0;
}

function scopeBytes({ name, version }: Origin["scope"]): Uint8Array {
  return message((writer) => {
    writer.string(key(1), name);
    writer.string(key(2), version);
  });
}

function spanBytes(span: FinishedSpan): Uint8Array {
  return message((writer) => {
    writer.bytes(key(1), Uint8Array.fromHex(span.traceId));
    writer.bytes(key(2), Uint8Array.fromHex(span.spanId));
    if (span.parentId !== undefined) writer.bytes(key(4), Uint8Array.fromHex(span.parentId));
    writer.string(key(5), span.name);
    writer.int32(varintKey(6), KINDS[span.kind]);
    writer.raw(nanoseconds(7, span.startUs));
    writer.raw(nanoseconds(8, span.endUs));
    attributesTo(writer, 9, span.attributes);
    if (span.hasFailed) writer.bytes(key(15), message((status) => status.int32(varintKey(3), STATUS_ERROR)));
  });
}

function attributesTo(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    writer.bytes(
      key(field),
      message((pair) => {
        pair.string(key(1), name);
        pair.bytes(key(2), valueBytes(value));
      }),
    );
  }
}

function valueBytes(value: string | number | boolean): Uint8Array {
  return message((writer) => {
    if (typeof value === "string") writer.string(key(1), value);
    else if (typeof value === "boolean") writer.bool(varintKey(2), value);
    else if (Number.isSafeInteger(value)) writer.int64(varintKey(3), value);
    else writer.double((4 << 3) | 1, value);
  });
}

/** A fixed64 of a field below 16, key included. */
function nanoseconds(field: number, us: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = (field << 3) | 1;
  new DataView(bytes.buffer).setBigUint64(1, BigInt(Math.max(0, Math.round(us))) * 1000n, true);
  return bytes;
}

function key(field: number): number {
  return (field << 3) | DELIMITED;
}

function varintKey(field: number): number {
  return field << 3;
}

/** Most messages are of a few dozen bytes. */
function message(write: (writer: ProtoWriter) => void): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter(256);
  write(writer);
  return writer.finish();
}
