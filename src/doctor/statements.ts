/** SQL for whoever administers the workspace. Names were checked: ASCII letters, digits and underscores. */
import type { BronzeMessage } from "../bronze/message.ts";
import { preferredColumnType } from "../bronze/table_column.ts";

/** A table, and what is written to it. */
export interface WantedTable {
  /** `catalog.schema.table` */
  readonly table: string;
  readonly messages: readonly BronzeMessage<never>[];
}

/** Makes the table with every column of the messages that go there. */
export function createTable({ table, messages }: WantedTable): string {
  const columns = new Map(
    messages.flatMap(({ fields }) => fields.map((field) => [field.name, preferredColumnType(field)])),
  );
  const lines = [...columns].map(([name, type]) => `  ${name} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${table} (\n${lines.join(",\n")}\n)\nUSING DELTA;`;
}

/** What the service principal must be granted to write the tables, each by name. */
export function grants(tables: readonly string[], principal: string | null): string {
  const to = `\`${principal === null || principal === "" ? "<application id>" : principal.replaceAll("`", "")}\``;
  const schemas = [...new Set(tables.map((table) => table.split(".").slice(0, 2).join(".")))];
  const catalogs = [...new Set(schemas.map((schema) => schema.split(".")[0] ?? ""))];
  return [
    ...catalogs.map((catalog) => `GRANT USE CATALOG ON CATALOG ${catalog} TO ${to};`),
    ...schemas.map((schema) => `GRANT USE SCHEMA ON SCHEMA ${schema} TO ${to};`),
    ...tables.map((table) => `GRANT SELECT, MODIFY ON TABLE ${table} TO ${to};`),
  ].join("\n");
}

/** Everything that a workspace needs before the first row, in one piece. */
export function workspaceScript(tables: readonly WantedTable[], principal: string | null): string {
  const schemas = [...new Set(tables.map(({ table }) => table.split(".").slice(0, 2).join(".")))];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${schema};`),
    ...tables.map(createTable),
    grants(tables.map(({ table }) => table), principal),
  ].join("\n\n");
}
