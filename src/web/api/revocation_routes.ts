/** Lists of revoked certificates, by the authorities above OPC UA servers. */
import { createRoute, z } from "@hono/zod-openapi";
import type { RevocationLists } from "../../service/certificate_revocations.ts";
import { limitedBody } from "./body.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const MAX_UPLOAD_BYTES = 4 * 1024 * 1024;
const UPLOAD = "application/octet-stream";

const folder = z.enum(["trusted", "issuer"]).openapi({
  description: "issuer: of an authority between a trusted one and a server.",
});
const item = z.object({
  id: z.string().openapi({ description: "SHA-256 of the list, hexadecimal." }),
  folder,
  issuer: z.string(),
  this_update: time,
  next_update: time.nullable(),
  is_overdue: z.boolean(),
  revoked: z.int().openapi({ description: "How many certificates it names." }),
}).openapi("RevocationList");
const one = { params: z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) }) };

/** Adds them. */
export function revocationRoutes({ app, access, guard }: ApiTools, lists: RevocationLists): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "trust", "Lists of revoked certificates"),
      method: "get",
      path: "/api/revocation-lists",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(item), "A page of lists.") }),
    }),
    async (context) => context.json(pageOf(await lists.all(), context.req.valid("query")), 200),
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "trust", "Give a list of revoked certificates, DER or PEM, in place of the one before"),
      method: "post",
      path: "/api/revocation-lists",
      middleware: [guard("administrator"), limitedBody(UPLOAD, MAX_UPLOAD_BYTES)] as const,
      request: {
        query: z.object({ folder: folder.default("trusted") }),
        body: { required: true, content: { [UPLOAD]: { schema: z.string().openapi({ format: "binary" }) } } },
      },
      responses: takes({ 201: json(item, "The list."), ...CONFLICT }),
    }),
    async (context) => {
      access.intend(context.get("caller"), "trust.list.add", "a revocation list");
      const file = new Uint8Array(await context.req.raw.arrayBuffer());
      const added = await lists.add(file, context.req.valid("query").folder);
      access.note(context.get("caller"), "trust.list.add", added.id, { issuer: added.issuer });
      return context.json(added, 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "trust", "Delete a list: certificates of its authority may then be turned away"),
      method: "delete",
      path: "/api/revocation-lists/{id}",
      middleware: [guard("administrator")] as const,
      request: one,
      responses: reads({ 204: { description: "It is gone." }, ...NOT_FOUND }),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      access.intend(context.get("caller"), "trust.list.remove", id);
      const { issuer } = await lists.remove(id);
      access.note(context.get("caller"), "trust.list.remove", id, { issuer });
      return context.body(null, 204);
    },
  );
}
