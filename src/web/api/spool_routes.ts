/** What waits on disk. */
import { createRoute, z } from "@hono/zod-openapi";
import { spoolStat } from "../../service/spool_admin.ts";
import type { Workplace } from "../../service/workplace.ts";
import { noSpool } from "./dlq_routes.ts";
import { CONFLICT, needs, reads } from "./route.ts";
import { isoTime, json, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const MAX_FAULTS = 100;

const level = { rows: z.int(), bytes: z.int(), oldest: time.nullable() };
const spool = z.object({
  lanes: z.array(z.object({ lane: z.string(), ...level })),
  ...level,
  max_bytes: z.int(),
  dead_letters: z.int(),
  quarantined: z.int(),
  balanced: z.boolean(),
}).openapi("Spool");
const verified = z.object({
  rows: z.int(),
  chunks: z.int(),
  letters: z.int(),
  faults: z.array(z.string()).openapi({ description: "What cannot be read, for the first hundred." }),
}).openapi("Verified");

/** Adds them. */
export function spoolRoutes({ app, guard }: ApiTools, workplace: () => Workplace | undefined): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "spool", "How the spool stands"),
      method: "get",
      path: "/api/spool",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(spool, "Its lanes, and all together."), ...CONFLICT }),
    }),
    async (context) => {
      const place = workplace();
      if (!place) throw noSpool();
      const { lanes, total, maxBytes, ledger } = spoolStat(await place.desk(), place.loaded.config);
      const shown = ({ rows, bytes, oldestUs }: typeof total) => ({
        rows,
        bytes,
        oldest: oldestUs === undefined ? null : isoTime(oldestUs),
      });
      return context.json({
        lanes: lanes.map((each) => ({ lane: each.lane, ...shown(each) })),
        ...shown(total),
        max_bytes: maxBytes,
        dead_letters: ledger.total.dead_lettered,
        quarantined: ledger.total.quarantined,
        balanced: ledger.balanced,
      }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("operator", "spool", "Open all that is in the spool: changes nothing, and takes its time"),
      method: "post",
      path: "/api/spool/verify",
      middleware: [guard("operator")] as const,
      responses: reads({ 200: json(verified, "What can be read, and what cannot."), ...CONFLICT }),
    }),
    async (context) => {
      const place = workplace();
      if (!place) throw noSpool();
      const found = { rows: 0, chunks: 0, letters: 0, faults: [] as string[] };
      for await (const { kind, name, rows, fault } of (await place.desk()).verify()) {
        context.req.raw.signal.throwIfAborted();
        if (fault !== undefined) found.faults.push(`${name}: ${fault}`);
        else {
          found.rows += rows;
          found[kind === "chunk" ? "chunks" : "letters"]++;
        }
      }
      return context.json({ ...found, faults: found.faults.slice(0, MAX_FAULTS) }, 200);
    },
  );
}
