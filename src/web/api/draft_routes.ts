/** What a device says, for a source as a form has it. */
import { createRoute, z } from "@hono/zod-openapi";
import { entryOfDraft } from "../../service/draft_source.ts";
import { noteLook } from "../../service/note_look.ts";
import type { ChangeTools } from "./config_routes.ts";
import { LIMITED, needs, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import { look, shownLook, type SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

/** What a route of drafts is told of the source. */
export const draft = z.record(z.string(), z.unknown()).openapi({
  description:
    "An entry of `sources`, or a merge patch of the one of that `name`; a new one needs no name. A secret that it does " +
    "not name is the saved one, unless it would go to another place.",
});

/** Adds it. `service` throws where nobody can change the configuration. */
export function draftRoutes(
  { app, access, guard }: ApiTools,
  { looks }: Pick<SourcesView, "looks">,
  { service, body }: Pick<ChangeTools, "service" | "body">,
): void {
  app.openapi(
    createRoute({
      ...needs(
        "administrator",
        "sources",
        "Connect to the device of a source that need not be saved, and tell what it says",
      ),
      method: "post",
      path: "/api/draft/test",
      middleware: [guard("administrator"), body] as const,
      request: {
        body: jsonBody(z.strictObject({ source: draft, seconds: z.number().min(0.1).max(60).default(5) })),
      },
      responses: takes({ 200: json(look, "What it says, or why it cannot be reached."), ...LIMITED }),
    }),
    async (context) => {
      const { source, seconds } = context.req.valid("json");
      const entry = await entryOfDraft(source, service(), { keepsList: true });
      noteLook(access, context.get("caller"), entry, "test");
      return context.json(shownLook(await looks.testEntry(entry, seconds, context.req.raw.signal)), 200);
    },
  );
}
