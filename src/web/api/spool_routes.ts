/** What waits on disk, and whether it can be read. */
import { createRoute, z } from "@hono/zod-openapi";
import { freeDiskBytes } from "../../service/free_disk.ts";
import { sumOfGaps } from "../../service/spool_gaps.ts";
import { spoolPlace, spoolStat } from "../../service/spool_admin.ts";
import type { SpoolDesk } from "../../service/workplace.ts";
import { CONFLICT, needs, reads } from "./route.ts";
import { isoTime, json, time } from "./schema.ts";
import { LINES_ANSWER, type SpoolPlaceView, toldOptions } from "./spool_tools.ts";
import { type Telling, toldLines } from "./told_lines.ts";
import type { ApiTools } from "./tools.ts";

/** What cannot be read, told one by one. */
const MAX_FAULTS = 100;

const level = { rows: z.int(), bytes: z.int(), oldest: time.nullable() };
const spool = z.object({
  lanes: z.array(z.object({ lane: z.string(), ...level })),
  ...level,
  max_bytes: z.int(),
  free_disk_bytes: z.int().nullable().openapi({ description: "Null where it cannot be found out." }),
  keys: z.array(z.object({ id: z.string(), is_current: z.boolean() })).openapi({
    description: "Ids of keys that something is sealed with, or was when rows were carried out.",
  }),
  dead_letters: z.int(),
  quarantined: z.int(),
  balanced: z.boolean(),
}).openapi("Spool");
const gaps = z.object({
  items: z.array(z.object({
    table: z.string(),
    reason: z.string(),
    numbers: z.int(),
    latest: time.nullable().openapi({ description: "When the last of them was noted." }),
  })),
}).openapi("SpoolGaps");

/** Adds them. */
export function spoolRoutes(tools: ApiTools, { place, jobs }: SpoolPlaceView): void {
  const { app, access, guard } = tools;

  app.openapi(
    createRoute({
      ...needs("viewer", "spool", "How the spool stands"),
      method: "get",
      path: "/api/spool",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(spool, "Its lanes, and all together."), ...CONFLICT }),
    }),
    async (context) => {
      const { home, loaded: { config }, desk: open } = place();
      const desk = await open();
      const { lanes, total, maxBytes, ledger } = spoolStat(desk, config);
      const shown = ({ rows, bytes, oldestUs }: typeof total) => ({
        rows,
        bytes,
        oldest: oldestUs === undefined ? null : isoTime(oldestUs),
      });
      const { directory } = spoolPlace(config, home);
      return context.json({
        lanes: lanes.map((each) => ({ lane: each.lane, ...shown(each) })),
        ...shown(total),
        max_bytes: maxBytes,
        free_disk_bytes: await freeDiskBytes(directory) ?? null,
        keys: desk.keys().map(({ id, isCurrent }) => ({ id, is_current: isCurrent })),
        dead_letters: ledger.total.dead_lettered,
        quarantined: ledger.total.quarantined,
        balanced: ledger.balanced,
      }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "spool", "How many numbers (seq) will not arrive at their table, by table and reason"),
      method: "get",
      path: "/api/spool/gaps",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(gaps, "Their sums; `spool gaps` lists each range."), ...CONFLICT }),
    }),
    async (context) => {
      const sums = await sumOfGaps((await place().desk()).missing(context.req.raw.signal));
      const items = sums.map(({ latestUs, ...sum }) => ({ ...sum, latest: latestUs === 0 ? null : isoTime(latestUs) }));
      return context.json({ items }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "spool", "Open all that is in the spool: changes nothing, and takes its time"),
      method: "post",
      path: "/api/spool/verify",
      middleware: [guard("administrator")] as const,
      responses: reads({ 200: LINES_ANSWER, ...CONFLICT }),
    }),
    async (context) => {
      const desk = await place().desk();
      const caller = context.get("caller");
      using begun = new DisposableStack();
      begun.use(jobs.begin("verification of the spool"));
      access.intend(caller, "spool.verify", "spool");
      const work = begun.move();
      return toldLines(async (telling) => {
        using _work = work;
        const found = await verified(desk, telling);
        access.note(caller, "spool.verify", "spool", found);
        return found;
      }, toldOptions(tools, caller, context.req.raw.signal)) as never; // a stream has no type to compare
    },
  );
}

/** Tells what cannot be read, and how much there is. */
async function verified(desk: SpoolDesk, { tell, progress, signal }: Telling) {
  const found = { rows: 0, chunks: 0, letters: 0, faults: 0 };
  const of = desk.lanes().reduce((sum, { rows }) => sum + rows, (await desk.letterIds()).length);
  let done = 0;
  for await (const { kind, name, rows, fault } of desk.verify()) {
    signal.throwIfAborted();
    progress({ done: done += kind === "chunk" ? rows : 1, of });
    if (fault === undefined) {
      found.rows += rows;
      found[kind === "chunk" ? "chunks" : "letters"]++;
    } else if (found.faults++ < MAX_FAULTS) {
      tell({ kind: "fault", name, rows: kind === "chunk" ? rows : 0, reason: fault });
    }
  }
  return found;
}
