import type { BronzeMessage } from "../../bronze/message.ts";
import type { Clock } from "../../core/clock.ts";
import { ConfigError } from "../../core/error.ts";
import type { Lane } from "../../core/lane.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sink } from "../../core/sink.ts";
import { Secret } from "../../lib/secret.ts";
import { IngestChannels } from "./channel.ts";
import { TableColumns } from "./columns.ts";
import { parseIngestEndpoint, parseServiceUrl } from "./endpoint.ts";
import type { ReportZerobus } from "./event.ts";
import { WorkspaceHttp } from "./http.ts";
import { StreamOpener } from "./opener.ts";
import type { ProxySettings } from "./proxy.ts";
import { ZerobusSink } from "./sink.ts";
import type { ZerobusSettings } from "./spec.ts";
import { TokenCache } from "./token.ts";

/** One opening of a stream is given up after so long, whatever the configuration allows. */
const OPEN_MS = 15_000;

/** What the sinks of a workspace are given instead of reaching for it. */
export interface ZerobusDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The connector's own version, for the user agent. */
  readonly version: string;
  /** Absolute path of the home directory. */
  readonly home: string;
  /** PEM text of root certificates beside the built-in ones (`security.ca_bundle_path`). */
  readonly extraRoots: string | undefined;
  /** `security.network.proxy`, where it is enabled. */
  readonly proxy: ProxySettings | undefined;
  readonly report: ReportZerobus;
}

/** A Databricks workspace to write to. What its lanes share is here: tokens, columns, the way through the proxy. */
export class ZerobusWorkspace implements Disposable {
  readonly #settings: ZerobusSettings;
  readonly #deps: ZerobusDeps;
  readonly #http: WorkspaceHttp;
  readonly #tokens: TokenCache;
  readonly #columns: TableColumns | undefined;
  readonly #channels: IngestChannels;

  /** Makes no connection. @throws {ConfigError} when a setting that an enabled `zerobus:` needs is missing */
  constructor(settings: ZerobusSettings, deps: ZerobusDeps) {
    const userAgent = `iot-connector/${deps.version}`;
    const workspace = parseServiceUrl(needed(settings.workspace_host, "workspace_host"));
    const endpoint = parseIngestEndpoint(needed(settings.zerobus_endpoint, "zerobus_endpoint"));
    const { extraRoots, proxy, clock, log, report } = deps;
    this.#settings = settings;
    this.#deps = deps;
    this.#http = new WorkspaceHttp({ extraRoots, proxy, userAgent });
    this.#tokens = new TokenCache({
      endpoint: tokenEndpoint(settings, workspace),
      workspaceId: settings.workspace_id ?? endpoint.workspaceId,
      clientId: needed(settings.auth.client_id, "auth.client_id"),
      clientSecret: settings.auth.client_secret ?? new Secret(needed(null, "auth.client_secret")),
      http: this.#http,
      clock,
      report,
    });
    this.#columns = settings.columns === "bundled"
      ? undefined
      : new TableColumns({ workspace, http: this.#http, tokens: this.#tokens, home: deps.home, log, report });
    const keepaliveMs = settings.connection.keepalive_seconds * 1000;
    this.#channels = new IngestChannels({ endpoint, extraRoots, proxy, userAgent, keepaliveMs });
  }

  /** The sink for one lane; `message` is the one the lane names. Connects with `connect`. */
  sink<R>(lane: Lane, message: BronzeMessage<R>): Sink {
    const { clock, report } = this.#deps;
    const { connection } = this.#settings;
    const opener = new StreamOpener({
      lane,
      message: message as BronzeMessage<unknown>, // only its name and fields are read
      channels: this.#channels,
      tokens: this.#tokens,
      columns: this.#columns,
      clock,
      openMs: Math.min(OPEN_MS, connection.timeout_seconds * 1000),
      ackTimeoutMs: connection.ack_timeout_seconds * 1000,
      report,
    });
    const maxInFlightBytes = connection.max_inflight_mb * 1024 * 1024;
    return new ZerobusSink({
      opener,
      lane,
      maxInFlightBytes,
      clock,
      report,
      shards: connection.streams_per_table ?? 1,
    });
  }

  /** To be called after its sinks are disposed. */
  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }
}

function tokenEndpoint(settings: ZerobusSettings, workspace: URL): URL {
  const own = settings.auth.token_endpoint;
  return own ? parseServiceUrl(own) : new URL("/oidc/v1/token", workspace);
}

function needed(value: string | null, key: string): string {
  if (value) return value;
  throw new ConfigError("setting_missing", `zerobus.${key} is needed while zerobus is enabled`, {
    path: `zerobus.${key}`,
  });
}
