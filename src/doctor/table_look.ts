import { z } from "zod";
import type { TableColumn } from "../bronze/table_column.ts";
import { ConnectionError } from "../core/error.ts";
import { parseJson, type Requests } from "../sinks/zerobus/http.ts";
import { parseTableName } from "../sinks/zerobus/table_name.ts";

/** What Unity Catalog says of a table. */
export type TableLook =
  | { readonly kind: "found"; readonly type: string; readonly format: string; readonly columns: readonly TableColumn[] }
  /** There is none, or the service principal may not know of it. */
  | { readonly kind: "missing" }
  /** The service principal may not look at it. */
  | { readonly kind: "forbidden" };

const answerSchema = z.object({
  table_type: z.string().default(""),
  data_source_format: z.string().default(""),
  columns: z.array(z.object({ name: z.string(), type_text: z.string(), nullable: z.boolean().default(true) })).default(
    [],
  ),
});

export interface TableLookOptions {
  readonly http: Requests;
  readonly workspace: URL;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** `GET /api/2.1/unity-catalog/tables/{full_name}`. @throws {ConnectionError} when there is no answer that says so */
export async function lookAtTable(table: string, options: TableLookOptions): Promise<TableLook> {
  const { http, workspace, token, signal } = options;
  const { catalog, schema, table: name } = parseTableName(table);
  const url = new URL(`/api/2.1/unity-catalog/tables/${catalog}.${schema}.${name}`, workspace);
  const { status, text } = await http.request(url, { headers: { authorization: `Bearer ${token}` } }, signal);
  if (status === 404) return { kind: "missing" };
  if (status === 403) return { kind: "forbidden" };
  const answer = answerSchema.safeParse(parseJson(text));
  if (status !== 200 || !answer.success) {
    const message = `Unity Catalog answers with HTTP ${status} for ${table}, and not with a table`;
    throw new ConnectionError("unity_catalog_unavailable", message);
  }
  const { table_type: type, data_source_format: format, columns } = answer.data;
  return {
    kind: "found",
    type,
    format,
    columns: columns.map((each) => ({
      name: each.name,
      type: each.type_text.toLowerCase(),
      isNullable: each.nullable,
    })),
  };
}
