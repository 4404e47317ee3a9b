import type { Hono } from "hono";
import type { Logger } from "../core/logger.ts";
import { healthAnswer, type HealthView, isReady } from "./health_answer.ts";
import { readOnlyApp } from "./read_only_app.ts";

/**
 * `GET /health`: how the connector is, 503 when it is down. `GET /health/live`: 200 as long as the process answers, for
 * who would restart it. `GET /health/ready`: 503 until every source was tried once.
 */
export function healthApp(view: HealthView, log: Logger): Hono {
  const app = readOnlyApp(log);
  app.get("/health", (context) => {
    const answer = healthAnswer(view);
    return context.json(answer, answer.status === "down" ? 503 : 200);
  });
  app.get("/health/live", (context) => context.json({ status: "ok" }));
  app.get("/health/ready", (context) => {
    return isReady(view) ? context.json({ status: "ok" }) : context.json({ status: "starting" }, 503);
  });
  return app;
}
