import { createRoute, z } from "@hono/zod-openapi";
import { EVENT_NAMES, type Events } from "./events.ts";
import { callerOf } from "./guard.ts";
import { Refusal } from "./refusal.ts";
import { needs, reads } from "./route.ts";
import type { ApiTools } from "./tools.ts";

const query = z.object({
  names: z.string().max(100).regex(/^[a-z]+(,[a-z]+)*$/).optional().openapi({
    description: `Which of ${EVENT_NAMES.join(", ")}, with commas between them; all unless told.`,
  }),
});

/** Adds it. */
export function eventRoutes({ app, guard, origin }: ApiTools, events: Events): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "status", "What happens, as server-sent events: status, metrics, logs, alerts, ping, dropped"),
      method: "get",
      path: "/api/events",
      middleware: [guard("viewer")] as const,
      request: { query },
      responses: reads({
        200: { description: "An event each second.", content: { "text/event-stream": { schema: z.string() } } },
      }),
    }),
    (context) => {
      const { raw } = context.req;
      const { names } = context.req.valid("query");
      const wanted = names === undefined ? undefined : new Set(names.split(","));
      const isStillAllowed = () => callerOf(raw, context.env, origin) !== undefined;
      const stream = events.open(wanted, { user: context.get("caller").user, isStillAllowed });
      if (!stream) {
        const title = "Too many pages listen already: close one of them";
        throw new Refusal({ status: 503, code: "too_many_clients", title });
      }
      return context.body(stream, 200, { "content-type": "text/event-stream" }) as never; // a stream has no type to compare
    },
  );
}
