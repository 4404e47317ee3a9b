/** The configuration as a file that goes elsewhere, and one that comes from there; and what going back would do. */
import { createRoute, z } from "@hono/zod-openapi";
import { type ChangeTools, plan, shownPlan } from "./config_routes.ts";
import { needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const imported = z.object({
  patch: z.record(z.string(), z.unknown()).openapi({ description: "For `/api/config/plan` and `PUT /api/config`." }),
  secrets: z.array(z.object({
    path: z.string().openapi({ description: "In the patch.", example: "sources[0].mqtt.password" }),
    is_kept: z.boolean().openapi({ description: "There is one here that stays unless another is given." }),
  })).openapi({ description: "Secrets of what it touches, which the text does not tell." }),
  stays: z.array(z.string()).openapi({
    description: "Keys that the text does not have, and that the YAML here sets: only there they can be taken out.",
  }),
}).openapi("ConfigImport");

/** Adds them. */
export function configCopyRoutes({ app, guard }: ApiTools, { service, body }: ChangeTools): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "config", "The whole configuration as YAML, with every default and without secrets"),
      method: "get",
      path: "/api/config/export",
      middleware: [guard("viewer")] as const,
      responses: reads({
        200: {
          description: "Secrets are `***`.",
          content: { "application/yaml": { schema: z.record(z.string(), z.unknown()) } },
        },
      }),
    }),
    (context) =>
      context.body(service().exported(), 200, {
        "content-type": "application/yaml; charset=utf-8",
        "content-disposition": 'attachment; filename="connector.yaml"',
      }) as never, // a text of another type than the route could compare
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "config", "The change that leads to what a YAML text says: changes nothing"),
      method: "post",
      path: "/api/config/import",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(z.strictObject({ yaml: z.string().min(1) })) },
      responses: takes({ 200: json(imported, "The change, and the secrets that it needs.") }),
    }),
    (context) => {
      const { patch, secrets, stays } = service().imported(context.req.valid("json").yaml);
      const told = secrets.map(({ path, isKept }) => ({ path, is_kept: isKept }));
      return context.json({ patch: { ...patch }, secrets: told, stays: [...stays] }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "config", "What going back to before a change would do: how that was, against now"),
      method: "get",
      path: "/api/config/history/{id}/plan",
      middleware: [guard("viewer")] as const,
      request: { params: z.object({ id: z.string().min(1).max(64) }) },
      responses: reads({ 200: json(plan, "The difference, and what starts and stops."), ...NOT_FOUND }),
    }),
    async (context) => context.json(shownPlan(await service().rollbackPlan(context.req.valid("param").id)), 200),
  );
}
