/** How the connector is, as values. */
import { createRoute, z } from "@hono/zod-openapi";
import { healthAnswer, type HealthView } from "../health_answer.ts";
import { isLoopback } from "../peer.ts";
import { callerOf, unauthenticated } from "./guard.ts";
import { needs, reads } from "./route.ts";
import { isoTime, json, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

/** A metric and its series. */
export interface MetricsAnswer {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

export interface StatusView {
  readonly health: HealthView;
  readonly families: () => Promise<readonly MetricsAnswer[]>;
}

const failure = z.object({ code: z.string(), message: z.string(), since: time });
export const statusSchema = z.object({
  status: z.enum(["ok", "degraded", "down"]),
  causes: z.array(z.string()),
  timestamp: time,
  version: z.string(),
  uptime_seconds: z.int(),
  instance_id: z.string(),
  sources: z.record(
    z.string(),
    z.object({
      state: z.string(),
      since: time,
      endpoint: z.string().optional(),
      records_read: z.int(),
      failing_tags: z.int(),
      last_reading_at: time.optional(),
      next_attempt_at: time.optional(),
      last_error: failure.optional(),
    }),
  ),
  sinks: z.record(
    z.string(),
    z.object({
      table: z.string().openapi({ description: "catalog.schema.table" }),
      connected: z.boolean(),
      breaker: z.string().openapi({
        description: "closed: rows are sent; open: they wait; half_open: one try is made.",
      }),
      breaker_since: time.openapi({ description: "When it was last closed or ceased to be: tries do not move it." }),
      next_attempt_at: time.optional().openapi({ description: "Absent while rows are sent or a try is made." }),
      last_error: failure.optional(),
    }),
  ).openapi({ description: "By lane: a table, and the message of its rows." }),
  queue: z.object({
    unsent: z.int(),
    max_unsent: z.int(),
    is_full: z.boolean().openapi({ description: "Nothing more is taken: sources are held back, or rows dropped." }),
    queued: z.int(),
    spooled_bytes: z.int(),
  }),
  spool: z.object({
    rows: z.int().openapi({ description: "Rows on disk alone." }),
    bytes: z.int(),
    max_bytes: z.int(),
    full_in_seconds: z.int().nullable().openapi({
      description: "At the pace of the last three minutes, or since a table was lost; null while it does not fill.",
    }),
    empty_in_seconds: z.int().nullable().openapi({
      description: "Until all that waits is sent, at the same pace; null while it does not drain.",
    }),
  }).nullable().openapi({ description: "What waits on disk; null while nothing is kept there." }),
  ledger: z.object({ balanced: z.boolean() }),
}).openapi("Status");

const terms = z.object({
  received: z.int(),
  written: z.int(),
  queued: z.int(),
  spooled: z.int(),
  dead_lettered: z.int(),
  filtered: z.int(),
  dropped: z.record(z.string(), z.int()),
  quarantined: z.int(),
  exported: z.int(),
  purged: z.int(),
  lost_at_crash: z.int(),
}).openapi("LedgerTerms");
const ledger = z.object({
  total: terms,
  sources: z.record(z.string(), terms),
  balanced: z.boolean(),
  since: z.number().openapi({ description: "When counting began: microseconds since 1970-01-01 UTC." }),
}).openapi("Ledger");

const series = z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number().nullable() });
export const metricsSchema = z.object({
  time,
  metrics: z.array(z.object({ name: z.string(), help: z.string(), type: z.string(), values: z.array(series) })),
}).openapi("Metrics");

/** What JSON has no word for, such as the mean of nothing, is null. */
export async function metricsAnswer({ families, health }: StatusView): Promise<z.output<typeof metricsSchema>> {
  const metrics = (await families()).map((family) => ({
    ...family,
    values: family.values.map((each) => ({ ...each, value: Number.isFinite(each.value) ? each.value : null })),
  }));
  return { time: isoTime(health.nowUs()), metrics };
}

/** Adds them. */
export function statusRoutes({ app, guard, origin }: ApiTools, view: StatusView): void {
  const { health } = view;
  app.openapi(
    createRoute({
      ...needs("viewer", "status", "How the connector is: what /health is made of"),
      method: "get",
      path: "/api/status",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(statusSchema, "The status.") }),
    }),
    // Its type says the same as the schema, with members that may be absent.
    (context) => context.json(healthAnswer(health) as z.output<typeof statusSchema>, 200),
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "status", "What became of everything received"),
      description: "Needs the role viewer; on the host itself nobody needs to log in for it.",
      method: "get",
      path: "/api/ledger",
      responses: reads({ 200: json(ledger, "The ledger.") }),
    }),
    (context) => {
      const { raw } = context.req;
      const isHere = isLoopback(context.env.address) && !raw.headers.has("x-forwarded-for") &&
        !raw.headers.has("forwarded");
      if (!isHere && !callerOf(raw, context.env, origin)) throw unauthenticated();
      return context.json(health.ledger() as z.output<typeof ledger>, 200); // the view knows it as JSON alone
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "status", "All metrics, as values"),
      method: "get",
      path: "/api/metrics",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(metricsSchema, "What Prometheus reads too.") }),
    }),
    async (context) => context.json(await metricsAnswer(view), 200),
  );
}
