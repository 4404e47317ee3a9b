import type { Hono } from "hono";
import type { Logger } from "../core/logger.ts";
import { isReady } from "./health_answer.ts";
import { healthReport, type HealthReportView } from "./health_report.ts";
import { readOnlyApp } from "./read_only_app.ts";

/**
 * `GET /health`: how the connector is, 503 when it is unhealthy. `GET /health/live`: 200 as long as the process answers, for
 * who would restart it. `GET /health/ready`: 503 until every source was tried once.
 */
export function healthApp(view: HealthReportView, log: Logger): Hono {
  const app = readOnlyApp(log);
  app.get("/health", (context) => {
    const report = healthReport(view);
    return context.json(report, report.status === "unhealthy" ? 503 : 200);
  });
  app.get("/health/live", (context) => context.json({ status: "ok" }));
  app.get("/health/ready", (context) => {
    return isReady(view) ? context.json({ status: "ok" }) : context.json({ status: "starting" }, 503);
  });
  return app;
}
