import { Buffer } from "node:buffer";
import { rootCertificates } from "node:tls";
import grpc from "@grpc/grpc-js";
import type { IngestEndpoint } from "./endpoint.ts";
import { proxyFor, type ProxyHop, type ProxySettings } from "./proxy.ts";

export interface ChannelOptions {
  readonly endpoint: IngestEndpoint;
  readonly extraRoots: string | undefined;
  readonly proxy: ProxySettings | undefined;
  readonly userAgent: string;
  readonly keepaliveMs: number;
}

const METHOD = "/databricks.zerobus.Zerobus/EphemeralStream";
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const asIs = (bytes: Buffer): Uint8Array => bytes;

/** One call of EphemeralStream, as much of it as a stream needs. */
export interface IngestCall {
  /** False: wait for `drain` before writing more. `written` is told once nobody looks at `request` any more. */
  write(request: Uint8Array, written?: () => void): boolean;
  /** Half-closes: nothing more will be written. */
  end(): void;
  cancel(): void;
  on(event: "data", listener: (response: Uint8Array) => void): unknown;
  on(event: "drain", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "status", listener: (status: CallStatus) => void): unknown;
}

/** How a call ended; `metadata` holds the trailers. */
export interface CallStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: { get(key: string): readonly (string | Uint8Array)[] };
}

/** A call, and the connection that it alone uses. */
export interface IngestConnection {
  readonly call: IngestCall;
  close(): void;
}

/** What streams are opened with. */
export interface OpensCalls {
  /** A new connection and one call on it. Nothing is known of the far side until the call answers or ends. */
  open(token: string, table: string): IngestConnection;
}

/**
 * Opens connections to the ingest service. Each stream has a connection of its own, so that one that is being shut down
 * or throttled takes no other with it.
 */
export class IngestChannels implements OpensCalls {
  readonly #options: ChannelOptions;
  readonly #credentials: grpc.ChannelCredentials;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#credentials = options.endpoint.isTls ? tlsCredentials(options.extraRoots) : grpc.credentials.createInsecure();
  }

  open(token: string, table: string): IngestConnection {
    const { host, port } = this.#options.endpoint;
    const hop = proxyFor(host, this.#options.proxy);
    const target = hop ? `dns:${authority(hop.host, hop.port)}` : `dns:${authority(host, port)}`;
    const client = new grpc.Client(target, this.#credentials, this.#clientOptions(hop));
    const metadata = new grpc.Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    metadata.set("x-databricks-zerobus-table-name", table);
    const call = client.makeBidiStreamRequest<Uint8Array, Uint8Array>(METHOD, asBuffer, asIs, metadata);
    return { call, close: () => client.close() };
  }

  #clientOptions(hop: ProxyHop | undefined): grpc.ChannelOptions {
    const { endpoint, userAgent, keepaliveMs } = this.#options;
    return {
      "grpc.primary_user_agent": userAgent,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.service_config_disable_resolution": 1, // no TXT record of the plant's DNS says how we call
      // A transparent retry would keep a copy of everything sent, and send rows twice behind our back.
      "grpc.enable_retries": 0,
      "grpc.keepalive_time_ms": keepaliveMs,
      "grpc.keepalive_timeout_ms": Math.min(20_000, keepaliveMs),
      ...(hop ? proxied(hop, authority(endpoint.host, endpoint.port)) : {}),
    };
  }
}

function proxied(hop: ProxyHop, destination: string): grpc.ChannelOptions {
  return {
    "grpc.enable_http_proxy": 0, // that switch is for proxies named in the environment
    "grpc.default_authority": destination,
    "grpc.http_connect_target": `dns:${destination}`,
    ...(hop.credentials
      ? { "grpc.http_connect_creds": `${hop.credentials.username}:${hop.credentials.password}` }
      : {}),
  };
}

/** The built-in roots, and `extraRoots` beside them: a list given to the library replaces its own. */
function tlsCredentials(extraRoots: string | undefined): grpc.ChannelCredentials {
  if (!extraRoots) return grpc.credentials.createSsl();
  return grpc.credentials.createSsl(Buffer.from([...rootCertificates, extraRoots].join("\n")));
}

function authority(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
