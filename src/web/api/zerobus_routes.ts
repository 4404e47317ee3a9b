/** The way to Databricks: tested step by step, and what its administrator has to run. */
import { createRoute, z } from "@hono/zod-openapi";
import { type Progress, protocolLanes, wantedTables, workspaceScript, type ZerobusDoctor } from "../../doctor/mod.ts";
import { isAtLeast } from "../../service/access.ts";
import type { ChangeTools } from "./config_routes.ts";
import { Refusal } from "./refusal.ts";
import { LIMITED, needs, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import type { SourcesView } from "./source_routes.ts";
import type { ApiTools } from "./tools.ts";

const block = z.record(z.string(), z.unknown());
const wanted = z.strictObject({
  draft: z.strictObject({ zerobus: block.optional(), security: block.optional() }).optional().openapi({
    description:
      "A merge patch of these blocks, to test what is not saved: needs the role administrator. Secrets that " +
      "it does not name are the saved ones, where they go the same way.",
  }),
});

const name = z.string().regex(/^[A-Za-z0-9_]{1,255}$/);
const target = z.strictObject({
  catalog: name,
  schema: name,
  table: name.nullable().default(null),
  tables: z.strictObject({ opcua: name, mqtt: name, modbus: name }),
  client_id: z.string().max(200).regex(/^[^\s`]*$/).nullable().default(null),
});

export interface ZerobusView extends Pick<SourcesView, "loaded"> {
  readonly doctor: ZerobusDoctor;
}

/** Adds them. */
export function zerobusRoutes(
  { app, access, guard, body, log }: ApiTools,
  { loaded, doctor }: ZerobusView,
  { service }: Pick<ChangeTools, "service">,
): void {
  app.openapi(
    createRoute({
      ...needs("operator", "zerobus", "Test the way to Databricks step by step; no row is sent"),
      method: "post",
      path: "/api/zerobus/test",
      middleware: [guard("operator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({
        200: {
          description:
            "A JSON object a line: `kind` is begun (`id`, `title`), done (`result`: `id`, `title`, `state` ok, warn, " +
            "fail or skipped, `measured`, `cause`, `remedy`, `ms`), or end (`healthy`).",
          content: { "application/x-ndjson": { schema: z.string() } },
        },
        ...LIMITED,
      }),
    }),
    async (context) => {
      const { draft } = context.req.valid("json");
      if (draft && !isAtLeast(context.get("caller").role, "administrator")) throw draftRefused();
      const left = new AbortController();
      const signal = AbortSignal.any([left.signal, context.req.raw.signal]);
      const config = draft ? await service().draft(enabled(draft)) : loaded();
      if (draft) {
        const { workspace_host: host, zerobus_endpoint: endpoint } = config.config.zerobus;
        access.noteOften(context.get("caller"), "device.looked", `${host}, ${endpoint}`, { how: "zerobus" });
      }
      const told = lines(await doctor.begin(config, signal), (error) => {
        if (!signal.aborted) {
          log.log("error", `A test of Zerobus met a defect, please report it: ${error}`, { code: "bug" });
        }
      });
      return context.body(streamOf(told, left), 200, { "content-type": "application/x-ndjson" }) as never; // a stream has no type to compare
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "zerobus", "The statements that make schema and tables, and grant what is needed"),
      method: "post",
      path: "/api/zerobus/script",
      middleware: [guard("viewer"), body] as const,
      request: { body: jsonBody(target) },
      responses: takes({ 200: json(z.object({ sql: z.string() }), "SQL for who administers the workspace.") }),
    }),
    (context) => {
      const { client_id: principal, ...names } = context.req.valid("json");
      return context.json({ sql: workspaceScript(wantedTables(protocolLanes(names)), principal) }, 200);
    },
  );
}

/** Whoever may name an address makes the connector connect to it. */
function draftRefused(): Refusal {
  return new Refusal({
    status: 403,
    code: "role_too_low",
    title: "Settings that are not saved are for administrators to test",
  });
}

/** What is tested is to be used: all that it then needs must be there. */
function enabled({ zerobus, ...rest }: z.output<typeof wanted>["draft"] & object): Record<string, unknown> {
  return { ...rest, zerobus: { ...zerobus, enabled: true } };
}

async function* lines(told: AsyncIterable<Progress>, bug: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  const utf8 = new TextEncoder();
  const line = (value: unknown) => utf8.encode(`${JSON.stringify(value)}\n`);
  let healthy = true;
  try {
    for await (const each of told) {
      if (each.kind === "done") healthy &&= each.result.state === "ok" || each.result.state === "warn";
      yield line(each);
    }
    yield line({ kind: "end", healthy });
  } catch (error) {
    bug(error);
    yield line({ kind: "end", healthy: false });
  }
}

/** Ends the test when nobody reads it any more. */
function streamOf(told: AsyncGenerator<Uint8Array>, left: AbortController): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await told.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      left.abort();
      await told.return(undefined).catch(() => {/* it was given up */});
    },
  }, { highWaterMark: 0 });
}
