import type { LoadedConfig } from "../config/mod.ts";
import { listen, metricsApp, ownHostOnly } from "../web/mod.ts";
import type { ListenerDeps } from "./listener_deps.ts";
import { openWebListener } from "./web_listener.ts";

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
