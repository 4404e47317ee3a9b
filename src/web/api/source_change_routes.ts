/** Sources are made, changed, removed, started and stopped, each as a change of the configuration. */
import { createRoute, z } from "@hono/zod-openapi";
import { CHANGE, changeQuery, type ChangeTools, etagOf } from "./config_routes.ts";
import { notFound, Refusal } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, PRECONDITION, reads, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const entry = z.looseObject({ name: z.string().min(1).max(64), protocol: z.string().max(32) }).openapi("SourceEntry", {
  description: "An entry of `sources` in the configuration; docs/configuration.md says what it holds.",
});
const named = { params: z.object({ name: z.string().min(1).max(64) }) };
const { header, done } = CHANGE;

/** Adds them. */
export function sourceChangeRoutes(
  { app, guard }: ApiTools,
  { service, body, options, intend, finish }: ChangeTools,
): void {
  const entries = () => {
    const { sources } = service().current().config;
    return Array.isArray(sources) ? sources as z.output<typeof entry>[] : []; // the configuration was checked
  };
  const existing = (name: string) => {
    const found = entries().find((each) => each.name === name);
    if (!found) throw notFound("There is no source of this name");
    return found;
  };

  app.openapi(
    createRoute({
      ...needs("viewer", "sources", "A source as it is configured, with every default and without secrets"),
      method: "get",
      path: "/api/sources/{name}",
      middleware: [guard("viewer")] as const,
      request: named,
      responses: reads({ 200: json(entry, "The entry; `etag` has the version."), ...NOT_FOUND }),
    }),
    (context) => {
      context.header("etag", etagOf(service().current().version));
      return context.json(existing(context.req.valid("param").name), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "Make a source, and start it"),
      method: "post",
      path: "/api/sources",
      middleware: [guard("administrator"), body] as const,
      request: { headers: header, query: changeQuery, body: jsonBody(entry) },
      responses: takes({ ...done, ...CONFLICT, ...PRECONDITION }),
    }),
    async (context) => {
      const source = context.req.valid("json");
      if (entries().some(({ name }) => name === source.name)) {
        throw new Refusal({ status: 409, code: "source_exists", title: "There is a source of this name already" });
      }
      const given = { header: context.req.valid("header"), query: context.req.valid("query") };
      const how = options(context, given);
      intend(context, "source.add", source.name);
      const outcome = await service().apply({ sources: [source] }, how);
      const { answer, status } = finish(context, "source.add", source.name, outcome);
      return context.json(answer, status);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "Change a source, by a merge patch of its entry"),
      method: "put",
      path: "/api/sources/{name}",
      middleware: [guard("administrator"), body] as const,
      request: { ...named, headers: header, query: changeQuery, body: jsonBody(z.record(z.string(), z.unknown())) },
      responses: takes({ ...done, ...NOT_FOUND, ...CONFLICT, ...PRECONDITION }),
    }),
    async (context) => {
      const { name } = existing(context.req.valid("param").name);
      const given = { header: context.req.valid("header"), query: context.req.valid("query"), isStrict: true };
      const wanted = { sources: [{ ...context.req.valid("json"), name }] };
      const how = options(context, given);
      intend(context, "source.change", name);
      const outcome = await service().apply(wanted, how);
      const { answer, status } = finish(context, "source.change", name, outcome);
      return context.json(answer, status);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "sources", "Remove a source, once what it took is safe"),
      method: "delete",
      path: "/api/sources/{name}",
      middleware: [guard("administrator")] as const,
      request: { ...named, headers: header },
      responses: reads({ ...done, ...NOT_FOUND, ...CONFLICT, ...PRECONDITION }),
    }),
    async (context) => {
      const { name } = existing(context.req.valid("param").name);
      const wanted = { sources: [{ name, deleted: true }] };
      intend(context, "source.remove", name);
      const outcome = await service().apply(wanted, options(context, { header: context.req.valid("header") }));
      const { answer, status } = finish(context, "source.remove", name, outcome);
      return context.json(answer, status);
    },
  );

  for (const word of ["start", "stop"] as const) {
    app.openapi(
      createRoute({
        ...needs(
          "operator",
          "sources",
          word === "start" ? "Enable a source" : "Disable a source, once what it took is safe",
        ),
        method: "post",
        path: `/api/sources/{name}/${word}`,
        middleware: [guard("operator")] as const,
        request: { ...named, headers: header },
        responses: reads({ ...done, ...NOT_FOUND, ...CONFLICT, ...PRECONDITION }),
      }),
      async (context) => {
        const { name } = existing(context.req.valid("param").name);
        const { author, ifMatch } = options(context, { header: context.req.valid("header") });
        intend(context, `source.${word}`, name);
        const outcome = await service()[word === "start" ? "startSource" : "stopSource"](name, { author, ifMatch });
        const { answer, status } = finish(context, `source.${word}`, name, outcome);
        return context.json(answer, status);
      },
    );
  }
}
