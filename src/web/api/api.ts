/** The API: what it is made of, and what holds for every route of it. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Tracer } from "../../lib/tracing.ts";
import type { Access } from "../../service/access.ts";
import type { CertificateInventory } from "../../service/certificate_inventory.ts";
import type { RevocationLists } from "../../service/certificate_revocations.ts";
import type { CertificateStore } from "../../service/certificate_store.ts";
import type { ConfigService } from "../../service/config_service.ts";
import { OneJob } from "../../service/one_job.ts";
import type { TrustList } from "../../service/trust_list.ts";
import type { Workplace } from "../../service/workplace.ts";
import { healthAnswer } from "../health_answer.ts";
import { problemResponse } from "../problem.ts";
import { alertRoutes, type AlertsView, shownAlert } from "./alert_routes.ts";
import { auditRoutes } from "./audit_routes.ts";
import { limitedBody, MAX_JSON_BYTES } from "./body.ts";
import { bundleRoutes } from "./bundle_routes.ts";
import { browseRoutes } from "./browse_routes.ts";
import { certificateRoutes } from "./certificate_routes.ts";
import { configCopyRoutes } from "./config_copy_routes.ts";
import { changeTools, configRoutes } from "./config_routes.ts";
import { csvRoutes } from "./csv_routes.ts";
import { dlqBulkRoutes } from "./dlq_bulk_routes.ts";
import { dlqRoutes } from "./dlq_routes.ts";
import { docsRoutes, documentOf } from "./docs_routes.ts";
import { draftRoutes } from "./draft_routes.ts";
import type { ApiEnv } from "./env.ts";
import { errorAnswer } from "./error_answer.ts";
import { noteRefusal } from "./note_refusal.ts";
import { unlessGone } from "./refusal.ts";
import { Events } from "./events.ts";
import { eventRoutes } from "./event_routes.ts";
import { callerOf, guard, type GuardOptions, unauthenticated } from "./guard.ts";
import { clientOf, type OriginOptions, refusePlain } from "./origin.ts";
import { historyRoutes, type HistoryView } from "./history_routes.ts";
import { labRoutes } from "./lab_routes.ts";
import { listenRoutes } from "./listen_routes.ts";
import { listedSessionRoutes } from "./listed_session_routes.ts";
import { logRoutes, type LogsView } from "./log_routes.ts";
import { sampleRoutes } from "./sample_routes.ts";
import { sessionRoutes } from "./session_routes.ts";
import { sourceChangeRoutes } from "./source_change_routes.ts";
import { sourceRoutes, type SourcesView } from "./source_routes.ts";
import { spoolFileRoutes } from "./spool_file_routes.ts";
import { spoolRoutes } from "./spool_routes.ts";
import { noSpool, type SpoolPlaceView } from "./spool_tools.ts";
import { spoolTransferRoutes } from "./spool_transfer_routes.ts";
import { metricsAnswer, statusRoutes, type StatusView } from "./status_routes.ts";
import { revocationRoutes } from "./revocation_routes.ts";
import { tracedCalls } from "./traced_calls.ts";
import { trustRoutes } from "./trust_routes.ts";
import type { ApiTools } from "./tools.ts";
import { zerobusRoutes, type ZerobusView } from "./zerobus_routes.ts";
import { tokenRoutes, userRoutes } from "./user_routes.ts";

export interface ApiOptions extends OriginOptions {
  readonly access: Access;
  readonly cookieName: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly status: StatusView;
  readonly logs: LogsView;
  readonly alerts: AlertsView;
  readonly history: HistoryView;
  /** Undefined while nothing is kept on disk. */
  readonly workplace: () => Workplace | undefined;
  readonly sources: SourcesView;
  readonly doctor: ZerobusView["doctor"];
  readonly trust: TrustList;
  readonly certificates: CertificateStore;
  readonly inventory: CertificateInventory;
  readonly revocations: RevocationLists;
  /** Undefined where nobody can change the configuration. */
  readonly changes: ConfigService | undefined;
  /** Not there: no calls are traced. */
  readonly tracer?: Tracer | undefined;
}

/** On every answer, unless a route says otherwise. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
/** Browsers that came over TLS once come over TLS from then on (RFC 6797). */
const STRICT_TRANSPORT = "max-age=31536000";

/** Everything under `/api`. */
export function apiApp(options: ApiOptions): OpenAPIHono<ApiEnv> {
  const { access, clock, log, version, status, logs, workplace } = options;
  const origin: GuardOptions = options;
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) return invalid(result.error.issues);
    },
  });
  if (options.tracer) app.use(tracedCalls(options.tracer, origin));
  let methods: Methods = new Map(); // until all routes are there
  app.use(async (context, next) => {
    const client = clientOf(context.req.raw, context.env, origin);
    refusePlain(client, origin);
    const known = methods.get(context.req.path);
    // Else `DELETE /api/dlq/export` would be taken for one of `/api/dlq/{id}`.
    if (known && isOther(context.req.method, known) && callerOf(context.req.raw, context.env, origin)) {
      context.res = wrongMethod(known);
    } else await next();
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!context.res.headers.has(name)) context.header(name, value);
    }
    if (client.isEncrypted) context.header("strict-transport-security", STRICT_TRANSPORT);
  });
  app.onError((thrown, context) => {
    const error = unlessGone(thrown, context.req.raw.signal);
    noteRefusal(error, context, options);
    return errorAnswer(error, log);
  });
  app.notFound((context) => {
    // Who is not known learns nothing of what there is.
    if (!callerOf(context.req.raw, context.env, origin)) return errorAnswer(unauthenticated(), log);
    return problemResponse({ status: 404, code: "not_found", title: "There is nothing at this address" });
  });
  const body = limitedBody("application/json", MAX_JSON_BYTES);
  const tools: ApiTools = { app, access, origin, clock, log, guard: (role) => guard(role, origin), body };
  for (const add of [sessionRoutes, listedSessionRoutes, userRoutes, tokenRoutes, auditRoutes]) add(tools);
  statusRoutes(tools, status);
  const metrics = () => metricsAnswer(status);
  const alerts = () => ({ active: options.alerts.active().map(shownAlert) });
  eventRoutes(tools, new Events({ clock, logs, status: () => healthAnswer(status.health), metrics, alerts }));
  alertRoutes(tools, options.alerts);
  historyRoutes(tools, options.history);
  logRoutes(tools, logs);
  const spool = spoolView(workplace);
  dlqBulkRoutes(tools, spool.place); // before those of one letter: its addresses are no ids
  dlqRoutes(tools, spool.place);
  for (const add of [spoolRoutes, spoolTransferRoutes, spoolFileRoutes]) add(tools, spool);
  bundleRoutes(tools, { place: bundlePlace(options), logs, status, inventory: options.inventory });
  sourceRoutes(tools, options.sources);
  sampleRoutes(tools, options.sources);
  trustRoutes(tools, options.trust);
  certificateRoutes(tools, options);
  revocationRoutes(tools, options.revocations);
  const change = changeTools(tools, options.changes);
  configRoutes(tools, change);
  configCopyRoutes(tools, change);
  sourceChangeRoutes(tools, change);
  csvRoutes(tools, options.sources, change);
  draftRoutes(tools, options.sources, change);
  listenRoutes(tools, options.sources, change);
  labRoutes(tools, options.sources, change);
  browseRoutes(tools, options.sources, change.service);
  zerobusRoutes(tools, { loaded: options.sources.loaded, doctor: options.doctor }, change);
  docsRoutes(tools, version);
  methods = methodsOf(tools);
  refuseOtherMethods(tools, methods);
  return app;
}

/** A bundle is for a connector without a spool too: only what the spool holds is missing then. */
function bundlePlace({ workplace, home, sources }: ApiOptions): () => Workplace {
  const none = () => Promise.reject(noSpool());
  return () => workplace() ?? { home, loaded: sources.loaded(), desk: none, tools: none };
}

function spoolView(workplace: ApiOptions["workplace"]): SpoolPlaceView {
  const place = () => {
    const found = workplace();
    if (!found) throw noSpool();
    return found;
  };
  return { place, jobs: new OneJob() };
}

/** The OpenAPI document, for who has no connector to ask. */
export function openApiDocument(version: string): object {
  // Routes are declared without looking at what they will work with.
  const app = apiApp({ version, status: {}, sources: {} } as ApiOptions);
  return documentOf(app, version);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function invalid(issues: readonly Issue[]): Response {
  const errors = issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String).join("."), message }));
  const detail = errors.map(({ path, message }) => path === "" ? message : `${path}: ${message}`).join("; ");
  return problemResponse({
    status: 422,
    code: "invalid_request",
    title: "The request does not say what it must",
    detail,
    errors,
  });
}

type Methods = ReadonlyMap<string, ReadonlySet<string>>;

/** What each address takes, as routes name it. */
function methodsOf({ app }: ApiTools): Methods {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method !== "ALL") methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  return methods;
}

/** A path that there is answers other methods with 405 and those that it has (RFC 9110, 15.5.6). */
function refuseOtherMethods({ app, origin, log }: ApiTools, methods: Methods): void {
  for (const [path, known] of methods) {
    app.all(path, (context: Context<ApiEnv>) => {
      if (!callerOf(context.req.raw, context.env, origin)) return errorAnswer(unauthenticated(), log);
      return wrongMethod(known);
    });
  }
}

function isOther(method: string, known: ReadonlySet<string>): boolean {
  return !known.has(method) && !(method === "HEAD" && known.has("GET"));
}

function wrongMethod(known: ReadonlySet<string>): Response {
  const allow = [...known, ...(known.has("GET") ? ["HEAD"] : [])].join(", ");
  const problem = { status: 405, code: "method_not_allowed", title: `This address answers ${allow}` };
  return problemResponse(problem, { allow });
}
