import type { Buffer } from "../buffer/buffer.ts";
import type { LoadedConfig } from "../config/mod.ts";
import type { SourceDeps } from "../core/source.ts";
import type { ConfigService } from "../service/config_service.ts";
import { listen, metricsApp, ownHostOnly } from "../web/mod.ts";
import type { Telemetry } from "./telemetry.ts";
import { openWebListener } from "./web_listener.ts";

export interface ListenerDeps {
  readonly telemetry: Telemetry;
  readonly buffer: Buffer;
  /** What a look at a device is made with, beside the source that reads it. */
  readonly sourceDeps: Omit<SourceDeps, "report">;
  /** What changes the configuration. Not there where nobody can. */
  readonly changes?: ConfigService | undefined;
}

/** Opens the listeners that are enabled: health, API and pages; and metrics. @throws {ConfigError} when a port cannot be had */
export async function openListeners(loaded: LoadedConfig, deps: ListenerDeps): Promise<AsyncDisposable> {
  const { gui, monitoring: { metrics: { enabled, prometheus } } } = loaded.config;
  const { telemetry: { log, metrics }, sourceDeps: { clock } } = deps;
  await using listeners = new AsyncDisposableStack();
  if (gui.enabled) listeners.use(await openWebListener(loaded, deps));
  if (enabled && prometheus.enabled) {
    const { bind, port, path } = prometheus;
    const { fetch } = metricsApp(path, metrics, log);
    const place = { bind, port, setting: "monitoring.metrics.prometheus", clock };
    listeners.use(listen(ownHostOnly(fetch, [Deno.hostname()]), place));
  }
  return listeners.move();
}
