/** Certificates and keys: those that the connector works with, and those that were given to it. A key never comes back. */
import { createRoute, z } from "@hono/zod-openapi";
import { ConfigError } from "../../core/error.ts";
import type { CertificateInventory } from "../../service/certificate_inventory.ts";
import type { CertificateStore } from "../../service/certificate_store.ts";
import { limitedBody } from "./body.ts";
import { notFound } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, jsonBody, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const MAX_UPLOAD_BYTES = 1024 * 1024;
/** The same file as base64, in JSON. */
const MAX_BASE64 = Math.ceil(MAX_UPLOAD_BYTES / 3) * 4;
const UPLOAD = "application/octet-stream";

const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.string(),
  not_before: time,
  not_after: time,
  days_left: z.int(),
  fingerprint: z.string().openapi({ description: "SHA-256, hexadecimal." }),
  chain: z.int().openapi({ description: "How many certificates there are with those above it." }),
}).openapi("Certificate");
const faults = z.array(z.object({ level: z.enum(["bad", "warn"]), text: z.string() })).openapi({
  description: "What is wrong with it for what it is used for.",
});
const item = z.object({
  id: z.string(),
  kind: z.enum(["certificate", "key"]),
  path: z.string().openapi({ description: "For settings that name a file." }),
  public_key: z.string().openapi({
    description: "SHA-256: the same for a certificate and its private key. Empty: the file is damaged.",
  }),
  certificate: certificate.nullable(),
}).openapi("CertificateFile");
const inventoryItem = z.object({
  path: z.string().openapi({ description: "Relative to the home directory; of a server its fingerprint." }),
  origin: z.enum(["own_opcua", "own_gui", "upload", "server", "file"]),
  id: z.string().nullable().openapi({ description: "Of what was given, to delete it by." }),
  kind: z.enum(["certificate", "key"]),
  used_by: z.array(z.string()).openapi({ description: "Settings that name it; of a server the sources." }),
  certificate: certificate.nullable(),
  faults,
}).openapi("CertificateInUse");
const readFile = z.object({
  certificate: certificate.nullable(),
  above: z.array(z.string()).openapi({ description: "Subjects of the certificates above the first." }),
  has_key: z.boolean(),
  faults,
}).openapi("CertificateRead");
const given = z.strictObject({
  file: z.base64().min(4).max(MAX_BASE64).openapi({ description: "PEM, DER or PKCS#12, as base64." }),
  password: z.string().max(1024).default("").openapi({ description: "Of a PKCS#12 file, or of a sealed key." }),
});
const one = { params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }) };
const own = {
  params: z.object({ which: z.enum(["opcua", "gui"]) }),
  query: z.object({ form: z.enum(["der", "pem"]).default("der") }),
};

interface Certificates {
  readonly certificates: CertificateStore;
  readonly inventory: CertificateInventory;
}

/** Adds them. */
export function certificateRoutes(
  { app, access, guard }: ApiTools,
  { certificates: store, inventory }: Certificates,
): void {
  const fileBody = limitedBody("application/json", MAX_BASE64 + 4096);

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
      ...needs("viewer", "certs", "Every certificate and key that the connector works with, and what uses it"),
      method: "get",
      path: "/api/certificates",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(inventoryItem), "A page of them.") }),
    }),
    async (context) => {
      const all = (await inventory.all()).map((each) => ({
        ...each,
        used_by: [...each.used_by],
        faults: [...each.faults],
      }));
      return context.json(pageOf(all, context.req.valid("query")), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "certs", "A certificate of our own, to trust it at a server or in a browser; never its key"),
      method: "get",
      path: "/api/certificates/own/{which}",
      middleware: [guard("viewer")] as const,
      request: own,
      responses: reads({
        200: {
          description: "The certificate, DER or PEM.",
          content: { [UPLOAD]: { schema: z.string().openapi({ format: "binary" }) } },
        },
        ...NOT_FOUND,
      }),
    }),
    (context) => {
      const { which } = context.req.valid("param");
      const { form } = context.req.valid("query");
      const der = inventory.own(`own_${which}`);
      if (!der) throw notFound("There is none yet: it is made at first use");
      const headers = {
        "content-type": UPLOAD,
        "content-disposition": `attachment; filename="iot-connector-${which}.${form}"`,
      };
      return context.body(form === "der" ? new Uint8Array(der) : pemOf(der), 200, headers);
    },
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
      responses: takes({ 201: json(item, "What was read of it: of several parts the first."), ...CONFLICT }),
    }),
    async (context) => {
      access.intend(context.get("caller"), "certs.add", "a file");
      const [added, ...others] = await store.add(new Uint8Array(await context.req.raw.arrayBuffer()));
      for (const each of [added, ...others]) noteAdded(context.get("caller"), each);
      return context.json(added, 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "certs", "What is in a file, PEM, DER or PKCS#12: keeps nothing"),
      method: "post",
      path: "/api/certs/read",
      middleware: [guard("administrator"), fileBody] as const,
      request: { body: jsonBody(given) },
      responses: takes({ 200: json(readFile, "What was read; that a private key is in it, and nothing of the key.") }),
    }),
    async (context) => {
      const { file, password } = context.req.valid("json");
      const { above, faults, ...rest } = await store.read(
        Uint8Array.fromBase64(file),
        password,
        context.req.raw.signal,
      );
      return context.json({ ...rest, above: [...above], faults: [...faults] }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "certs", "Keep all that is in a file, PEM, DER or PKCS#12, for settings to name"),
      method: "post",
      path: "/api/certs/import",
      middleware: [guard("administrator"), fileBody] as const,
      request: { body: jsonBody(given) },
      responses: takes({
        201: json(z.object({ items: z.array(item) }), "Its certificates, and each key."),
        ...CONFLICT,
      }),
    }),
    async (context) => {
      const { file, password } = context.req.valid("json");
      access.intend(context.get("caller"), "certs.add", "a file");
      const items = await store.add(Uint8Array.fromBase64(file), password, context.req.raw.signal);
      for (const each of items) noteAdded(context.get("caller"), each);
      return context.json({ items: [...items] }, 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "certs", "Delete a file that no setting names"),
      method: "delete",
      path: "/api/certs/{id}",
      middleware: [guard("administrator")] as const,
      request: one,
      responses: reads({ 204: { description: "It is gone." }, ...NOT_FOUND, ...CONFLICT }),
    }),
    (context) => {
      const { id } = context.req.valid("param");
      access.intend(context.get("caller"), "certs.remove", id);
      const users = inventory.usersOf(store.find(id).path);
      if (users.length > 0) {
        throw new ConfigError("certificate_in_use", `It is used by ${users.join(", ")}: set another one there first`);
      }
      const { path } = store.remove(id);
      access.note(context.get("caller"), "certs.remove", path);
      return context.body(null, 204);
    },
  );

  function noteAdded(by: Parameters<typeof access.note>[0], { kind, path, certificate }: z.output<typeof item>): void {
    access.note(by, "certs.add", path, { kind, subject: certificate?.subject ?? null });
  }
}

function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
