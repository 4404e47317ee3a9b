import { z } from "zod";
import type { TableColumn } from "../../bronze/table_plan.ts";
import { AuthError, ConfigError, ConnectionError, reasonOf } from "../../core/error.ts";
import { linkFree, makeDirectory, replaceFile } from "../../core/home_file.ts";
import type { Logger } from "../../core/logger.ts";
import type { ColumnsFrom, ReportZerobus } from "./event.ts";
import { type HttpAnswer, parseJson, type Requests } from "./http.ts";
import { parseTableName } from "./table_name.ts";
import type { TokenCache } from "./token.ts";

export interface ColumnsOptions {
  readonly workspace: URL;
  readonly http: Requests;
  readonly tokens: TokenCache;
  /** Absolute path of the home directory, in which columns are kept for a start while the workspace cannot be reached. */
  readonly home: string;
  readonly log: Logger;
  readonly report: ReportZerobus;
}

/** A table's columns in their order, and how they were learned. `bundled`: they may not be read. */
export type KnownColumns =
  | { readonly from: Exclude<ColumnsFrom, "bundled">; readonly columns: readonly TableColumn[] }
  | { readonly from: "bundled" };

const CACHE_DIR = "state/columns";

/** Unity Catalog's names for types, where they are not the SQL ones; used when an answer has no `type_text`. */
const SQL_TYPE: Readonly<Record<string, string>> = { LONG: "bigint", SHORT: "smallint", BYTE: "tinyint" };

const answerSchema = z.object({
  columns: z.array(z.object({
    name: z.string(),
    type_text: z.string().optional(),
    type_name: z.string().optional(),
    nullable: z.boolean().default(true),
    position: z.number().optional(),
  })).default([]),
});

const cacheSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string(), isNullable: z.boolean() })),
});

/** Asks Unity Catalog which columns tables have (`GET /api/2.1/unity-catalog/tables/{full_name}`). */
export class TableColumns {
  readonly #options: ColumnsOptions;
  readonly #toldBundled = new Set<string>();

  constructor(options: ColumnsOptions) {
    this.#options = options;
  }

  /**
   * The columns of `table`, `catalog.schema.table`: from Unity Catalog, or from disk while it cannot be reached.
   * @throws {ConfigError} when there is no such table @throws {AuthError} when the credentials are refused
   * @throws {ConnectionError} when it cannot be reached and nothing is on disk
   */
  async read(table: string, signal: AbortSignal): Promise<KnownColumns> {
    const known = await this.#ask(table, signal).catch((error) => this.#fromDisk(table, error));
    const count = known.from === "bundled" ? 0 : known.columns.length;
    this.#options.report({ kind: "columns_read", table, from: known.from, count });
    return known;
  }

  async #ask(table: string, signal: AbortSignal): Promise<KnownColumns> {
    const token = await this.#options.tokens.forWorkspace(signal);
    const answer = await this.#get(table, token, signal);
    if (answer.status !== 401) return this.#understand(table, answer);
    this.#options.tokens.drop(token);
    const fresh = await this.#options.tokens.forWorkspace(signal);
    return this.#understand(table, await this.#get(table, fresh, signal));
  }

  #get(table: string, token: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { catalog, schema, table: name } = parseTableName(table);
    const url = new URL(`/api/2.1/unity-catalog/tables/${catalog}.${schema}.${name}`, this.#options.workspace);
    return this.#options.http.request(url, { headers: { authorization: `Bearer ${token}` } }, signal);
  }

  #understand(table: string, { status, text }: HttpAnswer): KnownColumns {
    switch (status) {
      case 200:
        return this.#keep(table, readAnswer(table, text));
      case 401:
        throw new AuthError(
          "unity_catalog_refused",
          `Unity Catalog refuses a fresh token for ${table}. Check that the service principal belongs to this workspace.`,
        );
      case 403:
        return this.#bundled(table);
      case 404:
        throw new ConfigError(
          "table_missing",
          `There is no table ${table}, or the service principal may not see it. Create it with docs/sql, or correct zerobus.target.`,
          { path: "zerobus.target" },
        );
      default:
        throw new ConnectionError(
          "unity_catalog_unavailable",
          `Unity Catalog answers with HTTP ${status} for ${table}`,
        );
    }
  }

  #bundled(table: string): KnownColumns {
    if (!this.#toldBundled.has(table)) {
      this.#toldBundled.add(table);
      this.#options.log.log(
        "warn",
        `Unity Catalog does not let us read the columns of ${table}: the published bronze columns are sent, without ` +
          `extras. To send all: GRANT USE CATALOG, USE SCHEMA, SELECT to the service principal.`,
        { table },
      );
    }
    return { from: "bundled" };
  }

  #keep(table: string, columns: readonly TableColumn[]): KnownColumns {
    try {
      const { home } = this.#options;
      makeDirectory(home, `${home}/${CACHE_DIR}`);
      replaceFile(home, this.#path(table), JSON.stringify({ columns }));
    } catch (error) {
      this.#options.log.log("warn", `Cannot keep the columns of ${table} on disk: ${reasonOf(error)}`, { table });
    }
    return { from: "unity_catalog", columns };
  }

  async #fromDisk(table: string, why: unknown): Promise<KnownColumns> {
    if (!(why instanceof ConnectionError)) throw why;
    const text = await this.#keptText(table).catch(() => "");
    const kept = cacheSchema.safeParse(parseJson(text));
    if (!kept.success) throw why;
    return { from: "disk", columns: kept.data.columns };
  }

  async #keptText(table: string): Promise<string> {
    return await Deno.readTextFile(linkFree(this.#options.home, this.#path(table)));
  }

  /** Name parts are ASCII letters, digits and underscores: safe in a file's name. */
  #path(table: string): string {
    return `${this.#options.home}/${CACHE_DIR}/${this.#options.workspace.hostname}.${table}.json`;
  }
}

function readAnswer(table: string, text: string): TableColumn[] {
  const answer = answerSchema.safeParse(parseJson(text));
  if (!answer.success) {
    throw new ConnectionError("unity_catalog_unavailable", `Unity Catalog's answer for ${table} cannot be read`);
  }
  const columns = answer.data.columns.map((column, index) => ({ ...column, position: column.position ?? index }));
  return columns.sort((a, b) => a.position - b.position).map(({ name, type_text, type_name = "", nullable }) => ({
    name,
    type: (type_text ?? SQL_TYPE[type_name] ?? type_name).toLowerCase(),
    isNullable: nullable,
  }));
}
