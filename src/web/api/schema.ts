/** Shapes that many answers have. */
import { z } from "@hono/zod-openapi";

/** RFC 9457. `code` is a stable word for programs, `title` and `detail` are for people. */
export const problemSchema = z.object({
  type: z.string(),
  status: z.int(),
  code: z.string().openapi({ example: "login_failed" }),
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional().openapi({
    description: "What is wrong with which member of the request.",
  }),
}).openapi("Problem");

type Described<S extends z.ZodType> = { description: string; content: { "application/json": { schema: S } } };

/** An answer that is JSON of this shape. */
export function json<S extends z.ZodType>(schema: S, description: string): Described<S> {
  return { description, content: { "application/json": { schema } } };
}

/** A request's body that is JSON of this shape, and must be there. */
export function jsonBody<S extends z.ZodType>(
  schema: S,
): { required: true; content: { "application/json": { schema: S } } } {
  return { required: true, content: { "application/json": { schema } } };
}

/** A page of a list: `next` is for the query `next`, and null on the last page. */
export function listOf<S extends z.ZodType>(
  item: S,
): z.ZodObject<{ total: z.ZodNumber; items: z.ZodArray<S>; next: z.ZodNullable<z.ZodString> }> {
  return z.object({ total: z.int(), items: z.array(item), next: z.string().nullable() });
}

const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

/** The query of a list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).openapi({
    type: "integer",
    description: "The most items.",
  }),
  next: z.string().max(100).optional().openapi({ description: "`next` of the page before." }),
});

/** ISO 8601, UTC. */
export const time = z.iso.datetime().openapi({ example: "2026-01-31T12:00:00.000Z" });

/** Of microseconds since 1970-01-01 UTC. */
export function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}

/** One page of all items, whose places in the list stand for where the next begins. */
export function pageOf<T>(
  all: readonly T[],
  { limit, next }: z.output<typeof pageQuery>,
): { total: number; items: T[]; next: string | null } {
  const from = /^\d{1,9}$/.test(next ?? "") ? Number(next) : 0;
  const items = all.slice(from, from + limit);
  return { total: all.length, items, next: from + limit < all.length ? String(from + limit) : null };
}
