/** Dead letters: what could not be delivered and why, and what becomes of it. */
import { createRoute, z } from "@hono/zod-openapi";
import { reasonOf } from "../../core/error.ts";
import { Turns } from "../../lib/turns.ts";
import type { Caller } from "../../service/access.ts";
import { letterPage, type LetterSummary, letterWith, purgeLetters } from "../../service/dead_letter_admin.ts";
import { choiceOf, filterTold, matches } from "../../service/letter_choice.ts";
import type { LetterEdit } from "../../service/letter_edit.ts";
import { replayLetter } from "../../service/replay.ts";
import type { Workplace } from "../../service/workplace.ts";
import { letterFilter } from "./letter_schema.ts";
import { Refusal } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { json, jsonBody, listOf, pageQuery } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

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
const edit = z.strictObject({
  set: z.record(z.string().max(256), z.string()).optional().openapi({
    description: "Columns of its row, as texts.",
    example: { value: "20.5" },
  }),
  payload: z.string().optional().openapi({ description: "The message that the device should have sent." }),
  payload_encoding: z.enum(["text", "base64"]).default("text"),
}).refine(({ set, payload }) => (set === undefined) !== (payload === undefined), "must have either set or payload");

const withId = { params: z.object({ id: z.coerce.number().int().min(1).openapi({ type: "integer" }) }) };
const filters = pageQuery.extend(letterFilter.shape);

/** Adds them. `place`: throws while nothing is kept on disk. */
export function dlqRoutes({ app, access, guard, body, log }: ApiTools, place: () => Workplace): void {
  // With a filter every letter is opened: one such search takes a core, and many would take it from the sources.
  const searches = new Turns();
  // Letters hold what devices sent. A page polls: what follows within minutes is counted in one line.
  const noteRead = (caller: Caller, which: string) => {
    try {
      access.noteLook(caller, "dlq.read", "dlq", which);
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
      noteRead(context.get("caller"), filterTold(wanted));
      const { signal } = context.req.raw;
      const isWanted = (each: LetterSummary) => matches(each, wanted);
      const before = /^\d{1,15}$/.test(next ?? "") ? Number(next) : Infinity;
      const isAll = choiceOf(wanted).kind === "all";
      const desk = await place().desk();
      const page = isAll
        ? await letterPage(desk, { limit, before })
        : await searches.take(() => letterPage(desk, { limit, before, isWanted, signal }), signal);
      return context.json({ ...page, next: page.next === undefined ? null : String(page.next) }, 200);
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
      const { id } = context.req.valid("param");
      noteRead(context.get("caller"), `letter ${id}`);
      return context.json(await letterWith(await place().desk(), id), 200);
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

function editOf({ set, payload = "", payload_encoding: encoding }: z.output<typeof edit>): LetterEdit {
  if (set) return { set };
  if (encoding === "text") return { payload: new TextEncoder().encode(payload) };
  try {
    return { payload: Uint8Array.fromBase64(payload) };
  } catch {
    throw new Refusal({ status: 422, code: "invalid_request", title: "payload is no base64" });
  }
}
