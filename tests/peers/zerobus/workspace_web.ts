import { typeName } from "./column_type.ts";
import type { FaultSchedule, WebFault } from "./fault.ts";
import type { Store } from "./store.ts";
import type { Table } from "./table.ts";
import { judgeTokenRequest, type TokenRules } from "./token_request.ts";
import type { TokenLedger } from "./tokens.ts";

export interface WebOptions {
  readonly store: Store;
  readonly tokens: TokenLedger;
  readonly faults: FaultSchedule;
  readonly rules: () => TokenRules;
  /** How long tokens live. */
  readonly tokenSeconds: number;
  /** Answers `GET /stats`. */
  readonly stats: () => unknown;
  /** Called with each refusal, for tests to read. */
  readonly refused: (where: string, status: number, message: string) => void;
  /** Ends what waits. */
  readonly signal: AbortSignal;
}

const CATALOG_PATH = /^\/api\/2\.1\/unity-catalog\/tables\/([^/]+)$/;

/** The workspace's web services: `POST /oidc/v1/token`, `GET /api/2.1/unity-catalog/tables/{full_name}`, `GET /stats`. */
export async function answerWeb(request: Request, options: WebOptions): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/stats") return Response.json(options.stats());
  if (pathname === "/oidc/v1/token" && request.method === "POST") {
    return await withFault(options, "token", () => answerToken(request, options));
  }
  const table = pathname.match(CATALOG_PATH)?.[1];
  if (table && request.method === "GET") {
    return await withFault(options, "catalog", () => answerTable(request, decodeURIComponent(table), options));
  }
  return Response.json({ error_code: "ENDPOINT_NOT_FOUND" }, { status: 404 });
}

async function withFault(
  options: WebOptions,
  where: "token" | "catalog",
  answer: () => Promise<Response> | Response,
): Promise<Response> {
  const fault = options.faults.takeWeb(where);
  if (!fault) return await answer();
  if (fault.kind === "http") return faultResponse(fault);
  await delay(fault.delayMs, options.signal);
  return await answer();
}

function faultResponse(
  { status, body = { error: "injected" }, retryAfterSeconds }: WebFault & { kind: "http" },
): Response {
  const headers = retryAfterSeconds === undefined ? undefined : { "retry-after": String(retryAfterSeconds) };
  return Response.json(body, { status, ...(headers ? { headers } : {}) });
}

async function answerToken(request: Request, options: WebOptions): Promise<Response> {
  const { rules, tokens, tokenSeconds } = options;
  const isForm = request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded");
  if (!isForm) return refuse(options, "token", 400, { error: "invalid_request" });
  const form = new URLSearchParams(await request.text());
  const judged = judgeTokenRequest(request.headers.get("authorization"), form, rules());
  if ("error" in judged) {
    const { status, ...body } = judged;
    return refuse(options, "token", status, body);
  }
  const { token } = tokens.issue(judged.table, tokenSeconds);
  return Response.json({
    access_token: token,
    scope: "all-apis",
    token_type: "Bearer",
    expires_in: tokenSeconds,
    ...(judged.table ? { authorization_details: JSON.parse(form.get("authorization_details") ?? "[]") } : {}),
  });
}

function answerTable(request: Request, name: string, options: WebOptions): Response {
  const grant = options.tokens.find(request.headers.get("authorization"));
  if (!grant) {
    return refuse(options, "catalog", 401, { error_code: "UNAUTHENTICATED", message: "Invalid access token" });
  }
  if (grant.table !== undefined) {
    const message = "The token is for Zerobus Ingest only";
    return refuse(options, "catalog", 403, { error_code: "PERMISSION_DENIED", message });
  }
  const table = options.store.find(name);
  if (table) return Response.json(tableInfo(table));
  const message = `Table '${name}' does not exist.`;
  return refuse(options, "catalog", 404, { error_code: "TABLE_DOES_NOT_EXIST", message });
}

function refuse(options: WebOptions, where: string, status: number, body: object): Response {
  options.refused(where, status, JSON.stringify(body));
  return Response.json(body, { status });
}

/** `TableInfo` of the Unity Catalog API 2.1. */
function tableInfo({ name, columns }: Table): unknown {
  const [catalog_name, schema_name, table] = name.split(".");
  return {
    name: table,
    catalog_name,
    schema_name,
    full_name: name,
    table_type: "MANAGED",
    data_source_format: "DELTA",
    columns: columns.map(({ name, type, isNullable = true }, position) => ({
      name,
      type_text: type,
      type_name: typeName(type),
      type_json: JSON.stringify({ name, type, nullable: isNullable, metadata: {} }),
      position,
      nullable: isNullable,
    })),
  };
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
  return promise;
}
