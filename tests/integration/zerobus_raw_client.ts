import { encodeDescriptor, type PlannedField } from "../../src/bronze/descriptor.ts";
import { ProtoWriter } from "../../src/lib/proto_writer.ts";
import { type CallStatus, IngestChannels, type IngestConnection } from "../../src/sinks/zerobus/channel.ts";
import { parseIngestEndpoint } from "../../src/sinks/zerobus/endpoint.ts";
import { type ErrorInfo, readErrorInfo } from "../../src/sinks/zerobus/ingest_error.ts";
import { ingestBatchRequest, readResponse, type StreamResponse } from "../../src/sinks/zerobus/wire.ts";
import type { ZerobusPeer } from "../peers/zerobus/mod.ts";

/** How a call ended. */
export interface Ended {
  readonly code: number;
  readonly words: string;
  readonly info: ErrorInfo | undefined;
}

/** Speaks to the fake workspace without any care, so that a test can do what clients must not. */
export class RawClient implements Disposable {
  readonly #zerobus: ZerobusPeer;
  readonly #http: Deno.HttpClient;
  readonly #connections: IngestConnection[] = [];

  constructor(zerobus: ZerobusPeer) {
    this.#zerobus = zerobus;
    this.#http = Deno.createHttpClient({ caCerts: [zerobus.caPem] });
  }

  /** A request to the workspace. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.#zerobus.workspaceHost}${path}`, { ...init, client: this.#http });
  }

  /** `POST /oidc/v1/token`, right but for `changes`; null takes a field out. */
  askToken(table: string | undefined, changes: Readonly<Record<string, string | null>> = {}): Promise<Response> {
    const { workspaceId, clientId, clientSecret } = this.#zerobus;
    const form: Record<string, string | null> = {
      grant_type: "client_credentials",
      scope: "all-apis",
      ...(table ? { resource: `api://databricks/workspaces/${workspaceId}/zerobusDirectWriteApi` } : {}),
      ...(table ? { authorization_details: JSON.stringify(details(table)) } : {}),
      ...changes,
    };
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) if (value !== null) body.set(name, value);
    const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`;
    return this.fetch("/oidc/v1/token", { method: "POST", headers: { authorization }, body });
  }

  async token(table: string | undefined): Promise<string> {
    return (await (await this.askToken(table)).json()).access_token;
  }

  /** Opens a call, writes these requests, and resolves with how it ended and what was said before. Cancels it after 10 s. */
  async call(
    token: string,
    table: string,
    requests: Iterable<Uint8Array>,
  ): Promise<Ended & { said: StreamResponse[] }> {
    const connection = this.#open(token, table);
    const said: StreamResponse[] = [];
    connection.call.on("data", (bytes) => void said.push(readResponse(bytes)));
    const { promise, resolve } = Promise.withResolvers<CallStatus>();
    connection.call.on("status", resolve);
    for (const request of requests) connection.call.write(request);
    connection.call.end();
    const timer = setTimeout(() => connection.call.cancel(), 10_000);
    const { code, details: words, metadata } = await promise;
    clearTimeout(timer);
    const [bin] = metadata.get("grpc-status-details-bin");
    return { code, words, info: readErrorInfo(bin instanceof Uint8Array ? bin : undefined), said };
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.close();
    this.#http.close();
  }

  #open(token: string, table: string): IngestConnection {
    const endpoint = parseIngestEndpoint(this.#zerobus.zerobusEndpoint);
    const more = { extraRoots: this.#zerobus.caPem, proxy: undefined, userAgent: "raw/1", keepaliveMs: 30_000 };
    const connection = new IngestChannels({ endpoint, ...more }).open(token, table);
    connection.call.on("error", () => {/* the same comes as a status */});
    this.#connections.push(connection);
    return connection;
  }
}

/** `authorization_details` for a table. */
export function details(table: string): Record<string, unknown>[] {
  const [catalog, schema] = table.split(".");
  const type = "unity_catalog_privileges";
  return [
    { type, privileges: ["USE CATALOG"], object_type: "CATALOG", object_full_path: catalog },
    { type, privileges: ["USE SCHEMA"], object_type: "SCHEMA", object_full_path: `${catalog}.${schema}` },
    {
      type,
      privileges: ["SELECT", "MODIFY"],
      object_type: "TABLE",
      object_full_path: table,
      operations: ["zerobuswrite"],
    },
  ];
}

const LENGTH = 2;
const key = (number: number, wireType: number) => (number << 3) | wireType;

/** `create_stream`; record type 1 is PROTO, 2 JSON. */
export function createStream(table: string, fields: readonly PlannedField[] | Uint8Array, recordType = 1): Uint8Array {
  const writer = new ProtoWriter();
  writer.string(key(1, LENGTH), table);
  writer.bytes(key(3, LENGTH), fields instanceof Uint8Array ? fields : encodeDescriptor("Reading", fields));
  writer.int32(key(4, 0), recordType);
  const create = writer.finish();
  writer.bytes(key(1, LENGTH), create);
  return writer.finish();
}

/** `ingest_record` with one JSON record. */
export function ingestJson(offset: number, record: string): Uint8Array {
  const writer = new ProtoWriter();
  writer.int64(key(1, 0), offset);
  writer.string(key(3, LENGTH), record);
  const inner = writer.finish();
  writer.bytes(key(2, LENGTH), inner);
  return writer.finish();
}

/** `ingest_record_batch` with protobuf records. */
export function ingest(offset: number, ...records: Uint8Array[]): Uint8Array {
  return ingestBatchRequest(offset, records);
}

/** A record, written field by field. */
export function record(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter();
  write(writer);
  return writer.finish();
}
