/** Dead letters: what could not be delivered and why, and what becomes of it. */
import { createRoute, z } from "@hono/zod-openapi";
import { reasonOf } from "../../core/error.ts";
import type { Caller } from "../../service/access.ts";
import {
  letterPage,
  type LetterSummary,
  letterWith,
  purgeLetters,
  shownLetters,
} from "../../service/dead_letter_admin.ts";
import type { LetterEdit } from "../../service/letter_edit.ts";
import { replayLetter } from "../../service/replay.ts";
import { replayLetters } from "../../service/replay_letters.ts";
import type { Workplace } from "../../service/workplace.ts";
import { Refusal } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, jsonBody, listOf, pageQuery, time } from "./schema.ts";
import { noSpool } from "./spool_tools.ts";
import type { ApiTools } from "./tools.ts";

/** Letters that one request may name. */
const MAX_IDS = 1000;
/** Reasons that one answer tells. */
const MAX_FAILURES = 100;

const summary = z.object({
  id: z.int(),
  source: z.string(),
  time: z.iso.datetime().optional(),
  tag: z.string().optional(),
  table: z.string().optional(),
  code: z.string().optional(),
  reason: z.string(),
}).openapi("LetterSummary");
const letter = summary.extend({
  row: z.object({
    lane: z.string(),
    edge_id: z.string().optional(),
    boot_epoch: z.int().optional(),
    seq: z.int().optional(),
    columns: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).optional(),
    bytes: z.base64(),
  }).optional(),
  payload: z.string().optional(),
  payload_encoding: z.enum(["text", "base64"]).optional(),
  is_cut: z.literal(true).optional().openapi({ description: "Only the beginning of the content was kept." }),
}).openapi("Letter");
const replayed = z.object({
  letters: z.int(),
  rows: z.int(),
  failures: z.array(z.string()).openapi({ description: "Why letters stay, for the first hundred." }),
  left: z.int().openapi({ description: "Letters that were not looked at." }),
}).openapi("Replayed");
const edit = z.strictObject({
  set: z.record(z.string().max(256), z.string()).optional().openapi({
    description: "Columns of its row, as texts.",
    example: { value: "20.5" },
  }),
  payload: z.string().optional().openapi({ description: "The message that the device should have sent." }),
  payload_encoding: z.enum(["text", "base64"]).default("text"),
}).refine(({ set, payload }) => (set === undefined) !== (payload === undefined), "must have either set or payload");

const withId = { params: z.object({ id: z.coerce.number().int().min(1).openapi({ type: "integer" }) }) };
const filters = pageQuery.extend({
  source: z.string().max(64).optional(),
  table: z.string().max(800).optional().openapi({ description: "catalog.schema.table" }),
  code: z.string().max(64).optional(),
  after: time.optional().openapi({ description: "Only letters from this time on." }),
  before: time.optional().openapi({ description: "Only letters from before this time." }),
});

/** Adds them. `workplace`: undefined while nothing is kept on disk. */
export function dlqRoutes({ app, access, guard, body, log }: ApiTools, workplace: () => Workplace | undefined): void {
  const place = () => {
    const found = workplace();
    if (!found) throw noSpool();
    return found;
  };

  // Letters hold what devices sent. A page polls: what follows within minutes is counted in one line.
  const noteRead = (caller: Caller) => {
    try {
      access.noteOften(caller, "dlq.read", "dlq");
    } catch (error) {
      // Nothing is changed by it, and a full disk is no time to hide what went wrong.
      log.log("error", reasonOf(error), { code: "audit_not_written" });
    }
  };

  app.openapi(
    createRoute({
      ...needs("viewer", "dlq", "Dead letters, the newest first"),
      method: "get",
      path: "/api/dlq",
      middleware: [guard("viewer")] as const,
      request: { query: filters },
      responses: reads({ 200: json(listOf(summary), "A page of letters."), ...CONFLICT }),
    }),
    async (context) => {
      const { limit, next, ...wanted } = context.req.valid("query");
      noteRead(context.get("caller"));
      const isWanted = (each: LetterSummary) => matches(each, wanted);
      const before = /^\d{1,15}$/.test(next ?? "") ? Number(next) : Infinity;
      const isAll = Object.values(wanted).every((each) => each === undefined);
      const page = await letterPage(await place().desk(), { limit, before, ...(isAll ? {} : { isWanted }) });
      return context.json({ ...page, next: page.next === undefined ? null : String(page.next) }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "dlq", "All dead letters, a JSON object per line"),
      method: "get",
      path: "/api/dlq/export",
      middleware: [guard("viewer")] as const,
      responses: reads({
        200: { description: "The letters.", content: { "application/x-ndjson": { schema: z.string() } } },
        ...CONFLICT,
      }),
    }),
    async (context) => {
      const desk = await place().desk();
      const lines = shownLetters(desk);
      access.noteOften(context.get("caller"), "dlq.export", "dlq");
      return context.body(linesOf(lines), 200, {
        "content-type": "application/x-ndjson",
        "content-disposition": 'attachment; filename="dead_letters.jsonl"',
      }) as never; // a stream has no type that the route could compare
    },
  );

  app.openapi(
    createRoute({
      ...needs("operator", "dlq", "Send dead letters again, as they are"),
      method: "post",
      path: "/api/dlq/replay",
      middleware: [guard("operator"), body] as const,
      request: {
        body: jsonBody(z.strictObject({ ids: z.union([z.literal("all"), z.array(z.int().min(1)).max(MAX_IDS)]) })),
      },
      responses: takes({ 200: json(replayed, "What came of it."), ...CONFLICT }),
    }),
    async (context) => {
      const { ids } = context.req.valid("json");
      const { loaded, tools: open } = place();
      const tools = await open();
      access.intend(context.get("caller"), "dlq.replay", "dlq");
      const outcome = await replayLetters(tools, {
        ids,
        replayOne: (id) => replayLetter(tools, id, { edit: undefined, sources: loaded }),
        onDone: () => {},
        signal: context.req.raw.signal,
      });
      const { letters, rows, failures, left } = outcome;
      const detail = { ids: ids === "all" ? "all" : ids.length, letters, rows };
      access.note(context.get("caller"), "dlq.replay", "dlq", detail);
      return context.json({ letters, rows, failures: failures.slice(0, MAX_FAILURES), left }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "dlq", "All of one dead letter"),
      method: "get",
      path: "/api/dlq/{id}",
      middleware: [guard("viewer")] as const,
      request: withId,
      responses: reads({ 200: json(letter, "The letter."), ...NOT_FOUND, ...CONFLICT }),
    }),
    async (context) => {
      noteRead(context.get("caller"));
      return context.json(await letterWith(await place().desk(), context.req.valid("param").id), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "dlq", "Change a dead letter, and send it again: its row gets a new identity"),
      method: "put",
      path: "/api/dlq/{id}",
      middleware: [guard("administrator"), body] as const,
      request: { ...withId, body: jsonBody(edit) },
      responses: takes({
        200: json(z.object({ rows: z.int() }), "How many rows it became."),
        ...NOT_FOUND,
        ...CONFLICT,
      }),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const wanted = context.req.valid("json");
      const { loaded, tools } = place();
      access.intend(context.get("caller"), "dlq.edit", String(id));
      const rows = await replayLetter(await tools(), id, { edit: editOf(wanted), sources: loaded });
      const columns = Object.keys(wanted.set ?? { payload: "" }).join(" ");
      access.note(context.get("caller"), "dlq.edit", String(id), { columns, rows });
      return context.json({ rows }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "dlq", "Delete a dead letter for good: the ledger counts it as purged"),
      method: "delete",
      path: "/api/dlq/{id}",
      middleware: [guard("administrator")] as const,
      request: withId,
      responses: reads({ 204: { description: "It is gone." }, ...NOT_FOUND, ...CONFLICT }),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const tools = await place().tools();
      access.intend(context.get("caller"), "dlq.purge", String(id));
      await purgeLetters(tools, [id]);
      access.note(context.get("caller"), "dlq.purge", String(id));
      return context.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "dlq", "Delete all dead letters for good: the ledger counts them as purged"),
      method: "delete",
      path: "/api/dlq",
      middleware: [guard("administrator")] as const,
      responses: reads({ 200: json(z.object({ letters: z.int() }), "How many are gone."), ...CONFLICT }),
    }),
    async (context) => {
      const tools = await place().tools();
      access.intend(context.get("caller"), "dlq.purge", "all");
      const letters = await purgeLetters(tools, "all");
      access.note(context.get("caller"), "dlq.purge", "all", { letters });
      return context.json({ letters }, 200);
    },
  );
}

type Wanted = Omit<z.output<typeof filters>, "limit" | "next">;

/** One that cannot be read has neither time nor table: it matches what asks for neither. */
function matches(letter: LetterSummary, { after, before, ...same }: Wanted): boolean {
  const { source, table, code } = same;
  const atMs = Date.parse(letter.time ?? "");
  return (source === undefined || letter.source === source) && (table === undefined || letter.table === table) &&
    (code === undefined || letter.code === code) && (after === undefined || atMs >= Date.parse(after)) &&
    (before === undefined || atMs < Date.parse(before));
}

function editOf({ set, payload = "", payload_encoding: encoding }: z.output<typeof edit>): LetterEdit {
  if (set) return { set };
  if (encoding === "text") return { payload: new TextEncoder().encode(payload) };
  try {
    return { payload: Uint8Array.fromBase64(payload) };
  } catch {
    throw new Refusal({ status: 422, code: "invalid_request", title: "payload is no base64" });
  }
}

/** An error in the middle can be told in no other way than by an end that comes too soon. */
function linesOf(letters: AsyncIterable<object>): ReadableStream<Uint8Array> {
  const each = letters[Symbol.asyncIterator]();
  const utf8 = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await each.next();
      if (done) controller.close();
      else controller.enqueue(utf8.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await each.return?.();
    },
  });
}
