/** Which OPC UA servers are trusted. */
import { createRoute, z } from "@hono/zod-openapi";
import type { TrustItem, TrustList } from "../../service/trust_list.ts";
import { limitedBody } from "./body.ts";
import { needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const MAX_UPLOAD_BYTES = 1024 * 1024;
const UPLOAD = "application/octet-stream";

const item = z.object({
  fingerprint: z.string().openapi({ description: "SHA-256, hexadecimal." }),
  thumbprint: z.string().openapi({ description: "SHA-1, as OPC UA tools name it." }),
  state: z.enum(["trusted", "rejected", "issuer"]).openapi({
    description: "issuer: an authority that is known, and not trusted by itself.",
  }),
  subject: z.string(),
  issuer: z.string(),
  not_before: time,
  not_after: time,
  days_left: z.int(),
  names: z.string().openapi({ description: "Names, addresses and the application's URI." }),
  is_authority: z.boolean(),
  endpoint: z.string().nullable().openapi({ description: "Where it was shown last." }),
  met: time.nullable(),
  sources: z.array(z.string()).openapi({ description: "Configured sources at that endpoint." }),
}).openapi("TrustItem");

type Item = z.output<typeof item>;

const one = { params: z.object({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/) }) };

/** Adds them. */
export function trustRoutes({ app, access, guard }: ApiTools, trust: TrustList): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "trust", "Certificates of OPC UA servers: those that are trusted, and those turned away"),
      method: "get",
      path: "/api/trust",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(item), "A page of certificates.") }),
    }),
    (context) => context.json(pageOf(trust.all().map(shown), context.req.valid("query")), 200),
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "trust", "Trust the certificate in a file, DER or PEM, before its server is first met"),
      method: "post",
      path: "/api/trust",
      middleware: [guard("administrator"), limitedBody(UPLOAD, MAX_UPLOAD_BYTES)] as const,
      request: {
        query: z.object({
          as: z.enum(["trusted", "issuer"]).default("trusted").openapi({
            description: "issuer: an authority between a trusted one and a server.",
          }),
        }),
        body: { required: true, content: { [UPLOAD]: { schema: z.string().openapi({ format: "binary" }) } } },
      },
      responses: takes({ 201: json(item, "The certificate.") }),
    }),
    async (context) => {
      access.intend(context.get("caller"), "trust.add", "a certificate");
      const added = trust.add(new Uint8Array(await context.req.raw.arrayBuffer()), context.req.valid("query").as);
      access.note(context.get("caller"), "trust.add", added.fingerprint, { subject: added.subject });
      return context.json(shown(added), 201);
    },
  );

  for (const [word, state] of [["trust", "trusted"], ["reject", "rejected"]] as const) {
    app.openapi(
      createRoute({
        ...needs(
          "administrator",
          "trust",
          `${word === "trust" ? "Trust" : "Do not trust"} it from the next connection on`,
        ),
        method: "post",
        path: `/api/trust/{fingerprint}/${word}`,
        middleware: [guard("administrator")] as const,
        request: one,
        responses: reads({ 200: json(item, "The certificate."), ...NOT_FOUND }),
      }),
      (context) => {
        const wanted = context.req.valid("param").fingerprint;
        access.intend(context.get("caller"), `trust.${word}`, wanted);
        const moved = trust.move(wanted, state);
        access.note(context.get("caller"), `trust.${word}`, moved.fingerprint, { subject: moved.subject });
        return context.json(shown(moved), 200);
      },
    );
  }

  app.openapi(
    createRoute({
      ...needs("administrator", "trust", "Delete it: its server is turned away, and then listed again"),
      method: "delete",
      path: "/api/trust/{fingerprint}",
      middleware: [guard("administrator")] as const,
      request: one,
      responses: reads({ 204: { description: "It is gone." }, ...NOT_FOUND }),
    }),
    (context) => {
      const { fingerprint } = context.req.valid("param");
      access.intend(context.get("caller"), "trust.remove", fingerprint);
      const { subject } = trust.remove(fingerprint);
      access.note(context.get("caller"), "trust.remove", fingerprint, { subject });
      return context.body(null, 204);
    },
  );
}

function shown(one: TrustItem): Item {
  return { ...one, sources: [...one.sources] };
}
