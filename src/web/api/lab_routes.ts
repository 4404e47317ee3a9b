/** Registers of a device as they are now, in every type and order. */
import { createRoute, z } from "@hono/zod-openapi";
import { entryOfDraft } from "../../service/draft_source.ts";
import { noteLook } from "../../service/note_look.ts";
import { readRegisters } from "../../service/read_registers.ts";
import type { ChangeTools } from "./config_routes.ts";
import { draft } from "./draft_routes.ts";
import { LIMITED, needs, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import { lookError, type SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

const register = z.object({
  address: z.int().openapi({ description: "Protocol address: the first is 0." }),
  modicon: z.string().openapi({ description: "The same in Modicon notation.", example: "40001" }),
  raw: z.int(),
  values: z.array(z.object({
    type: z.string(),
    values: z.array(z.string().nullable()).openapi({ description: "In the orders ABCD, CDAB, BADC, DCBA." }),
  })),
  entry: z.record(z.string(), z.union([z.string(), z.number()])).openapi({
    description: "The entry of `registers` that reads it as `uint16`, or as a bit.",
  }),
});
const read = z.object({
  endpoint: z.string().nullable(),
  reading: z.object({ unit: z.int(), registers: z.array(register) }).nullable(),
  error: lookError.nullable(),
}).openapi("RegistersRead");
const wanted = z.strictObject({
  source: draft,
  unit: z.int().min(0).max(255).optional(),
  table: z.enum(["holding", "input", "coil", "discrete"]).default("holding"),
  address: z.int().min(0).max(465_536),
  addressing: z.enum(["auto", "zero_based", "modicon"]).optional(),
  count: z.int().min(1).max(250).default(10),
});

/** Adds it. */
export function labRoutes(
  { app, access, guard }: ApiTools,
  { looks }: Pick<SourcesView, "looks">,
  { service, body }: Pick<ChangeTools, "service" | "body">,
): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "Read a range of registers, and tell them in every type and order"),
      method: "post",
      path: "/api/lab",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({ 200: json(read, "What they hold, or why they cannot be read."), ...LIMITED }),
    }),
    async (context) => {
      const { source, unit, table, address, addressing, count } = context.req.valid("json");
      const entry = await entryOfDraft(source, service());
      noteLook(access, context.get("caller"), entry, "registers");
      const range = { unit, table, address, addressing, count };
      const found = await readRegisters(entry, range, { looks, signal: context.req.raw.signal });
      return context.json(found as z.output<typeof read>, 200); // the same, but for readonly
    },
  );
}
