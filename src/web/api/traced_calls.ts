import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { ConnectionError } from "../../core/error.ts";
import { parseTraceparent, type TraceContext, traceparentOf, type Tracer } from "../../lib/tracing.ts";
import type { ApiEnv } from "./env.ts";
import { callerOf, type GuardOptions } from "./guard.ts";
import { Refusal } from "./refusal.ts";

/**
 * A span per call: of those that chance chooses, and of those that a caller who is logged in traces itself (`traceparent`).
 * It tells of the address as it is declared, not as it is asked for: that may hold names and what is searched for.
 */
export function tracedCalls(tracer: Tracer, guard: GuardOptions): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { method } = context.req;
    const span = tracer.begin(method, { kind: "server", parent: parentOf(context, guard) });
    if (!span) return await next();
    try {
      await span.run(next);
    } finally {
      const route = routeOf(context);
      const { status } = context.res;
      span.set({ "http.request.method": method, "http.route": route, "http.response.status_code": status });
      span.rename(`${method} ${route}`);
      context.header("traceparent", traceparentOf(span.context));
      span.end(status >= 500 ? failureOf(context.error) : undefined);
    }
  };
}

/** What its code is taken of. */
function failureOf(error: unknown): unknown {
  return error instanceof Refusal
    ? new ConnectionError(error.problem.code, error.message)
    : error ?? new Error("no answer");
}

/** Strangers could have every one of their calls traced. */
function parentOf({ req: { raw }, env }: Context<ApiEnv>, guard: GuardOptions): TraceContext | undefined {
  const remote = parseTraceparent(raw.headers.get("traceparent"));
  if (!remote?.isSampled) return undefined;
  return callerOf(raw, env, guard) ? remote : undefined;
}

/** The most exact of the routes that the call met; middleware is not one. */
function routeOf(context: Context<ApiEnv>): string {
  return matchedRoutes(context).map(({ path }) => path).findLast((path) => !path.includes("*")) ?? "/api";
}
