/** Messages of a topic filter as they come, over an answer that lasts as long as it listens. */
import { createRoute, z } from "@hono/zod-openapi";
import { entryOfDraft } from "../../service/draft_source.ts";
import { noteLook } from "../../service/note_look.ts";
import { type Listened, listenTo } from "../../service/listen_source.ts";
import type { ChangeTools } from "./config_routes.ts";
import { draft } from "./draft_routes.ts";
import { needs, takes } from "./route.ts";
import { jsonBody } from "./schema.ts";
import { shownSample, type SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

const wanted = z.strictObject({
  source: draft,
  filter: z.string().min(1).max(2048).openapi({ example: "plant/+/temperature" }),
  seconds: z.number().min(0.1).max(120).default(30),
  messages: z.int().min(1).max(1000).default(200),
});

/** Adds it. */
export function listenRoutes(
  { app, access, guard }: ApiTools,
  { looks }: Pick<SourcesView, "looks">,
  { service, body }: Pick<ChangeTools, "service" | "body">,
): void {
  app.openapi(
    createRoute({
      ...needs(
        "administrator",
        "sources",
        "Listen to a topic filter, and tell what the source would make of each message",
      ),
      method: "post",
      path: "/api/listen",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({
        200: {
          description: "A JSON object a line: `kind` is connected, message or end.",
          content: { "application/x-ndjson": { schema: z.string() } },
        },
      }),
    }),
    async (context) => {
      const { source, filter, seconds, messages: most } = context.req.valid("json");
      const entry = await entryOfDraft(source, service(), { keepsList: true });
      noteLook(access, context.get("caller"), entry, "listen");
      const { signal } = context.req.raw;
      const told = await listenTo(entry, { filter, seconds, most }, { looks, signal });
      return context.body(ReadableStream.from(lines(told)), 200, { "content-type": "application/x-ndjson" }) as never; // a stream has no type to compare
    },
  );
}

async function* lines(told: AsyncIterable<Listened>): AsyncIterable<Uint8Array> {
  const utf8 = new TextEncoder();
  for await (const each of told) {
    const shown = each.kind === "message" ? { ...each, rows: each.rows.map(shownSample) } : each;
    yield utf8.encode(`${JSON.stringify(shown)}\n`);
  }
}
