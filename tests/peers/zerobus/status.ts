import { ProtoWriter } from "../../../src/lib/proto_writer.ts";

/** gRPC status codes (grpc.io, "Status codes"). */
export const Code = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** `google.rpc.ErrorInfo`. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** How a call ends. */
export interface GrpcStatus {
  readonly code: number;
  readonly message?: string;
  readonly info?: ErrorInfo;
}

/** A call that the service does not go on with. */
export class Refused extends Error {
  readonly status: GrpcStatus;

  constructor(code: number, message: string, info?: ErrorInfo) {
    super(message);
    this.status = { code, message, ...(info ? { info } : {}) };
  }
}

/** What the service says of a schema or a record that does not fit the table; `causes` is for people. */
export function schemaRefused(causes: string): Refused {
  return new Refused(Code.INVALID_ARGUMENT, `Schema validation failed: ${causes}`, {
    reason: "SCHEMA_VALIDATION_FAILED",
    domain: "zerobus.databricks.com",
    metadata: { causes, error_code: "4024" },
  });
}

/** The end of a stream that nobody announced. */
export const STREAM_TIMEOUT: GrpcStatus = {
  code: Code.UNAVAILABLE,
  message: "Stream timeout reached. Please recreate the stream. Error Code: 6002",
};

/** The trailers of a call ("gRPC over HTTP2", Responses). */
export function trailers({ code, message = "", info }: GrpcStatus): Record<string, string> {
  return {
    "grpc-status": String(code),
    ...(message ? { "grpc-message": percentEncoded(message) } : {}),
    ...(info ? { "grpc-status-details-bin": statusDetails(code, message, info).toBase64({ omitPadding: true }) } : {}),
  };
}

/** Percent-encoded are bytes outside of space to tilde, and the percent sign ("gRPC over HTTP2", Status-Message). */
function percentEncoded(text: string): string {
  const encode = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  const isPlain = (byte: number) => byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
  return [...new TextEncoder().encode(text)].map((byte) => isPlain(byte) ? String.fromCharCode(byte) : encode(byte))
    .join("");
}

const LENGTH = 2;
const key = (number: number, wireType: number) => (number << 3) | wireType;

/** `google.rpc.Status { 1 code; 2 message; 3 Any details }` with one `ErrorInfo { 1 reason; 2 domain; 3 map metadata }`. */
function statusDetails(code: number, message: string, info: ErrorInfo): Uint8Array {
  const writer = new ProtoWriter();
  const entries = Object.entries(info.metadata ?? {}).map(([name, value]) => {
    writer.string(key(1, LENGTH), name);
    writer.string(key(2, LENGTH), value);
    return writer.finish();
  });
  writer.string(key(1, LENGTH), info.reason);
  if (info.domain) writer.string(key(2, LENGTH), info.domain);
  for (const entry of entries) writer.bytes(key(3, LENGTH), entry);
  const packed = writer.finish();
  writer.string(key(1, LENGTH), "type.googleapis.com/google.rpc.ErrorInfo");
  writer.bytes(key(2, LENGTH), packed);
  const any = writer.finish();
  writer.int32(key(1, 0), code);
  writer.string(key(2, LENGTH), message);
  writer.bytes(key(3, LENGTH), any);
  return writer.finish();
}
