/** Dead letters, and which of them are meant, as the API tells of them. */
import { z } from "@hono/zod-openapi";
import { choiceOf, type LetterChoice } from "../../service/letter_choice.ts";
import { time } from "./schema.ts";

/** Letters that one request may name. */
const MAX_IDS = 1000;

export const letterFilter = z.strictObject({
  source: z.string().max(64).optional(),
  table: z.string().max(800).optional().openapi({ description: "catalog.schema.table" }),
  code: z.string().max(64).optional(),
  after: time.optional().openapi({ description: "Only letters from this time on." }),
  before: time.optional().openapi({ description: "Only letters from before this time." }),
});

/** What a request for some letters says. */
export const letterChoice = z.strictObject({
  ids: z.union([z.literal("all"), z.array(z.int().min(1)).max(MAX_IDS)]).optional(),
  filter: letterFilter.optional().openapi({ description: "In place of ids: those that it finds now." }),
}).refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), "must have either ids or filter");

export function choiceIn({ ids, filter = {} }: z.output<typeof letterChoice>): LetterChoice {
  if (ids === "all") return { kind: "all" };
  return ids ? { kind: "ids", ids } : choiceOf(filter);
}

/** The same in a query. */
export const letterQuery = letterFilter.extend({
  ids: z.string().regex(/^\d{1,15}(,\d{1,15}){0,999}$/).optional().openapi({
    description: "Only these, divided by commas, and no filter beside them.",
    example: "3,7",
  }),
}).refine(
  ({ ids, ...filter }) => ids === undefined || Object.values(filter).every((each) => each === undefined),
  "must have either ids or a filter",
);

export function choiceInQuery({ ids, ...filter }: z.output<typeof letterQuery>): LetterChoice {
  return ids === undefined ? choiceOf(filter) : { kind: "ids", ids: ids.split(",").map(Number) };
}
