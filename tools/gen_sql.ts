/** Makes docs/sql: the tables that hold every row whole, from the messages in protos/, and what reads them exactly. */
import protobuf from "protobufjs";
import { MESSAGES } from "../src/bronze/mod.ts";
import { preferredColumnType } from "../src/bronze/table_column.ts";

const PROTOS = ["opcua", "mqtt", "modbus"] as const;

/** File path below the project's root, to text. */
export function generateSql(root: URL): Map<string, string> {
  const tables = PROTOS.map((name, index) => createTable(name, index, commentsOf(root, name)));
  return new Map([
    ["docs/sql/create_tables.sql", [HEAD, ...tables, GRANTS].join("\n")],
    ["docs/sql/read_exactly.sql", [READ_HEAD, ...PROTOS.map(readExactly)].join("\n")],
  ]);
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

const READ_HEAD = `-- Made by \`deno task gen\`. Do not edit.
-- Delivery is at least once: a row that is sent again has the identity of its twin, (edge_id, boot_epoch, seq).
-- The views keep one of each. The queries behind them find numbers that are missing. seq counts the rows of a table and
-- goes on over restarts; it begins anew at 1 with a new boot_epoch when a connector begins a new spool. A number that is
-- missing is a row that is still on its way, became a dead letter, or was dropped. Those that will not arrive, and why,
-- the connector knows: put the list that its command \`spool gaps --sql\` prints in the place of the two lines from VALUES
-- on, and the queries take them out. One list may hold the rows of several connectors' lists.
`;

function readExactly(name: string): string {
  const table = `iot_data.bronze.${name}_bronze`;
  return `CREATE OR REPLACE VIEW ${table}_once AS
SELECT * FROM ${table}
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

WITH listed (table_name, edge_id, from_epoch, first_seq, last_seq) AS (
VALUES
  ('', '', 0, 0, 0)
), gaps AS (
  SELECT edge_id, boot_epoch, previous + 1 AS first_seq, seq - 1 AS last_seq
  FROM (
    SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
    FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM ${table}) AS numbered
  ) AS neighbours
  WHERE seq > previous + 1
), known AS (
  SELECT edge_id, boot_epoch, first_seq AS gap, first_seq - 1 AS first_seq, first_seq - 1 AS last_seq FROM gaps
  UNION ALL
  SELECT edge_id, boot_epoch, first_seq, last_seq + 1, last_seq + 1 FROM gaps
  UNION ALL
  SELECT gaps.edge_id, gaps.boot_epoch, gaps.first_seq, listed.first_seq, listed.last_seq
  FROM gaps JOIN listed ON listed.edge_id = gaps.edge_id AND listed.from_epoch <= gaps.boot_epoch
    AND listed.first_seq <= gaps.last_seq AND listed.last_seq >= gaps.first_seq
  WHERE listed.table_name = '${table}'
)
SELECT edge_id, boot_epoch, reached + 1 AS first_missing, first_seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, first_seq, max(last_seq) OVER (
    PARTITION BY edge_id, boot_epoch, gap ORDER BY first_seq, last_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reached
  FROM known
) AS steps
WHERE first_seq > reached + 1
ORDER BY edge_id, boot_epoch, first_missing;
`;
}

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
