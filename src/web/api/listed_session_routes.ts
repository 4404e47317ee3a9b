/** Logins that go on, and ending them from elsewhere. */
import { createRoute, z } from "@hono/zod-openapi";
import { needs, NOT_FOUND, reads } from "./route.ts";
import { isoTime, json, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const listed = z.object({
  id: z.string().openapi({ description: "Names the session, and lets nobody in." }),
  username: z.string(),
  from: z.string().openapi({ description: "The address that it was begun from." }),
  began: time,
  last_seen: time,
  is_own: z.boolean().openapi({ description: "It is the session of who asks." }),
}).openapi("OpenSession");

/** Adds them. */
export function listedSessionRoutes({ app, access, guard }: ApiTools): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "session", "Sessions that go on: one's own; an administrator sees those of everybody"),
      method: "get",
      path: "/api/sessions",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(listed), "A page of sessions, the newest first.") }),
    }),
    (context) => {
      const all = access.sessions(context.get("caller")).map(({ key, name, from, began, seen, isOwn }) => (
        { id: key, username: name, from, began: isoTime(began), last_seen: isoTime(seen), is_own: isOwn }
      ));
      return context.json(pageOf(all, context.req.valid("query")), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "session", "End a session of one's own; an administrator may end any"),
      method: "delete",
      path: "/api/sessions/{id}",
      middleware: [guard("viewer")] as const,
      request: { params: z.object({ id: z.string().min(1).max(64) }) },
      responses: reads({ 204: { description: "The session has ended." }, ...NOT_FOUND }),
    }),
    (context) => {
      access.endSession(context.req.valid("param").id, context.get("caller"));
      return context.body(null, 204);
    },
  );
}
