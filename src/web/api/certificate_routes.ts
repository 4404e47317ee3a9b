/** Certificates and keys for settings to name. A key never comes back. */
import { createRoute, z } from "@hono/zod-openapi";
import type { CertificateStore } from "../../service/certificate_store.ts";
import { limitedBody } from "./body.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const MAX_UPLOAD_BYTES = 1024 * 1024;
const UPLOAD = "application/octet-stream";

const item = z.object({
  id: z.string(),
  kind: z.enum(["certificate", "key"]),
  path: z.string().openapi({ description: "For settings that name a file." }),
  public_key: z.string().openapi({ description: "SHA-256: the same for a certificate and its private key." }),
  certificate: z.object({
    subject: z.string(),
    issuer: z.string(),
    names: z.string(),
    not_before: time,
    not_after: time,
    days_left: z.int(),
    fingerprint: z.string(),
    chain: z.int(),
  }).nullable(),
}).openapi("CertificateFile");

/** Adds them. */
export function certificateRoutes({ app, access, guard }: ApiTools, store: CertificateStore): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "certs", "Certificates and keys that were given to the connector"),
      method: "get",
      path: "/api/certs",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(item), "A page of files.") }),
    }),
    (context) => context.json(pageOf(store.all(), context.req.valid("query")), 200),
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "certs", "Give a certificate with those above it, or a private key: PEM or DER"),
      method: "post",
      path: "/api/certs",
      middleware: [guard("administrator"), limitedBody(UPLOAD, MAX_UPLOAD_BYTES)] as const,
      request: {
        body: { required: true, content: { [UPLOAD]: { schema: z.string().openapi({ format: "binary" }) } } },
      },
      responses: takes({ 201: json(item, "What was read of it."), ...CONFLICT }),
    }),
    async (context) => {
      access.intend(context.get("caller"), "certs.add", "a file");
      const added = store.add(new Uint8Array(await context.req.raw.arrayBuffer()));
      const detail = { kind: added.kind, subject: added.certificate?.subject ?? null };
      access.note(context.get("caller"), "certs.add", added.path, detail);
      return context.json(added, 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "certs", "Delete a file: a setting that names it will not work any more"),
      method: "delete",
      path: "/api/certs/{id}",
      middleware: [guard("administrator")] as const,
      request: { params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }) },
      responses: reads({ 204: { description: "It is gone." }, ...NOT_FOUND }),
    }),
    (context) => {
      const { id } = context.req.valid("param");
      access.intend(context.get("caller"), "certs.remove", id);
      const { path } = store.remove(id);
      access.note(context.get("caller"), "certs.remove", path);
      return context.body(null, 204);
    },
  );
}
