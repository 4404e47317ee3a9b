/** The configuration: what holds, what a change would do, changing it, and going back. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { EdgeError, reasonOf } from "../../core/error.ts";
import type { Access, Caller } from "../../service/access.ts";
import type { Confirmation } from "../../service/config_reach.ts";
import type { Applied, ConfigService, Plan } from "../../service/config_service.ts";
import { limitedBody } from "./body.ts";
import type { ApiEnv } from "./env.ts";
import { Refusal } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, PRECONDITION, reads, takes } from "./route.ts";
import { json, jsonBody, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

/** Sources may list 50,000 registers, of some 150 bytes each. What is larger keeps others waiting while it is looked at. */
export const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

const effects = z.object({
  starts: z.array(z.string()),
  stops: z.array(z.string()),
  restarts: z.array(z.string()),
  connector: z.array(z.string()).openapi({ description: "Blocks by which the whole connector starts anew." }),
});
const current = z.object({
  version: z.string(),
  config: z.record(z.string(), z.unknown()).openapi({ description: "With every default; secrets are `***`." }),
  origins: z.record(z.string(), z.enum(["yaml", "state"])),
  hidden: z.array(z.string()).openapi({ description: "Values of the YAML in whose place a change stands." }),
  file: z.string(),
  read_only: z.boolean(),
  live: z.array(z.string()).openapi({ description: "Keys that take effect without a new start of the connector." }),
}).openapi("Config");
export const plan = z.object({
  version: z.string(),
  diff: z.string().openapi({ description: "Lines of YAML with - and + before them, without secrets." }),
  warnings: z.array(z.string()),
  effects,
}).openapi("Plan");
const confirm = z.object({
  within_seconds: z.number(),
  address: z.string().openapi({ description: "Where pages and API are once the connector has started anew." }),
  text: z.string(),
}).openapi({
  description:
    "Only where the way to pages and API changes: the change is taken back by itself unless an administrator is answered there in time.",
});
export const applied = z.object({
  id: z.string().nullable().openapi({ description: "In the history; null where nothing changed." }),
  state: z.enum(["applied", "restarting"]),
  diff: z.string(),
  effects,
  confirm: confirm.optional(),
}).openapi("Applied");
const change = z.object({
  id: z.string(),
  time,
  author: z.string(),
  kind: z.enum(["change", "rollback", "reload"]),
  diff: z.string(),
  failure: z.string().nullable().openapi({ description: "Why it was taken back; null where it holds." }),
}).openapi("ConfigChange");
const patch = z.record(z.string(), z.unknown()).openapi({
  description:
    "A merge patch (RFC 7396): null gives back what the YAML says, sources go by name, `***` leaves a secret.",
  example: { gui: { session_hours: 8 } },
});

const header = z.object({
  "if-match": z.string().max(200).optional().openapi({
    description: "The `etag` of what was read; `*`: whatever holds.",
  }),
});
/** How a change is made. */
export const changeQuery = z.object({
  even_if_down: z.enum(["true", "false"]).optional().openapi({
    description: "Keep the change although what is new does not start: its device may be away for now.",
  }),
});
const done = {
  200: json(applied, "It holds."),
  202: json(applied, "The connector starts anew with it; the history tells whether it then holds."),
} as const;

export type ChangeOptions = Parameters<ConfigService["apply"]>[1];

/** What a route of changes is made with. */
export interface ChangeTools {
  readonly service: () => ConfigService;
  readonly body: ReturnType<typeof limitedBody>;
  /** Who changes what, for which version. */
  readonly options: (context: Context<ApiEnv>, given: Given) => ChangeOptions;
  /** Notes that it is asked for. @throws {ConfigError} then it must not be tried */
  readonly intend: (context: Context<ApiEnv>, action: string, target: string) => void;
  /** Notes what came of it, and gives what is answered, with its status. */
  readonly finish: (context: Context<ApiEnv>, action: string, target: string, outcome: Applied) => Finished;
}

export interface Given {
  readonly header?: z.output<typeof header>;
  readonly query?: z.output<typeof changeQuery>;
  /** The version must be named. */
  readonly isStrict?: boolean;
}

type Finished = { readonly answer: z.output<typeof applied>; readonly status: 200 | 202 };

export const CHANGE = { header, done } as const;

/** What routes of changes share. `service`: undefined where nobody can change anything. */
export function changeTools({ access, log }: ApiTools, service: ConfigService | undefined): ChangeTools {
  return {
    service: () => {
      if (service) return service;
      throw new Refusal({ status: 503, code: "no_config_service", title: "The configuration cannot be changed here" });
    },
    body: limitedBody("application/json", MAX_CONFIG_BYTES),
    options: (context, { header, query, isStrict }) => {
      const ifMatch = header?.["if-match"];
      if (isStrict && ifMatch === undefined) throw versionMissing();
      return {
        author: context.get("caller").who,
        ifMatch: ifMatch === undefined || ifMatch.trim() === "*" ? undefined : versionOf(ifMatch),
        evenIfDown: query?.even_if_down === undefined ? undefined : query.even_if_down === "true",
      };
    },
    intend: (context, action, target) => access.intend(context.get("caller"), action, target),
    finish: (context, action, target, outcome) => {
      const { id, state, diff, effects, paths, sha256, confirmation, settled } = outcome;
      const caller = context.get("caller");
      const what = { paths, diff_sha256: sha256, diff };
      access.note(caller, action, target, { state, change: id ?? null, ...what });
      if (state === "restarting") {
        settled.catch((error) => noteTakenBack(access, caller, { target, asked: action, change: id ?? null, error }))
          .catch((error) => log.log("error", reasonOf(error), { code: "audit_not_written" }));
      }
      if (service && state === "applied") context.header("etag", etagOf(service.current().version));
      return {
        answer: {
          id: id ?? null,
          state,
          diff,
          effects: shownEffects(effects),
          ...(confirmation ? { confirm: shownConfirmation(confirmation, context.req.header("host")) } : {}),
        },
        status: state === "applied" ? 200 : 202,
      };
    },
  };
}

export function etagOf(version: string): string {
  return `"${version}"`;
}

/** Adds them. */
export function configRoutes(
  { app, access, guard }: ApiTools,
  { service, body, options, intend, finish }: ChangeTools,
): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "config", "The configuration that holds now"),
      method: "get",
      path: "/api/config",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(current, "The configuration; its version is in `etag` too.") }),
    }),
    (context) => {
      const { version, config, origins, hidden, file, isReadOnly, live } = service().current();
      context.header("etag", etagOf(version));
      const lists = { hidden: [...hidden], live: [...live] };
      return context.json({ version, config, origins, file, read_only: isReadOnly, ...lists }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "config", "Change the configuration, while the connector runs"),
      method: "put",
      path: "/api/config",
      middleware: [guard("administrator"), body] as const,
      request: { headers: header, query: changeQuery, body: jsonBody(patch) },
      responses: takes({ ...done, ...CONFLICT, ...PRECONDITION }),
    }),
    async (context) => {
      const [given, query] = [context.req.valid("header"), context.req.valid("query")];
      const wanted = options(context, { header: given, query, isStrict: true });
      intend(context, "config.change", "config");
      const { answer, status } = finish(
        context,
        "config.change",
        "config",
        await service().apply(context.req.valid("json"), wanted),
      );
      return context.json(answer, status);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "config", "What a change would do: changes nothing"),
      method: "post",
      path: "/api/config/plan",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(patch) },
      responses: takes({ 200: json(plan, "The difference, and what starts and stops.") }),
    }),
    async (context) => {
      access.expect(context.get("caller"), "config.plan", "config");
      return context.json(shownPlan(await service().plan(context.req.valid("json"))), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "config", "Who changed what, the newest first"),
      method: "get",
      path: "/api/config/history",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(change), "A page of changes.") }),
    }),
    (context) => context.json(pageOf(service().history(), context.req.valid("query")), 200),
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "config", "Go back to before a change: that one and all later ones are undone"),
      method: "post",
      path: "/api/config/rollback/{id}",
      middleware: [guard("administrator")] as const,
      request: { params: z.object({ id: z.string().min(1).max(64) }), headers: header, query: changeQuery },
      responses: reads({ ...done, ...NOT_FOUND, ...CONFLICT, ...PRECONDITION }),
    }),
    async (context) => {
      const { id } = context.req.valid("param");
      const given = { header: context.req.valid("header"), query: context.req.valid("query") };
      const wanted = options(context, given);
      intend(context, "config.rollback", id);
      const outcome = await service().rollback(id, wanted);
      const { answer, status } = finish(context, "config.rollback", id, outcome);
      return context.json(answer, status);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "config", "Take in what was edited by hand"),
      method: "post",
      path: "/api/config/reload",
      middleware: [guard("administrator")] as const,
      responses: reads({ ...done, ...CONFLICT }),
    }),
    async (context) => {
      intend(context, "config.reload", "config");
      const outcome = await service().reload({ author: context.get("caller").who });
      const { answer, status } = finish(context, "config.reload", "config", outcome);
      return context.json(answer, status);
    },
  );
}

export function shownPlan({ version, diff, warnings, effects }: Plan): z.output<typeof plan> {
  return { version, diff, warnings: [...warnings], effects: shownEffects(effects) };
}

function shownEffects({ starts, stops, restarts, connector }: Plan["effects"]): z.output<typeof effects> {
  return { starts: [...starts], stops: [...stops], restarts: [...restarts], connector: [...connector] };
}

interface TakenBack {
  readonly target: string;
  readonly asked: string;
  readonly change: string | null;
  readonly error: unknown;
}

function noteTakenBack(access: Access, by: Caller, { target, error, ...rest }: TakenBack): void {
  const code = error instanceof EdgeError ? error.code : "internal_error";
  access.noteFailure(by, target, { ...rest, code, reason: reasonOf(error) });
}

/** `host`: the header, by which whoever asks knows this host. */
function shownConfirmation(
  { withinSeconds, address }: Confirmation,
  host: string | undefined,
): z.output<typeof confirm> {
  const name = host?.replace(/:\d*$/, "") ?? "localhost";
  const place = address.replace("//*:", () => `//${name}:`);
  const text =
    `The change holds once an administrator is answered at ${place}: log in there, or send a request with an ` +
    `administrator's token, within ${withinSeconds} s after the connector has started anew. Else it is taken back by ` +
    "itself, and everything is where it was";
  return { within_seconds: withinSeconds, address: place, text };
}

function versionOf(ifMatch: string): string {
  return ifMatch.trim().replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
}

function versionMissing(): Refusal {
  const title = "A change needs the header if-match, with the etag of what it is made for, or *";
  return new Refusal({ status: 428, code: "version_missing", title }); // RFC 6585, 3
}
