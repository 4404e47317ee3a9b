/** Traces of a running connector: what makes spans, and where they go. */
import { type Config, isThisHost } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Tracer } from "../lib/tracing.ts";
import { VERSION } from "../lib/version.ts";
import { ProxiedClients } from "../sinks/zerobus/proxied_clients.ts";
import { collectorAt, type FinishedSpan, SpanMaker, SpanQueue } from "../telemetry/mod.ts";
import { proxyOf } from "./network.ts";
import type { Telemetry } from "./telemetry.ts";

export interface TracesDeps {
  readonly telemetry: Pick<Telemetry, "metrics" | "scope"> & { readonly log: Logger };
  readonly clock: Clock;
  readonly random: () => number;
  readonly extraRoots: string | undefined;
}

export interface RunningTraces extends AsyncDisposable {
  /** Undefined where no traces are made. */
  readonly tracer: Tracer | undefined;
}

export function openTraces(config: Config, deps: TracesDeps): RunningTraces {
  const { tracing } = config.monitoring;
  const { telemetry: { scope }, clock, random } = deps;
  const resources = new AsyncDisposableStack();
  const end = { [Symbol.asyncDispose]: () => resources.disposeAsync() };
  if (!scope) return { tracer: undefined, ...end };
  const queue = tracing.otlp.enabled ? queueTo(config, deps, resources) : undefined;
  const finished = (span: FinishedSpan) => queue?.put(span);
  return { tracer: new SpanMaker({ ratio: tracing.sample_ratio, random, clock, scope, finished }), ...end };
}

function queueTo(config: Config, deps: TracesDeps, resources: AsyncDisposableStack): SpanQueue {
  const { monitoring: { tracing }, deployment } = config;
  const { endpoint, headers } = tracing.otlp;
  const { telemetry: { log, metrics }, clock, random, extraRoots } = deps;
  const { hostname } = new URL(endpoint);
  // Headers for a collector on this host, which need no TLS, stay on it.
  const proxy = isThisHost(hostname) ? undefined : proxyOf(config);
  const client = resources.use(new ProxiedClients({ extraRoots, proxy })).clientFor(hostname);
  const receiver = collectorAt({
    endpoint,
    headers: () => Object.fromEntries(headers.map(({ name, value }) => [name, value.reveal()])),
    userAgent: `iot-connector/${VERSION}`,
    client,
  });
  const resource = {
    "service.name": tracing.service_name,
    "service.version": VERSION,
    "service.instance.id": deployment.instance_id ?? Deno.hostname(),
  };
  const origin = { resource, scope: { name: "iot-connector", version: VERSION } };
  return resources.use(new SpanQueue({ receiver, origin, clock, log, metrics, random }));
}
