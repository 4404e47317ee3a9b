import { createRoute, z } from "@hono/zod-openapi";
import { Refusal } from "./refusal.ts";
import { needs, NOT_FOUND, reads } from "./route.ts";
import { json } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

/** What charts show. */
export interface HistoryView {
  answer(nowUs: number, question: z.output<typeof query>): Answer | undefined;
}

const values = z.array(z.number().nullable());
const history = z.object({
  step_seconds: z.int(),
  times: z.array(z.int()).openapi({ description: "Unix seconds, evenly." }),
  values: z.object({
    read: values.openapi({ description: "Readings accepted, per second." }),
    written: values.openapi({ description: "Rows acknowledged, per second." }),
    queue: values.openapi({ description: "Rows that are not acknowledged: of a minute the most." }),
    spool_bytes: values,
    ack_ms: values.openapi({ description: "Mean time to an acknowledgement." }),
  }),
}).openapi("MetricsHistory");

interface Answer {
  readonly step_seconds: number;
  readonly times: readonly number[];
  readonly values: Readonly<
    Record<"read" | "written" | "queue" | "spool_bytes" | "ack_ms", readonly (number | null)[]>
  >;
}

const query = z.object({
  step: z.enum(["second", "minute"]).default("second").openapi({
    description: "second: the last 15 minutes; minute: the last 24 hours, also from before a restart.",
  }),
  since: z.coerce.number().int().min(0).optional().openapi({
    type: "integer",
    description: "Unix seconds: only what came after them.",
  }),
  source: z.string().max(64).optional().openapi({ description: "Of this source alone: read and written." }),
});

/** Adds it. */
export function historyRoutes({ app, clock, guard }: ApiTools, view: HistoryView): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "status", "What the charts show; null where nobody knows"),
      method: "get",
      path: "/api/metrics/history",
      middleware: [guard("viewer")] as const,
      request: { query },
      responses: reads({ 200: json(history, "Values at even steps, the oldest first."), ...NOT_FOUND }),
    }),
    (context) => {
      const found = view.answer(clock.nowUs(), context.req.valid("query"));
      if (!found) throw new Refusal({ status: 404, code: "not_found", title: "Nothing is known of such a source" });
      return context.json(found as z.output<typeof history>, 200); // its arrays are read only there
    },
  );
}
