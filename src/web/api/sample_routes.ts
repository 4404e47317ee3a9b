/** What a source that runs read last. */
import { createRoute, z } from "@hono/zod-openapi";
import { recentSamples } from "../../service/recent_samples.ts";
import { notFound } from "./refusal.ts";
import { needs, NOT_FOUND, reads } from "./route.ts";
import { json } from "./schema.ts";
import { shownSample, sourceSample, type SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

const MAX_SAMPLES = 200;

const answer = z.object({
  samples: z.array(sourceSample).openapi({
    description: "The newest first. More are kept from the first request on, for as long as it is asked again.",
  }),
}).openapi("RecentSamples");

/** Adds it. */
export function sampleRoutes(
  { app, guard }: ApiTools,
  { loaded, recent }: Pick<SourcesView, "loaded" | "recent">,
): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "sources", "The last readings of a source that runs, as rows"),
      method: "get",
      path: "/api/sources/{name}/sample",
      middleware: [guard("viewer")] as const,
      request: {
        params: z.object({ name: z.string().min(1).max(64) }),
        query: z.object({
          limit: z.coerce.number().int().min(1).max(MAX_SAMPLES).default(50).openapi({ type: "integer" }),
        }),
      },
      responses: reads({ 200: json(answer, "Rows; none where it has read nothing yet."), ...NOT_FOUND }),
    }),
    (context) => {
      const { name } = context.req.valid("param");
      if (!loaded().sources.some(({ config }) => config.name === name)) {
        throw notFound("There is no source of this name");
      }
      const found = recent(name);
      const samples = found ? recentSamples(found, context.req.valid("query").limit) : [];
      return context.json({ samples: samples.map(shownSample) }, 200);
    },
  );
}
