/** Sources: how they stand, what their devices say now, and what they have. */
import { createRoute, z } from "@hono/zod-openapi";
import type { SourceStatus } from "../../core/status.ts";
import type { BrowseVisits } from "../../service/browse_visits.ts";
import type { RecentSource } from "../../service/recent_samples.ts";
import type { Sample } from "../../service/sample_source.ts";
import type { Look, SourceLooks } from "../../service/source_looks.ts";
import type { Workplace } from "../../service/workplace.ts";
import { notFound } from "./refusal.ts";
import { LIMITED, needs, NOT_FOUND, PEER_FAILED, reads, takes } from "./route.ts";
import { isoTime, json, jsonBody, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

export interface SourcesView {
  readonly loaded: () => Workplace["loaded"];
  /** How the enabled ones stand, by name. */
  readonly statuses: () => ReadonlyMap<string, SourceStatus>;
  /** What a source read last; undefined for one that never ran. */
  readonly recent: (name: string) => RecentSource | undefined;
  readonly looks: SourceLooks;
  /** Looks through devices whose settings may not be saved. */
  readonly visits: BrowseVisits;
}

const failure = z.object({ code: z.string(), message: z.string(), since: time });
const source = z.object({
  name: z.string(),
  protocol: z.string(),
  enabled: z.boolean(),
  endpoint: z.string().openapi({ description: "As configured." }),
  endpoints: z.array(z.string()).openapi({ description: "Further addresses of the same device." }),
  state: z.string().openapi({ example: "connected", description: "`disabled`, or where its session stands." }),
  since: time.nullable(),
  connected_endpoint: z.string().nullable().openapi({ description: "Where it was last connected." }),
  records_read: z.int(),
  failing_tags: z.int(),
  last_reading: time.nullable(),
  next_attempt: time.nullable(),
  last_error: failure.nullable(),
}).openapi("Source");

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const tagReason = z.object({ tag: z.string(), reason: z.string() });
export const sourceSample = z.object({
  tag: z.string(),
  time: z.string(),
  value: z.string(),
  unit: z.string(),
  type: z.string(),
  status: z.string(),
  row: z.record(z.string(), cell).openapi({ description: "The columns of its row; bytes as base64." }),
}).openapi("SourceSample");
export const lookError = z.object({
  code: z.string(),
  message: z.string(),
  path: z.string().nullable().openapi({ description: "The setting to look at, relative to the source." }),
}).openapi("LookError");
export const look = z.object({
  endpoint: z.string().nullable(),
  lists_nothing: z.boolean().openapi({
    description: "It was only connected to: the source lists nothing to read yet.",
  }),
  samples: z.array(sourceSample),
  refused: z.array(tagReason).openapi({ description: "What would become dead letters." }),
  no_value: z.array(tagReason).openapi({ description: "Tags that give no value." }),
  error: lookError.nullable().openapi({ description: "Why it ended early." }),
}).openapi("Look");

const sample = z.object({ value: z.string(), status: z.string().optional(), time: time.optional() });
const configure = z.object({ list: z.string(), entry: z.record(z.string(), z.unknown()) });
export const browseNode = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  has_children: z.boolean().nullable(),
  data_type: z.string().optional(),
  sample: sample.optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  configure: configure.optional().openapi({ description: "The entry of the configuration that reads it." }),
  alternatives: z.array(z.object({ data_type: z.string(), sample: sample.optional(), configure })).optional(),
}).openapi("BrowseNode");
const browseBody = z.strictObject({
  under: z.string().max(2048).optional().openapi({ description: "The `id` of what to look into." }),
  limit: z.int().min(1).max(5000).default(1000),
  listen_seconds: z.number().min(0.1).max(60).default(5).openapi({
    description: "How long to listen, where a protocol only hears what is sent meanwhile.",
  }),
});

const named = { params: z.object({ name: z.string().min(1).max(64) }) };

/** Adds them. */
export function sourceRoutes({ app, guard, body }: ApiTools, view: SourcesView): void {
  const all = () => shownSources(view);

  app.openapi(
    createRoute({
      ...needs("viewer", "sources", "All sources, and how they stand"),
      method: "get",
      path: "/api/sources",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(source), "A page of sources.") }),
    }),
    (context) => context.json(pageOf(all(), context.req.valid("query")), 200),
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "sources", "How one source stands"),
      method: "get",
      path: "/api/sources/{name}/status",
      middleware: [guard("viewer")] as const,
      request: named,
      responses: reads({ 200: json(source, "The source."), ...NOT_FOUND }),
    }),
    (context) => {
      const found = all().find(({ name }) => name === context.req.valid("param").name);
      if (!found) throw notFound("There is no source of this name");
      return context.json(found, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("operator", "sources", "Connect to the device beside the session that reads it, and tell what it says"),
      method: "post",
      path: "/api/sources/{name}/test",
      middleware: [guard("operator"), body] as const,
      request: { ...named, body: jsonBody(z.strictObject({ seconds: z.number().min(0.1).max(60).default(5) })) },
      responses: takes({ 200: json(look, "What it says, or why it cannot be reached."), ...NOT_FOUND, ...LIMITED }),
    }),
    async (context) => {
      const { seconds } = context.req.valid("json");
      const { name } = context.req.valid("param");
      return context.json(shownLook(await view.looks.test(name, seconds, context.req.raw.signal)), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("operator", "sources", "What the device has: nodes, topics, registers"),
      method: "post",
      path: "/api/sources/{name}/browse",
      middleware: [guard("operator"), body] as const,
      request: { ...named, body: jsonBody(browseBody) },
      responses: takes({
        200: json(z.object({ nodes: z.array(browseNode), is_cut: z.boolean() }), "What lies under that place."),
        ...NOT_FOUND,
        ...LIMITED,
        ...PEER_FAILED,
      }),
    }),
    async (context) => {
      const { under, limit: most, listen_seconds: listenSeconds } = context.req.valid("json");
      const { name } = context.req.valid("param");
      const wanted = { under, most, listenSeconds };
      const found = await view.looks.browse(name, wanted, context.req.raw.signal);
      return context.json(found as { nodes: z.output<typeof browseNode>[]; is_cut: boolean }, 200); // the same, but for readonly
    },
  );
}

function shownSources({ loaded, statuses }: SourcesView): z.output<typeof source>[] {
  const now = statuses();
  return loaded().sources.map(({ spec, config, alternates, isEnabled }) => {
    const status = isEnabled ? now.get(config.name) : undefined;
    const at = (us: number | undefined) => us === undefined ? null : isoTime(us);
    return {
      name: config.name,
      protocol: spec.type,
      enabled: isEnabled,
      endpoint: config.endpoint,
      endpoints: alternates.map(({ endpoint }) => endpoint),
      state: isEnabled ? status?.state ?? "stopped" : "disabled",
      since: at(status?.since),
      connected_endpoint: status?.endpoint ?? null,
      records_read: status?.recordsRead ?? 0,
      failing_tags: status?.failingTags ?? 0,
      last_reading: at(status?.lastReadingUs),
      next_attempt: at(status?.nextAttemptUs),
      last_error: status?.lastError ? { ...status.lastError, since: isoTime(status.lastError.since) } : null,
    };
  });
}

export function shownLook({ samples, refused, no_value, ...rest }: Look): z.output<typeof look> {
  return { ...rest, samples: samples.map(shownSample), refused: [...refused], no_value: [...no_value] };
}

export function shownSample(sample: Sample): z.output<typeof sourceSample> {
  return { ...sample, row: shownRow(sample.row) };
}

/** JSON has no word for some numbers, and none for bytes. */
function shownRow(row: Readonly<Record<string, unknown>>): Record<string, z.output<typeof cell>> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shownCell(value)]));
}

function shownCell(value: unknown): z.output<typeof cell> {
  if (value instanceof Uint8Array) return value.toBase64();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  return typeof value === "string" || typeof value === "boolean" || value === null ? value : String(value);
}
