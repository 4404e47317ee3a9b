/** The audit: who changed what, and whether the chain of its lines is whole. */
import { createRoute, z } from "@hono/zod-openapi";
import type { AuditEntry } from "../../service/access.ts";
import { needs, reads } from "./route.ts";
import { json, listOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const entry = z.object({
  n: z.int(),
  time,
  who: z.string(),
  from: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
}).openapi("AuditEntry");
const filter = z.object({
  who: z.string().max(100).optional().openapi({ description: "In the name of who did it, whatever the case." }),
  what: z.string().max(200).optional().openapi({
    description: "In what was done or what it was done to, whatever the case.",
    example: "user.",
  }),
  from: z.iso.datetime().optional().openapi({ description: "From this time on." }),
  to: z.iso.datetime().optional().openapi({ description: "Up to this time." }),
});
const check = z.object({ lines: z.int(), intact: z.boolean(), faults: z.array(z.string()) }).openapi("AuditCheck");

/** Faults that one answer tells. */
const MAX_FAULTS = 100;
/** Lines that one answer looks through: the next page goes on where it ends. */
const MAX_LOOKED = 20_000;

type AuditQuery = z.output<typeof filter> & z.output<typeof pageQuery>;

/** Adds them. */
export function auditRoutes({ app, access, guard }: ApiTools): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "audit", "Who changed what, the newest first"),
      method: "get",
      path: "/api/audit",
      middleware: [guard("administrator")] as const,
      request: { query: pageQuery.extend(filter.shape) },
      responses: reads({ 200: json(listOf(entry), "A page of changes.") }),
    }),
    (context) => {
      const query = context.req.valid("query");
      access.flush();
      return context.json(pageOfAudit(access.audit, query), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "audit", "These lines as a file, as they are kept, the oldest first"),
      method: "get",
      path: "/api/audit/export",
      middleware: [guard("administrator")] as const,
      request: { query: filter },
      responses: reads({
        200: {
          description: "A JSON object per line, with its hash and that of the line before.",
          content: { "application/x-ndjson": { schema: z.string() } },
        },
      }),
    }),
    (context) => {
      const isWanted = wantedBy(context.req.valid("query"));
      return context.body(streamOf(access.audit.lines(), isWanted), 200, {
        "content-type": "application/x-ndjson",
        "content-disposition": 'attachment; filename="audit.jsonl"',
      }) as never; // a stream has no type that the route could compare
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "audit", "Whether the chain of all changes is as it was written"),
      method: "get",
      path: "/api/audit/verify",
      middleware: [guard("administrator")] as const,
      responses: reads({ 200: json(check, "How many lines there are, and where the chain is broken.") }),
    }),
    (context) => {
      const { lines, faults } = access.audit.verify();
      return context.json({ lines, intact: faults.length === 0, faults: faults.slice(0, MAX_FAULTS) }, 200);
    },
  );
}

type Page = { total: number; items: AuditEntry[]; next: string | null };

/** From the newest on. `next` is the number of the last line that was looked at, and how many were found up to there. */
function pageOfAudit(audit: ApiTools["access"]["audit"], query: AuditQuery): Page {
  const [, before = "", found = ""] = /^(\d{1,15})-(\d{1,15})$/.exec(query.next ?? "") ?? [];
  const isWanted = wantedBy(query);
  const isAll = [query.who, query.what, query.from, query.to].every((each) => each === undefined);
  const items: AuditEntry[] = [];
  let [total, looked, place] = [Number(found), 0, 0];
  let next: string | null = null;
  for (const entry of audit.newest()) {
    if (before !== "" && entry.n >= Number(before)) continue;
    if (isAll && next !== null) break;
    if (looked++ === MAX_LOOKED) {
      next ??= `${place}-${total}`;
      break;
    }
    if (isWanted(entry)) {
      if (items.length === query.limit) next ??= `${place}-${total}`;
      else items.push(entry);
      total++;
    }
    if (next === null) place = entry.n;
  }
  return { total: isAll ? audit.count() : total, items, next };
}

/** All times have one form, so that they can be compared as texts. */
function wantedBy({ who = "", what = "", from, to }: z.output<typeof filter>): (entry: AuditEntry) => boolean {
  const [name, part] = [who.toLowerCase(), what.toLowerCase()];
  const [first, last] = [from, to].map((each) => each === undefined ? undefined : new Date(each).toISOString());
  return ({ who, action, target, time }) => {
    if (!who.toLowerCase().includes(name)) return false;
    if (!`${action} ${target}`.toLowerCase().includes(part)) return false;
    return (first === undefined || time >= first) && (last === undefined || time <= last);
  };
}

type AuditLines = ReturnType<ApiTools["access"]["audit"]["lines"]>;

/** Line by line: years of them are not held in memory at once. */
function streamOf(lines: AuditLines, isWanted: (entry: AuditEntry) => boolean): ReadableStream<Uint8Array> {
  const each = lines[Symbol.iterator]();
  const utf8 = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      for (let next = each.next(); !next.done; next = each.next()) {
        if (isWanted(next.value.entry)) return controller.enqueue(utf8.encode(`${next.value.text}\n`));
      }
      controller.close();
    },
  });
}
