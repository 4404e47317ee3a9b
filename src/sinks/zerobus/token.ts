import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import { AuthError, ConnectionError, EdgeError } from "../../core/error.ts";
import { abortable } from "../../lib/condition.ts";
import type { Secret } from "../../lib/secret.ts";
import type { ReportZerobus } from "./event.ts";
import { type HttpAnswer, parseJson, type Requests } from "./http.ts";
import { parseTableName } from "./table_name.ts";

/** A token is asked for again so long before it expires; for short-lived ones, at half of their life. */
const REFRESH_BEFORE_MS = 300_000;
/** Bounds one request for a token, whoever waits for it. */
const REQUEST_MS = 15_000;

export interface TokenOptions {
  readonly endpoint: URL;
  readonly workspaceId: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly http: Requests;
  readonly clock: Clock;
  readonly report: ReportZerobus;
}

interface Grant {
  readonly token: string;
  readonly refreshAtMs: number;
  readonly expiresAtMs: number;
}

const answerSchema = z.object({
  access_token: z.string().min(1),
  /** Seconds; some workspaces quote the number. */
  expires_in: z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/).transform(Number)]).optional(),
});

/** Stands for the workspace's own token in the cache; no table has this name. */
const WORKSPACE = "";

/**
 * OAuth tokens for the service principal (RFC 6749, 4.4): one for each table, which serves that table's streams alone,
 * and one for the workspace's API, which refuses the others. Kept until they run out; never more than one request for
 * the same token at a time.
 */
export class TokenCache {
  readonly #options: TokenOptions;
  readonly #grants = new Map<string, Grant>();
  readonly #flights = new Map<string, Promise<string>>();

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /**
   * A token that lets streams write `table`, `catalog.schema.table`.
   * @throws {AuthError} when the credentials are refused @throws {ConnectionError} when there is no answer
   */
  forTable(table: string, signal: AbortSignal): Promise<string> {
    return this.#token(table, signal);
  }

  /** A token for the workspace's API. @throws like `forTable` */
  forWorkspace(signal: AbortSignal): Promise<string> {
    return this.#token(WORKSPACE, signal);
  }

  /** Forgets exactly this token: a newer one for the same table stays. */
  drop(token: string): void {
    for (const [key, grant] of this.#grants) {
      if (grant.token === token) this.#grants.delete(key);
    }
  }

  async #token(key: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const grant = this.#grants.get(key);
    if (grant && this.#options.clock.monotonicMs() < grant.refreshAtMs) return grant.token;
    try {
      return await abortable(this.#fly(key), signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof EdgeError)) throw error;
      return this.#stillGood(key, error);
    }
  }

  /** The old token, when it has not run out and was not dropped meanwhile. */
  #stillGood(key: string, error: EdgeError): string {
    const grant = this.#grants.get(key);
    if (!grant || this.#options.clock.monotonicMs() >= grant.expiresAtMs) throw error;
    this.#options.report({ kind: "token_refresh_failed", table: key || undefined, reason: error.message });
    return grant.token;
  }

  #fly(key: string): Promise<string> {
    const flying = this.#flights.get(key);
    if (flying) return flying;
    const flight = this.#request(key).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    flight.catch(() => {}); // whoever waits hears of it; all of them may have given up
    return flight;
  }

  async #request(key: string): Promise<string> {
    const { http, endpoint, clock, report } = this.#options;
    const startMs = clock.monotonicMs();
    const answer = await http.request(endpoint, this.#post(key), AbortSignal.timeout(REQUEST_MS)).catch(asEdgeError);
    const { access_token, expires_in } = this.#read(key, answer);
    if (expires_in === undefined) this.#grants.delete(key);
    else {
      const lifeMs = expires_in * 1000;
      const refreshAtMs = startMs + lifeMs - Math.min(REFRESH_BEFORE_MS, lifeMs / 2);
      this.#grants.set(key, { token: access_token, refreshAtMs, expiresAtMs: startMs + lifeMs });
    }
    report({ kind: "token_refreshed", table: key || undefined });
    return access_token;
  }

  #post(key: string): RequestInit {
    const { clientId, clientSecret, workspaceId } = this.#options;
    const form = new URLSearchParams({ grant_type: "client_credentials", scope: "all-apis" });
    if (key !== WORKSPACE) {
      form.set("resource", `api://databricks/workspaces/${workspaceId}/zerobusDirectWriteApi`);
      form.set("authorization_details", JSON.stringify(privileges(key)));
    }
    const credentials = new TextEncoder().encode(`${clientId}:${clientSecret.reveal()}`).toBase64();
    return { method: "POST", headers: { authorization: `Basic ${credentials}` }, body: form };
  }

  #read(key: string, { status, text }: HttpAnswer): z.infer<typeof answerSchema> {
    if (status === 200) {
      const answer = answerSchema.safeParse(parseJson(text));
      if (answer.success) return answer.data;
      throw this.#unavailable("its answer holds no access token");
    }
    if (status === 429 || status >= 500 || status < 400) throw this.#unavailable(`it answers with HTTP ${status}`);
    throw this.#refused(key, status, text);
  }

  #unavailable(why: string): ConnectionError {
    return new ConnectionError("token_unavailable", `Cannot get a token from ${this.#options.endpoint}: ${why}`);
  }

  #refused(key: string, status: number, text: string): AuthError {
    const said = z.object({ error: z.string() }).safeParse(parseJson(text));
    const table = key ? `for table ${key} ` : "";
    return new AuthError(
      "token_refused",
      `The workspace refuses a token ${table}(HTTP ${status}${said.success ? `, ${said.data.error}` : ""}). Check ` +
        `zerobus.auth.client_id and client_secret, zerobus.workspace_id, and that the service principal has USE CATALOG, ` +
        `USE SCHEMA, SELECT and MODIFY on the table.`,
    );
  }
}

/** What the token must allow (docs.databricks.com, "Zerobus Ingest connector", authentication). */
function privileges(table: string): unknown[] {
  const { catalog, schema } = parseTableName(table);
  const type = "unity_catalog_privileges";
  return [
    { type, privileges: ["USE CATALOG"], object_type: "CATALOG", object_full_path: catalog },
    { type, privileges: ["USE SCHEMA"], object_type: "SCHEMA", object_full_path: `${catalog}.${schema}` },
    {
      type,
      privileges: ["SELECT", "MODIFY"],
      object_type: "TABLE",
      object_full_path: table,
      operations: ["zerobuswrite"],
    },
  ];
}

function asEdgeError(error: unknown): never {
  if (error instanceof EdgeError) throw error;
  throw new ConnectionError("token_unavailable", `The token endpoint did not answer within ${REQUEST_MS / 1000} s`, {
    cause: error,
  });
}
