import { Hono } from "hono";
import type { Logger } from "../core/logger.ts";
import { problemResponse } from "./problem.ts";

/** On every answer: nothing of it is run, framed, cached, or taken for another type. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * An app that answers GET and HEAD alone and reads no body. What it does not know, and what fails in it, is answered by
 * a problem document. The Host header plays no part here: see `ownHostOnly`.
 */
export function readOnlyApp(log: Logger): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const { method } = context.req;
    if (method === "GET" || method === "HEAD") await next();
    else context.res = methodNotAllowed();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value);
  });
  app.notFound(() => problemResponse({ status: 404, code: "not_found", title: "There is nothing at this address" }));
  app.onError((error) => {
    log.log("error", `A web request met a defect of the connector, please report it: ${error.message}`, {
      stack: error.stack,
    });
    return problemResponse({ status: 500, code: "internal_error", title: "The connector failed to answer" });
  });
  return app;
}

function methodNotAllowed(): Response {
  const problem = { status: 405, code: "method_not_allowed", title: "Only GET and HEAD are answered here" };
  return problemResponse(problem, { allow: "GET, HEAD" });
}
