/** A support bundle of the connector that runs: with the last lines, metrics and status that it has in memory. */
import { createRoute, z } from "@hono/zod-openapi";
import type { CertificateInventory } from "../../service/certificate_inventory.ts";
import type { Workplace } from "../../service/workplace.ts";
import { bundleContents, type BundlePart, sealedBundle } from "../../support/mod.ts";
import { healthAnswer } from "../health_answer.ts";
import type { LogsView } from "./log_routes.ts";
import { needs, takes } from "./route.ts";
import { jsonBody } from "./schema.ts";
import { metricsAnswer, type StatusView } from "./status_routes.ts";
import type { ApiTools } from "./tools.ts";

const TYPE = "application/octet-stream";
const NAME = "support.bundle";
/** Characters of lines: the last ones. */
const MAX_LINES_TEXT = 2 * 1024 * 1024;

export interface BundleView {
  readonly place: () => Workplace;
  readonly logs: LogsView;
  readonly status: StatusView;
  readonly inventory: Pick<CertificateInventory, "all">;
}

const wanted = z.union([
  z.strictObject({ passphrase: z.string().min(12).max(1024) }),
  z.strictObject({
    recipient: z.string().min(1).max(4096).openapi({ description: "The public key of whoever helps, PEM, X25519." }),
  }),
]).openapi("SupportBundle");

/** Adds it. */
export function bundleRoutes({ app, access, guard, body, clock }: ApiTools, view: BundleView): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "support", "Configuration without secrets, log, metrics and state as one sealed file"),
      method: "post",
      path: "/api/support-bundle",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({
        200: {
          description: "The file, for `iot-connector support-bundle FILE --open`.",
          content: { [TYPE]: { schema: z.string().openapi({ format: "binary" }) } },
        },
      }),
    }),
    async (context) => {
      const asked = context.req.valid("json");
      const caller = context.get("caller");
      access.intend(caller, "support.bundle", NAME);
      const texts = await bundleContents(view.place(), clock.nowUs(), partsOf(view));
      const sealing = "recipient" in asked ? { publicKey: asked.recipient } : asked;
      const bytes = await sealedBundle(texts, sealing);
      access.note(caller, "support.bundle", NAME, { files: Object.keys(texts).length, bytes: bytes.length });
      return context.body(bytes, 200, {
        "content-type": TYPE,
        "content-disposition": `attachment; filename="${NAME}"`,
      }) as never; // bytes have no type to compare
    },
  );
}

function partsOf({ logs, status, inventory }: BundleView): BundlePart[] {
  const text = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return [
    { name: "log.txt", about: "the last lines of the log, 2 MB at most", text: () => lastLines(logs) },
    { name: "status.json", about: "as /api/status tells it", text: () => text(healthAnswer(status.health)) },
    { name: "metrics.json", about: "as /api/metrics tells them", text: async () => text(await metricsAnswer(status)) },
    { name: "certificates.json", about: "certificates, no keys", text: async () => text(await inventory.all()) },
  ];
}

function lastLines(logs: LogsView): string {
  const kept: string[] = [];
  let characters = 0;
  for (const { text } of logs.lines().toReversed()) {
    characters += text.length + 1;
    if (characters > MAX_LINES_TEXT) break;
    kept.push(text);
  }
  return kept.reverse().join("\n");
}
