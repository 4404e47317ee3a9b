/** The last lines of the log. */
import { createRoute, z } from "@hono/zod-openapi";
import type { LogLevel } from "../../core/logger.ts";
import { needs, reads, takes } from "./route.ts";
import { json, jsonBody, listOf, MAX_LIMIT, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

/** A line that was written. */
export interface ShownLine {
  /** Counts up from 1. */
  readonly n: number;
  readonly level: LogLevel;
  /** The line as JSON: `time`, `level`, `message`, and its fields. */
  readonly text: string;
}

export interface LogsView {
  /** The oldest first. */
  lines(): readonly ShownLine[];
  follow(listener: (line: ShownLine) => void): Disposable;
  /** The least severe level that is written. */
  level: LogLevel;
}

export const LEVELS = ["debug", "info", "warn", "error"] as const;
const level = z.enum(LEVELS);
const line = z.looseObject({ n: z.int(), time, level, message: z.string() }).openapi("LogLine");
const query = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(200).openapi({ type: "integer" }),
  next: z.string().max(20).optional().openapi({ description: "`next` of the page before." }),
  level: level.optional().openapi({ description: "This level and those that are more severe." }),
  source: z.string().max(64).optional(),
  text: z.string().max(200).optional().openapi({ description: "In the line, whatever the case." }),
  from: z.iso.datetime().optional().openapi({ description: "Lines from this time on." }),
  to: z.iso.datetime().optional().openapi({ description: "Lines up to this time." }),
});

type Filter = Omit<z.output<typeof query>, "limit" | "next">;

/** Adds them. */
export function logRoutes({ app, access, guard, body }: ApiTools, logs: LogsView): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "logs", "The last 10,000 lines, the newest first"),
      method: "get",
      path: "/api/logs",
      middleware: [guard("viewer")] as const,
      request: { query },
      responses: reads({ 200: json(listOf(line), "A page of lines.") }),
    }),
    (context) => {
      const { limit, next, ...filter } = context.req.valid("query");
      const found = logs.lines().filter(wantedBy(filter)).reverse();
      const before = /^\d{1,15}$/.test(next ?? "") ? Number(next) : Infinity;
      const rest = found.filter(({ n }) => n < before);
      const items = rest.slice(0, limit).map(shown);
      return context.json({ total: found.length, items, next: rest[limit] ? String(items.at(-1)!.n) : null }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "logs", "All of these lines as a file, the oldest first"),
      method: "get",
      path: "/api/logs/download",
      middleware: [guard("viewer")] as const,
      request: { query: query.omit({ limit: true, next: true }) },
      responses: reads({
        200: { description: "A JSON object per line.", content: { "application/x-ndjson": { schema: z.string() } } },
      }),
    }),
    (context) => {
      const lines = logs.lines().filter(wantedBy(context.req.valid("query")));
      return context.body(lines.map(({ text }) => `${text}\n`).join(""), 200, {
        "content-type": "application/x-ndjson",
        "content-disposition": 'attachment; filename="connector.log.jsonl"',
      }) as never; // a text of another type than the route could compare
    },
  );

  const levelBody = z.strictObject({ level });
  app.openapi(
    createRoute({
      ...needs("viewer", "logs", "The least severe level that is written"),
      method: "get",
      path: "/api/logs/level",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(z.object({ level }), "The level.") }),
    }),
    (context) => context.json({ level: logs.level }, 200),
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "logs", "Write more or less, until the next start"),
      method: "put",
      path: "/api/logs/level",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(levelBody) },
      responses: takes({ 200: json(z.object({ level }), "The level.") }),
    }),
    (context) => {
      const { level } = context.req.valid("json");
      access.note(context.get("caller"), "logs.level", level, { before: logs.level });
      logs.level = level;
      return context.json({ level }, 200);
    },
  );
}

/** The line as the API tells it. */
export function shown({ n, text }: ShownLine): z.output<typeof line> {
  return { ...JSON.parse(text), n }; // the log wrote it
}

function wantedBy({ level, source, text, from, to }: Filter): (line: ShownLine) => boolean {
  const least = level === undefined ? 0 : LEVELS.indexOf(level);
  const part = text?.toLowerCase();
  // As they begin with the time in one form, lines and times can be compared as texts.
  const [first, last] = [from, to].map((each) => each === undefined ? undefined : new Date(each).toISOString());
  const sourceMark = source === undefined ? undefined : `"source":${JSON.stringify(source)}`;
  return (line) => {
    if (LEVELS.indexOf(line.level) < least) return false;
    if (part !== undefined && !line.text.toLowerCase().includes(part)) return false;
    if (sourceMark !== undefined && !line.text.includes(sourceMark)) return false;
    const time = line.text.slice(9, 33); // {"time":"2026-…Z"
    return (first === undefined || time >= first) && (last === undefined || time <= last);
  };
}
