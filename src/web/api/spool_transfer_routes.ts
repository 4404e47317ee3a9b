/** Rows that wait, carried to another connector in a sealed file, and taken in from one. */
import { createRoute, z } from "@hono/zod-openapi";
import { carriedPath, newCarriedFile } from "../../service/carried_files.ts";
import { spoolStat, uploadPath } from "../../service/spool_admin.ts";
import { takeUpload } from "../../service/spool_upload.ts";
import type { Progress, Sealing } from "../../service/workplace.ts";
import { Refusal } from "./refusal.ts";
import { CONFLICT, needs, takes } from "./route.ts";
import { jsonBody } from "./schema.ts";
import { fileAnswer, ROWS_FILE } from "./spool_file_routes.ts";
import { LINES_ANSWER, type SpoolPlaceView, toldOptions } from "./spool_tools.ts";
import { begunSteps, toldLines, wantsLines } from "./told_lines.ts";
import type { ApiTools } from "./tools.ts";

/** As a file is called whose name nobody told. */
const SHOWN = "the file";
/** What a full spool was carried out into is a little larger than the spool. */
const IMPORT_MARGIN = 1.1;
const MAX_PASSPHRASE = 1024;

const passphrase = z.string().min(1).max(MAX_PASSPHRASE);
const wanted = z.strictObject({
  passphrase: passphrase.optional().openapi({
    description: "The file is sealed with a key made of it, 12 characters at least; without it with the spool's own.",
  }),
});
const headers = z.object({
  "x-passphrase": z.string().max(3 * MAX_PASSPHRASE).optional().openapi({
    description: "What the file is sealed with, UTF-8, percent-encoded where it is more than letters and digits.",
  }),
});

/** Adds them. */
export function spoolTransferRoutes(tools: ApiTools, view: SpoolPlaceView): void {
  addExport(tools, view);
  addImport(tools, view);
}

function addExport(tools: ApiTools, { place, jobs }: SpoolPlaceView): void {
  const { app, access, guard, body, clock } = tools;
  app.openapi(
    createRoute({
      ...needs("administrator", "spool", "Carry the rows that wait out, into a sealed file that stays in the home too"),
      method: "post",
      path: "/api/spool/export",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({
        200: {
          description:
            "The file; with `accept: application/x-ndjson` how far it is, and at last its `file` and `rows`.",
          content: { ...ROWS_FILE, ...LINES_ANSWER.content },
        },
        ...CONFLICT,
      }),
    }),
    async (context) => {
      const sealing: Sealing = context.req.valid("json");
      const caller = context.get("caller");
      const { signal } = context.req.raw;
      using begun = new DisposableStack();
      begun.use(jobs.begin("export"));
      const workplace = place();
      const spool = await workplace.tools();
      const { name, path } = newCarriedFile(workplace, clock.nowUs());
      access.intend(caller, "spool.export", name);
      context.env.takesItsTime?.();
      const left = new AbortController();
      const steps = await begunSteps(spool.export(path, sealing, AbortSignal.any([signal, left.signal])));
      const finish = async (at: (step: Progress) => void) => {
        let rows = 0;
        for await (const step of steps) {
          rows = step.done;
          at(step);
        }
        const bytes = Deno.lstatSync(carriedPath(workplace, name)).size;
        access.note(caller, "spool.export", name, { rows, bytes });
        return { file: name, rows, bytes };
      };
      if (!wantsLines(context.req.raw)) {
        await finish(() => {});
        return fileAnswer(carriedPath(workplace, name), name) as never; // a stream has no type to compare
      }
      const work = begun.move();
      return toldLines(async ({ progress }) => {
        using _work = work;
        return await finish(progress);
      }, { ...toldOptions(tools, caller, signal), left }) as never; // as above
    },
  );
}

function addImport(tools: ApiTools, { place, jobs }: SpoolPlaceView): void {
  const { app, access, guard, clock } = tools;
  app.openapi(
    createRoute({
      ...needs("administrator", "spool", "Take in the rows of such a file, with the identities that they have"),
      method: "post",
      path: "/api/spool/import",
      middleware: [guard("administrator")] as const,
      request: {
        headers,
        body: { required: true, content: ROWS_FILE },
      },
      responses: takes({ 200: LINES_ANSWER, ...CONFLICT }),
    }),
    async (context) => {
      const sealing = sealingOf(context.req.valid("header")["x-passphrase"]);
      const caller = context.get("caller");
      const { body, headers, signal } = context.req.raw;
      refuseOtherType(headers);
      using begun = new DisposableStack();
      begun.use(jobs.begin("import"));
      const workplace = place();
      const spool = await workplace.tools();
      const { total, maxBytes } = spoolStat(spool, workplace.loaded.config);
      access.intend(caller, "spool.import", SHOWN);
      context.env.takesItsTime?.();
      const upload = begun.use(
        await takeUpload(body, {
          path: uploadPath(workplace.loaded.config, workplace.home),
          length: lengthOf(headers),
          maxBytes: Math.max(0, maxBytes * IMPORT_MARGIN - total.bytes),
          clock,
          signal,
        }),
      );
      const left = new AbortController();
      const received = () => spool.ledger().sources.import?.received ?? 0;
      const before = received();
      const opened = { ...sealing, shownAs: SHOWN };
      const steps = await begunSteps(spool.import(upload.path, opened, AbortSignal.any([signal, left.signal])));
      const work = begun.move();
      return toldLines(async ({ progress }) => {
        using _work = work;
        return await imported(steps, { progress, rowsSoFar: () => received() - before, note });
      }, { ...toldOptions(tools, caller, signal), left }) as never; // a stream has no type to compare

      function note(detail: Record<string, string | number>): void {
        access.note(caller, "spool.import", SHOWN, { ...detail, bytes: upload.bytes });
      }
    },
  );
}

interface Importing {
  readonly progress: (step: Progress) => void;
  readonly rowsSoFar: () => number;
  readonly note: (detail: Record<string, string | number>) => void;
}

/** Rows that came before it was stopped are noted too: they are there. */
async function imported(
  steps: AsyncIterable<Progress>,
  { progress, rowsSoFar, note }: Importing,
): Promise<{ rows: number }> {
  try {
    for await (const step of steps) progress(step);
  } catch (error) {
    if (rowsSoFar() > 0) note({ state: "stopped", rows: rowsSoFar() });
    throw error;
  }
  const rows = rowsSoFar();
  note({ rows });
  return { rows };
}

function sealingOf(encoded: string | undefined): Sealing {
  if (encoded === undefined || encoded === "") return {};
  try {
    return { passphrase: decodeURIComponent(encoded) };
  } catch {
    throw new Refusal({ status: 422, code: "invalid_request", title: "x-passphrase is not percent-encoded UTF-8" });
  }
}

function refuseOtherType(headers: Headers): void {
  const [type] = Object.keys(ROWS_FILE);
  if (headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() === type) return;
  throw new Refusal({ status: 415, code: "wrong_media_type", title: `The body must be ${type}` });
}

function lengthOf(headers: Headers): number | undefined {
  const told = headers.get("content-length");
  return told !== null && /^\d{1,15}$/.test(told) ? Number(told) : undefined;
}
