/** A collector of traces that reads OTLP with the messages of opentelemetry-proto, as a process of its own. */
import { PeerProcess } from "./process.ts";
import { PYTHON } from "./provision.ts";

/** A span as the official messages give it in JSON: ids in base64, numbers of 64 bits as text. */
export interface ToldSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status?: { readonly code?: string };
}

/** A request as it came. */
export interface Export {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: ToldSpan["attributes"] };
      readonly scopeSpans: readonly {
        readonly scope: { readonly name: string };
        readonly spans: readonly ToldSpan[];
      }[];
    }[];
  };
}

export class OtlpCollector implements AsyncDisposable {
  readonly port: number;
  readonly #peer: PeerProcess;

  private constructor(port: number, peer: PeerProcess) {
    this.port = port;
    this.#peer = peer;
  }

  /** On 127.0.0.1, over TLS. Both are paths of PEM files. */
  static async start(certificate: string, key: string): Promise<OtlpCollector> {
    const script = new URL("otlp_collector.py", import.meta.url).pathname;
    const { peer, ready } = await PeerProcess.start(PYTHON, {
      args: [script, certificate, key],
      ready: /^listening on (\d+)$/,
    });
    return new OtlpCollector(Number(ready[1]), peer);
  }

  get exports(): Export[] {
    return this.#peer.lines.filter((line) => line.startsWith("export ")).map((line) => JSON.parse(line.slice(7)));
  }

  get spans(): ToldSpan[] {
    return this.exports.flatMap(({ request }) => request.resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#peer[Symbol.asyncDispose]();
  }
}
