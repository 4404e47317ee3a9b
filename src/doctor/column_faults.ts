import type { BronzeField, BronzeMessage } from "../bronze/message.ts";
import { fieldTypeFor, preferredColumnType, type TableColumn } from "../bronze/table_column.ts";
import { fail, type Finding, ok, warn } from "./step.ts";

/** Each column of a table against what is sent: all that does not fit, with the statements that mend it. */
export function judgeColumns(table: string, columns: readonly TableColumn[], message: BronzeMessage<never>): Finding {
  const fields = new Map(message.fields.map((field) => [field.name.toLowerCase(), field]));
  const faults = columns.flatMap((column) => faultOf(table, column, fields.get(column.name.toLowerCase())) ?? []);
  const known = new Set(columns.map(({ name }) => name.toLowerCase()));
  const missing = message.fields.filter(({ name }) => !known.has(name.toLowerCase()));
  const found = message.fields.length - missing.length;
  const measured = `${columns.length} columns, of which ${found} are filled`;
  if (found === 0) return toAdd(table, missing.filter(({ isPublished }) => isPublished), { measured, isFatal: true });
  if (faults.length > 0) {
    const cause = faults.map(({ cause }) => cause).join(" ");
    return fail({
      measured,
      cause,
      remedy: { what: "Run in the workspace:", copy: faults.map(({ sql }) => sql).join("\n") },
    });
  }
  const published = missing.filter(({ isPublished }) => isPublished);
  if (published.length > 0) return toAdd(table, published, { measured, isFatal: false });
  return ok(missing.length === 0 ? measured : `${measured}; extras without a column: ${namesOf(missing)}`);
}

interface ColumnFault {
  readonly cause: string;
  readonly sql: string;
}

function faultOf(table: string, column: TableColumn, field: BronzeField | undefined): ColumnFault | undefined {
  const { name, type, isNullable } = column;
  const alter = `ALTER TABLE ${table}`;
  if (!field) {
    if (isNullable) return undefined;
    const cause = `${name} is NOT NULL, and the connector has nothing to fill it with.`;
    return { cause, sql: `${alter} ALTER COLUMN ${quoted(name)} DROP NOT NULL;` };
  }
  if (fieldTypeFor(field, type)) return undefined;
  const wanted = preferredColumnType(field);
  return {
    cause: `${name} is ${type.toUpperCase()}, and must be ${wanted}.`,
    sql: `${alter} RENAME COLUMN ${quoted(name)} TO ${quoted(`${name}_old`)};\n` +
      `${alter} ADD COLUMN ${quoted(name)} ${wanted};`,
  };
}

function toAdd(
  table: string,
  fields: readonly BronzeField[],
  { measured, isFatal }: { readonly measured: string; readonly isFatal: boolean },
): Finding {
  const columns = fields.map((field) => `${field.name} ${preferredColumnType(field)}`).join(", ");
  const cause = isFatal
    ? "The table has none of the connector's columns."
    : `No column for ${namesOf(fields)}: these values are left out of the rows.`;
  const remedy = { what: "Run in the workspace:", copy: `ALTER TABLE ${table} ADD COLUMNS (${columns});` };
  return (isFatal ? fail : warn)({ measured, cause, remedy });
}

function namesOf(fields: readonly BronzeField[]): string {
  return fields.map(({ name }) => name).join(", ");
}

/** A column's name comes from the workspace, and is quoted as SQL wants it. */
function quoted(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}
