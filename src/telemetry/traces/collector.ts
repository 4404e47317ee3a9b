import { AuthError, ConfigError, ConnectionError, type EdgeError, reasonOf, TimeoutError } from "../../core/error.ts";
import { rejectedSpans } from "./otlp.ts";

const ANSWER_MS = 10_000;
/** Of an answer that long is read at most: it holds a number and a sentence. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Statuses after which a client may try again (OTLP 1.x, "Retryable Response Codes"). */
const RETRIED = [429, 502, 503, 504];
const MAX_RETRY_AFTER_MS = 300_000;

export interface CollectorOptions {
  /** `monitoring.tracing.otlp.endpoint`. */
  readonly endpoint: string;
  /** Are asked for with each request: values may be secrets that change. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** The way out: roots and proxy. */
  readonly client: Deno.HttpClient;
}

/** Where spans go. */
export interface SpanReceiver {
  /** For people. */
  readonly name: string;
  /** Resolves with how many of the spans it did not take, of those in `body`. @throws {EdgeError} with `retry`, where they may be sent again */
  send(body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<number>;
}

/** The collector was busy and says when it may be asked again. */
export class CollectorBusy extends ConnectionError {
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super("collector_busy", message);
    this.afterMs = afterMs;
  }
}

/** A collector that takes OTLP over HTTP with protobuf bodies. Redirects are not followed: they could lead headers elsewhere. */
export function collectorAt(options: CollectorOptions): SpanReceiver {
  const { endpoint, client } = options;
  const url = tracesUrl(endpoint);
  const name = url.origin;
  return {
    name,
    async send(body, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      const headers = headersOf(options.headers());
      headers.set("content-type", "application/x-protobuf");
      headers.set("user-agent", options.userAgent);
      try {
        const init = { method: "POST", headers, body, client, signal: limit, redirect: "manual" as const };
        return await taken(await fetch(url, init), name);
      } catch (error) {
        throw signal.aborted ? signal.reason : faultOf(error, name);
      }
    },
  };
}

/** @throws {ConfigError} for a value that no header may have. The error of `Headers` itself holds the value, which is a secret */
function headersOf(values: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(values)) {
    try {
      headers.set(name, value);
    } catch {
      const message =
        `The header ${name} for the collector has a value that HTTP does not allow, such as one of two lines`;
      throw new ConfigError("header_unfit", message, { path: "monitoring.tracing.otlp.headers" });
    }
  }
  return headers;
}

/** The path of traces behind the address of the collector, unless that has it already (OTLP exporter specification). */
export function tracesUrl(endpoint: string): URL {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/v1/traces") ? path : `${path}/v1/traces`;
  return url;
}

/** @throws {EdgeError} what the answer says, where the spans were not taken */
async function taken(answer: Response, name: string): Promise<number> {
  if (answer.ok) return rejectedSpans(await firstBytes(answer));
  await answer.body?.cancel();
  throw refusalOf(answer, name);
}

function refusalOf({ status, headers }: Response, name: string): EdgeError {
  const message = `${name} answers traces with status ${status}`;
  if (RETRIED.includes(status)) {
    const seconds = Number(headers.get("retry-after") ?? 0);
    return new CollectorBusy(message, Math.min(MAX_RETRY_AFTER_MS, seconds > 0 ? seconds * 1000 : 0));
  }
  if (status === 401 || status === 403) {
    return new AuthError("collector_refuses", `${message}: check monitoring.tracing.otlp.headers`);
  }
  const advice = "check that monitoring.tracing.otlp.endpoint takes OTLP over HTTP";
  return new ConfigError("collector_refuses", `${message}: ${advice}`, { path: "monitoring.tracing.otlp.endpoint" });
}

/** Whatever else came of it. What stands in the address behind the host is not told: paths may be secrets. */
function faultOf(error: unknown, name: string): unknown {
  if (error instanceof AuthError || error instanceof ConfigError || error instanceof ConnectionError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new TimeoutError("collector_silent", `${name} does not answer traces within ${ANSWER_MS / 1000} s`);
  }
  if (error instanceof RangeError) {
    const path = "monitoring.tracing.otlp.endpoint";
    return new ConfigError(
      "collector_refuses",
      `${name} answers traces with what is no OTLP: it has ${error.message}`,
      { path },
    );
  }
  return new ConnectionError("collector_unreachable", `Cannot reach ${name}: ${rootReason(error)}`);
}

function rootReason(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return rootReason(error.cause);
  return reasonOf(error).replace(/ ?for url \(.*?\)/, "");
}

async function firstBytes({ body }: Response): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  if (!body) return bytes;
  for await (const part of body) {
    if (bytes.length + part.length > MAX_ANSWER_BYTES) throw new RangeError("no end within 64 KiB");
    const longer = new Uint8Array(bytes.length + part.length);
    longer.set(bytes);
    longer.set(part, bytes.length);
    bytes = longer;
  }
  return bytes;
}
