/** What becomes of several dead letters at once: sent again, deleted, carried away. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Caller } from "../../service/access.ts";
import { choiceTold, chosenIds, chosenLetters, type LetterChoice, purgeChosen } from "../../service/letter_choice.ts";
import { replayLetter } from "../../service/replay.ts";
import { replayLetters } from "../../service/replay_letters.ts";
import type { Progress, Workplace } from "../../service/workplace.ts";
import { choiceIn, choiceInQuery, letterChoice, letterQuery } from "./letter_schema.ts";
import { CONFLICT, needs, reads, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import { LINES_ANSWER, toldOptions } from "./spool_tools.ts";
import { LINES, toldLines, wantsLines } from "./told_lines.ts";
import type { ApiTools } from "./tools.ts";

/** Reasons that one answer tells. */
const MAX_FAILURES = 100;

const replayed = z.object({
  letters: z.int(),
  rows: z.int(),
  failures: z.array(z.string()).openapi({ description: "Why letters stay, for the first hundred." }),
  stayed: z.int().openapi({ description: "How many stay." }),
  left: z.int().openapi({ description: "Letters that were not looked at." }),
}).openapi("Replayed");
const purged = z.object({ letters: z.int(), left: z.int() }).openapi("Purged");

/** Work with the letters that were chosen, which resolves with what came of it. */
interface Work {
  readonly place: Workplace;
  readonly choice: LetterChoice;
  readonly at: (step: Progress) => void;
  readonly signal: AbortSignal;
}

/** Adds them. `place`: throws while nothing is kept on disk. */
export function dlqBulkRoutes(tools: ApiTools, place: () => Workplace): void {
  const { app, access, guard, body } = tools;

  app.openapi(
    createRoute({
      ...needs("viewer", "dlq", "Dead letters, all or those chosen, a JSON object per line"),
      method: "get",
      path: "/api/dlq/export",
      middleware: [guard("viewer")] as const,
      request: { query: letterQuery },
      responses: reads({
        200: { description: "The letters.", content: { [LINES]: { schema: z.string() } } },
        ...CONFLICT,
      }),
    }),
    async (context) => {
      const choice = choiceInQuery(context.req.valid("query"));
      const desk = await place().desk();
      access.noteLook(context.get("caller"), "dlq.export", "dlq", choiceTold(choice));
      return context.body(linesOf(chosenLetters(desk, choice, context.req.raw.signal)), 200, {
        "content-type": LINES,
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
      request: { body: jsonBody(letterChoice) },
      responses: takes({ 200: answered(replayed), ...CONFLICT }),
    }),
    async (context) => {
      const choice = choiceIn(context.req.valid("json"));
      const answer = (caller: Caller) => begin(context.req.raw, { caller, choice, action: "dlq.replay", work: replay });
      return await answer(context.get("caller")) as never; // lines have no type to compare
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "dlq", "Delete dead letters for good: the ledger counts them as purged"),
      method: "post",
      path: "/api/dlq/purge",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(letterChoice) },
      responses: takes({ 200: answered(purged), ...CONFLICT }),
    }),
    async (context) => {
      const choice = choiceIn(context.req.valid("json"));
      const answer = (caller: Caller) => begin(context.req.raw, { caller, choice, action: "dlq.purge", work: purge });
      return await answer(context.get("caller")) as never; // as above
    },
  );

  interface Begun {
    readonly caller: Caller;
    readonly choice: LetterChoice;
    readonly action: string;
    readonly work: (work: Work) => Promise<Told>;
  }

  /** Answers at the end, or with a line for each step to who asks for lines. */
  async function begin(request: Request, { caller, choice, action, work }: Begun): Promise<Response> {
    const given = { place: place(), choice };
    const which = choiceTold(choice);
    access.intend(caller, action, which);
    const finish = async (at: Work["at"], signal: AbortSignal) => {
      const { noted, told } = await work({ ...given, at, signal });
      access.note(caller, action, which, noted);
      return told;
    };
    if (!wantsLines(request)) return Response.json(await finish(() => {}, request.signal));
    return toldLines(
      ({ progress, signal }) => finish(progress, signal),
      toldOptions(tools, caller, request.signal),
    );
  }
}

/** What came of it, for the audit and for who asked. */
interface Told {
  readonly noted: Readonly<Record<string, number>>;
  readonly told: object;
}

async function replay({ place: { loaded, tools: open }, choice, at, signal }: Work): Promise<Told> {
  const tools = await open();
  const { failures, ...counts } = await replayLetters(tools, {
    ids: await chosenIds(tools, choice, signal),
    replayOne: (id) => replayLetter(tools, id, { edit: undefined, sources: loaded }),
    onDone: (done, of) => at({ done, of }),
    signal,
  });
  const noted = { ...counts, stayed: failures.length };
  return { noted, told: { ...noted, failures: failures.slice(0, MAX_FAILURES) } };
}

async function purge({ place, choice, at, signal }: Work): Promise<Told> {
  const tools = await place.tools();
  const ids = await chosenIds(tools, choice, signal);
  const noted = await purgeChosen(tools, { ids, onDone: (done) => at({ done, of: ids.length }), signal });
  return { noted: { ...noted }, told: noted };
}

function answered<S extends z.ZodType>(schema: S) {
  const { description, content } = json(
    schema,
    "What came of it; with `accept: application/x-ndjson` how far it is too.",
  );
  return { description, content: { ...content, ...LINES_ANSWER.content } };
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
