import { AuthError, ConfigError, ConnectionError, type EdgeError, RejectedError } from "../../core/error.ts";
import { find } from "./wire.ts";
import { ProtoReader } from "../../lib/proto_reader.ts";

/** gRPC status codes that decide something here (grpc.io, "Status codes"). */
export const Code = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  UNAUTHENTICATED: 16,
} as const;

/** How the service ended a stream. */
export interface StreamStatus {
  readonly code: number;
  /** `grpc-message`: shown to people, never interpreted. */
  readonly words: string;
  readonly info: ErrorInfo | undefined;
}

/** `google.rpc.ErrorInfo`, from `grpc-status-details-bin`. */
export interface ErrorInfo {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the first ErrorInfo of `google.rpc.Status { 3 repeated Any details }`, `Any { 1 type_url; 2 value }`,
 * `ErrorInfo { 1 reason; 3 map<string, string> metadata }`. Undefined where there is none, or it cannot be read.
 */
export function readErrorInfo(details: Uint8Array | undefined): ErrorInfo | undefined {
  if (!details) return undefined;
  try {
    const status = new ProtoReader(details);
    while (status.next()) {
      if (status.number === 3 && find(status.value(), 1)?.text().endsWith("/google.rpc.ErrorInfo")) {
        return errorInfo(find(status.value(), 2)?.value() ?? new Uint8Array());
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

function errorInfo(bytes: Uint8Array): ErrorInfo {
  const metadata: Record<string, string> = {};
  let reason = "";
  const field = new ProtoReader(bytes);
  while (field.next()) {
    if (field.number === 1) reason = field.text();
    if (field.number !== 3) continue;
    metadata[find(field.value(), 1)?.text() ?? ""] = find(field.value(), 2)?.text() ?? "";
  }
  return { reason, metadata };
}

/** What the service said, for the end of a sentence. */
export function serversWords({ code, words, info }: StreamStatus): string {
  const details = info ? [info.reason, info.metadata.error_code, info.metadata.causes].filter(Boolean).join(", ") : "";
  return [`status ${code}`, withoutEmptyNote(words), details && `(${details})`].filter(Boolean).join(" ");
}

/** grpc-js ends "No connection established" with a note on resolving names, also where there is nothing to note. */
function withoutEmptyNote(words: string): string {
  return words.replace(/\.?\s*Resolution note:\s*$/, "");
}

/** The row that the service refuses, by its words. */
export function poison(status: StreamStatus): RejectedError {
  return new RejectedError("zerobus_row_refused", `Zerobus refused the row: ${serversWords(status)}`);
}

/**
 * A stream's end as one of our errors. `UNAUTHENTICATED` while a stream was open is a token that ran out: the next
 * stream gets a new one.
 */
export function streamError(table: string, status: StreamStatus, phase: "open" | "flow"): EdgeError {
  const said = serversWords(status);
  switch (status.code) {
    case Code.PERMISSION_DENIED:
      return new AuthError(
        "zerobus_permission",
        `Zerobus refuses to write ${table}: ${said}. Grant the service principal USE CATALOG, USE SCHEMA, and SELECT and ` +
          `MODIFY on the table, by name: ALL PRIVILEGES is not enough.`,
      );
    case Code.NOT_FOUND:
      return new ConfigError(
        "zerobus_table_missing",
        `Zerobus knows no table ${table}: ${said}. Create it as a managed Delta table, or correct zerobus.target.`,
        { path: "zerobus.target" },
      );
    case Code.UNIMPLEMENTED:
      return new ConfigError(
        "zerobus_unimplemented",
        `The service at zerobus.zerobus_endpoint does not offer Zerobus Ingest for ${table}: ${said}. Check the endpoint's ` +
          `name and region.`,
        { path: "zerobus.zerobus_endpoint" },
      );
    case Code.OUT_OF_RANGE:
      return new ConfigError("zerobus_out_of_range", `Zerobus refuses the stream to ${table}: ${said}.`);
    case Code.INVALID_ARGUMENT:
      return new ConfigError(
        "zerobus_schema",
        `Zerobus refuses the columns sent for ${table}: ${said}. Compare the table with docs/sql and alter it.`,
      );
    case Code.UNAUTHENTICATED:
      if (phase === "flow") return lost(table, said);
      return new AuthError(
        "zerobus_token_refused",
        `Zerobus refuses a fresh token for ${table}: ${said}. Check zerobus.workspace_id and that the service principal ` +
          `belongs to this workspace.`,
      );
    default:
      return phase === "flow" ? lost(table, said) : new ConnectionError(
        "zerobus_unreachable",
        `Cannot open a Zerobus stream to ${table}: ${said}`,
      );
  }
}

function lost(table: string, said: string): ConnectionError {
  return new ConnectionError("zerobus_stream_lost", `The Zerobus stream to ${table} ended: ${said}`);
}
