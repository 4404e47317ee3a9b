/** Files of rows that were carried out: they stay in the home, so that a download that breaks off loses none. */
import { createRoute, z } from "@hono/zod-openapi";
import { carriedFiles, carriedPath, removeCarried } from "../../service/carried_files.ts";
import { CONFLICT, needs, NOT_FOUND, reads } from "./route.ts";
import { isoTime, json, time } from "./schema.ts";
import type { SpoolPlaceView } from "./spool_tools.ts";
import type { ApiTools } from "./tools.ts";

const TYPE = "application/octet-stream";
export const ROWS_FILE = { [TYPE]: { schema: z.string().openapi({ format: "binary" }) } } as const;

const files = z.object({
  items: z.array(z.object({ name: z.string(), bytes: z.int(), time })),
}).openapi("SpoolFiles");
const one = { params: z.object({ name: z.string().max(64) }) };

/** Adds them. */
export function spoolFileRoutes({ app, access, guard }: ApiTools, { place }: SpoolPlaceView): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "spool", "Files of rows that were carried out here, the newest first"),
      method: "get",
      path: "/api/spool/exports",
      middleware: [guard("administrator")] as const,
      responses: reads({ 200: json(files, "Those in `export/`."), ...CONFLICT }),
    }),
    (context) => {
      const items = carriedFiles(place()).map(({ name, bytes, timeUs }) => ({ name, bytes, time: isoTime(timeUs) }));
      return context.json({ items }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "spool", "One of them, sealed as it is"),
      method: "get",
      path: "/api/spool/exports/{name}",
      middleware: [guard("administrator")] as const,
      request: one,
      responses: reads({ 200: { description: "The file.", content: ROWS_FILE }, ...NOT_FOUND, ...CONFLICT }),
    }),
    (context) => {
      const { name } = context.req.valid("param");
      const path = carriedPath(place(), name);
      access.noteOften(context.get("caller"), "spool.download", name);
      return fileAnswer(path, name) as never; // a stream has no type to compare
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "spool", "Delete one of them: rows in it that nobody took in are lost"),
      method: "delete",
      path: "/api/spool/exports/{name}",
      middleware: [guard("administrator")] as const,
      request: one,
      responses: reads({ 204: { description: "It is gone." }, ...NOT_FOUND, ...CONFLICT }),
    }),
    (context) => {
      const { name } = context.req.valid("param");
      carriedPath(place(), name);
      access.intend(context.get("caller"), "spool.discard", name);
      removeCarried(place(), name);
      access.note(context.get("caller"), "spool.discard", name);
      return context.body(null, 204);
    },
  );
}

/** A file as it is read, with its length: who gets less knows that it is not whole. */
export function fileAnswer(path: string, name: string): Response {
  const file = Deno.openSync(path);
  const headers = {
    "content-type": TYPE,
    "content-length": String(file.statSync().size),
    "content-disposition": `attachment; filename="${name}"`,
  };
  return new Response(file.readable, { headers });
}
