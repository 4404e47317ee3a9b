/** Makes docs/sql/create_tables.sql, the tables that hold every row whole, from the messages in protos/. */
import protobuf from "protobufjs";
import { MESSAGES } from "../src/bronze/mod.ts";
import { preferredColumnType } from "../src/bronze/table_column.ts";

const PROTOS = ["opcua", "mqtt", "modbus"] as const;

/** File path below the project's root, to text. */
export function generateSql(root: URL): Map<string, string> {
  const tables = PROTOS.map((name, index) => createTable(name, index, commentsOf(root, name)));
  return new Map([["docs/sql/create_tables.sql", [HEAD, ...tables, GRANTS].join("\n")]]);
}

const HEAD = `-- Made by \`deno task gen\` from protos/. Do not edit.
-- The bronze tables, extras included: put your catalog and schema in place of iot_data.bronze.
`;

const GRANTS = `-- For the service principal that writes, by its application id; each table by name.
GRANT USE CATALOG ON CATALOG iot_data TO \`<application id>\`;
GRANT USE SCHEMA ON SCHEMA iot_data.bronze TO \`<application id>\`;
${
  PROTOS.map((name) => `GRANT SELECT, MODIFY ON TABLE iot_data.bronze.${name}_bronze TO \`<application id>\`;`).join(
    "\n",
  )
}
`;

function createTable(name: string, index: number, comments: ReadonlyMap<string, string>): string {
  const columns = (MESSAGES[index]?.fields ?? []).map((field) => {
    const comment = (comments.get(field.name) ?? "").replaceAll("'", "''");
    return `  ${field.name} ${preferredColumnType(field)} COMMENT '${comment}'`;
  });
  const about = (comments.get("") ?? "").replaceAll("'", "''");
  return `CREATE TABLE IF NOT EXISTS iot_data.bronze.${name}_bronze (\n${
    columns.join(",\n")
  }\n)\nUSING DELTA\nCOMMENT '${about}';\n`;
}

/** What protos/ says of each field, and of the message under the empty name. */
function commentsOf(root: URL, name: string): Map<string, string> {
  const proto = Deno.readTextFileSync(new URL(`protos/${name}_bronze.proto`, root));
  const parsed = protobuf.parse(proto, { keepCase: true, alternateCommentMode: true });
  const type = parsed.root.nestedArray.find((each) => each instanceof protobuf.Type);
  if (!type) throw new Error(`protos/${name}_bronze.proto: no message`);
  const comments = type.fieldsArray.map((field): [string, string] => [field.name, oneLine(field.comment)]);
  return new Map([["", oneLine(type.comment)], ...comments]);
}

function oneLine(comment: string | null): string {
  return (comment ?? "").replace(/\s+/g, " ").trim();
}
