import type { Hono } from "hono";
import type { Logger } from "../core/logger.ts";
import { readOnlyApp } from "./read_only_app.ts";

/** All metrics as text, and the type of that text. */
export interface MetricsView {
  readonly contentType: string;
  text(): Promise<string>;
}

/** `GET <path>`: the metrics, for Prometheus. */
export function metricsApp(path: string, view: MetricsView, log: Logger): Hono {
  const app = readOnlyApp(log);
  app.get(path, async () => new Response(await view.text(), { headers: { "content-type": view.contentType } }));
  return app;
}
