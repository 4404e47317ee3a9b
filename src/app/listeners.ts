import type { Buffer } from "../buffer/buffer.ts";
import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { VERSION } from "../lib/version.ts";
import { healthApp, type HealthView, listen, metricsApp, ownHostOnly } from "../web/mod.ts";
import type { Telemetry } from "./telemetry.ts";

export interface ListenerDeps {
  readonly telemetry: Telemetry;
  readonly buffer: Buffer;
  readonly clock: Clock;
}

/** Opens the listeners that are enabled: health, and metrics. @throws {ConfigError} when a port cannot be had */
export async function openListeners(config: Config, deps: ListenerDeps): Promise<AsyncDisposable> {
  const { gui, monitoring: { metrics: { enabled, prometheus } } } = config;
  const { telemetry: { log, metrics }, clock } = deps;
  const hostName = Deno.hostname();
  await using listeners = new AsyncDisposableStack();
  if (gui.enabled) {
    const { fetch } = healthApp(healthView(config, deps), log);
    listeners.use(listen(ownHostOnly(fetch, [hostName]), { bind: gui.bind, port: gui.port, setting: "gui", clock }));
  }
  if (enabled && prometheus.enabled) {
    const setting = "monitoring.metrics.prometheus";
    const { fetch } = metricsApp(prometheus.path, metrics, log);
    listeners.use(listen(ownHostOnly(fetch, [hostName]), { ...prometheus, setting, clock }));
  }
  return listeners.move();
}

function healthView({ deployment }: Config, { telemetry: { board }, buffer, clock }: ListenerDeps): HealthView {
  const startedMs = clock.monotonicMs();
  return {
    version: VERSION,
    instanceId: deployment.instance_id ?? Deno.hostname(),
    nowUs: () => clock.nowUs(),
    uptimeMs: () => clock.monotonicMs() - startedMs,
    sources: () => board.sources,
    lanes: () => board.lanes,
    queue: () => buffer.level(),
    isClockDoubtful: () => board.clockDoubt !== undefined,
    isLedgerBalanced: () => buffer.ledger().balanced,
    ledger: () => buffer.ledger(),
  };
}
