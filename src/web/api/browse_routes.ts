/** What a device has, page by page, for a source as a form has it. */
import { createRoute, z } from "@hono/zod-openapi";
import { MAX_BROWSE_PAGE } from "../../core/browse.ts";
import { createHash } from "node:crypto";
import type { ConfigService } from "../../service/config_service.ts";
import { entryOfDraft } from "../../service/draft_source.ts";
import { noteLook } from "../../service/note_look.ts";
import { shownNode } from "../../service/source_looks.ts";
import { LIMITED, needs, NOT_FOUND, PEER_FAILED, reads, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import { browseNode, type SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

const page = z.object({
  nodes: z.array(browseNode),
  next: z.string().nullable().openapi({ description: "For `after`; null on the last page." }),
});
const wanted = z.strictObject({
  source: z.record(z.string(), z.unknown()).openapi({
    description: "An entry of `sources`, or a merge patch of the one of that `name`; a new one needs no name.",
  }),
  under: z.string().min(1).max(2048).optional().openapi({ description: "The `id` of what to look into." }),
  after: z.string().regex(/^\d{1,9}$/).optional().openapi({ description: "`next` of the page before." }),
  limit: z.int().min(1).max(MAX_BROWSE_PAGE).default(500),
  listen_seconds: z.number().min(0.1).max(60).default(5),
});

/** Adds them. `service` throws where nobody can change the configuration. */
export function browseRoutes(
  { app, access, guard, body }: ApiTools,
  { visits }: Pick<SourcesView, "visits">,
  service: () => ConfigService,
): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "What the device of a source has that need not be saved yet"),
      method: "post",
      path: "/api/browse",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({
        200: json(page, "A page of what lies under that place; the session stays open for the next one."),
        ...NOT_FOUND,
        ...LIMITED,
        ...PEER_FAILED,
      }),
    }),
    async (context) => {
      const { source, under, after, limit, listen_seconds: seconds } = context.req.valid("json");
      const config = service();
      const key = { owner: context.get("caller").who, subject: subjectOf(source, config) };
      const request = { under, after, limit, listenMs: seconds * 1000 };
      const { signal } = context.req.raw;
      const open = async () => {
        const entry = await entryOfDraft(source, config);
        noteLook(access, context.get("caller"), entry, "browse");
        return entry;
      };
      const { nodes, next } = await visits.page(key, open, { request, signal });
      const shown = nodes.map(shownNode) as z.output<typeof browseNode>[]; // the same, but for readonly
      return context.json({ nodes: shown, next: next ?? null }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "Close the sessions by which the caller looks through devices"),
      method: "delete",
      path: "/api/browse",
      middleware: [guard("administrator")] as const,
      responses: reads({ 204: { description: "They are closed." } }),
    }),
    async (context) => {
      await visits.leave(context.get("caller").who);
      return context.body(null, 204);
    },
  );
}

/** The same for the same settings over the same configuration. It holds a password: only its hash is kept. */
function subjectOf(source: unknown, { loaded }: ConfigService): string {
  return createHash("sha256").update(JSON.stringify([loaded.made.tag, source])).digest("hex");
}
