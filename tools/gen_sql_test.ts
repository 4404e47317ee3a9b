import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { MESSAGES } from "../src/bronze/mod.ts";
import { planTable } from "../src/bronze/table_plan.ts";
import { generateSql } from "./gen_sql.ts";

const sql = [...generateSql(new URL("../", import.meta.url)).values()].join("\n");
const tables = [...sql.matchAll(/CREATE TABLE IF NOT EXISTS (\S+) \(\n([\s\S]*?)\n\)\nUSING DELTA/g)];

Deno.test("docs/sql makes a table for every message, and each takes every column of its rows", () => {
  assert.equal(tables.length, MESSAGES.length);
  for (const [index, message] of MESSAGES.entries()) {
    const [, name = "", body = ""] = tables[index] ?? [];
    const columns = body.split(",\n").map((line) => {
      const [, column = "", type = "", comment = ""] = line.match(/^ {2}(\w+) ([A-Z]+) COMMENT '((?:[^']|'')+)'$/) ??
        [];
      assert.notEqual(comment, "", line);
      return { name: column, type, isNullable: true };
    });
    assert.deepEqual(columns.map((column) => column.name), message.fields.map((field) => field.name));
    assert.doesNotThrow(() => planTable(name, columns, message));
  }
});

/** SQLite has no QUALIFY, and names without dots: the rest is the same SQL. */
function inSqlite(text: string): string {
  return text.replaceAll("iot_data.bronze.", "").replace("CREATE OR REPLACE VIEW", "CREATE VIEW").replace(
    /SELECT \* FROM (\w+)\nQUALIFY (row_number\(\) OVER \([^)]*\)) = 1/,
    "SELECT * FROM (SELECT *, $2 AS nth FROM $1) WHERE nth = 1",
  );
}

/** A table of rows of these boot epochs and numbers, with the view and the query of docs/sql. */
function readExactly(rows: readonly (readonly number[])[]) {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE mqtt_bronze (edge_id TEXT, boot_epoch INT, seq INT, ingest_time INT)");
  for (const [epoch = 0, seq = 0] of rows) db.prepare("INSERT INTO mqtt_bronze VALUES ('e', ?, ?, 0)").run(epoch, seq);
  const files = generateSql(new URL("../", import.meta.url));
  const parts = files.get("docs/sql/read_exactly.sql")?.split("\n\n").filter((part) => part.includes("mqtt_bronze"));
  const [view = "", gaps = ""] = (parts ?? []).map((part) => inSqlite(part.replace(/^--.*\n/gm, "")));
  db.exec(view);
  return { db, gaps, [Symbol.dispose]: () => db.close() };
}

function found(db: DatabaseSync, query: string): unknown[] {
  return db.prepare(query).all().map(({ boot_epoch, first_missing, last_missing }) => [
    boot_epoch,
    first_missing,
    last_missing,
  ]);
}

Deno.test("docs/sql keeps one of each row and finds the numbers that are missing, over restarts and a new spool", () => {
  using sql = readExactly([[1, 1], [1, 2], [1, 2], [1, 5], [2, 6], [2, 7], [2, 6], [3, 1], [3, 3]]);
  assert.equal(sql.db.prepare("SELECT count(*) AS rows FROM mqtt_bronze_once").get()?.rows, 7);
  assert.deepEqual(found(sql.db, sql.gaps), [[1, 3, 4], [3, 2, 2]]);
});

/** Lists in the form of `spool gaps --sql`, and what of the gap from 11 to 19 stays in boot epoch 7. */
const LISTED: readonly (readonly [what: string, list: string[], stays: (readonly number[])[]])[] = [
  ["nothing", [], [[11, 19]]],
  ["all of it", ["'mqtt_bronze', 'e', 5, 11, 19"], []],
  ["more than it", ["'mqtt_bronze', 'e', 5, 1, 99"], []],
  ["its beginning", ["'mqtt_bronze', 'e', 5, 4, 13"], [[14, 19]]],
  ["its end", ["'mqtt_bronze', 'e', 5, 17, 25"], [[11, 16]]],
  ["its middle", ["'mqtt_bronze', 'e', 7, 13, 14"], [[11, 12], [15, 19]]],
  ["single numbers", ["'mqtt_bronze', 'e', 5, 11, 11", "'mqtt_bronze', 'e', 5, 15, 15"], [[12, 14], [16, 19]]],
  ["ranges in each other", ["'mqtt_bronze', 'e', 5, 12, 18", "'mqtt_bronze', 'e', 5, 14, 15"], [[11, 11], [19, 19]]],
  ["ranges that touch", ["'mqtt_bronze', 'e', 5, 11, 14", "'mqtt_bronze', 'e', 5, 15, 18"], [[19, 19]]],
  ["another table", ["'modbus_bronze', 'e', 5, 11, 19"], [[11, 19]]],
  ["another connector", ["'mqtt_bronze', 'f', 5, 11, 19"], [[11, 19]]],
  ["a spool that began later", ["'mqtt_bronze', 'e', 8, 11, 19"], [[11, 19]]],
];

for (const [what, list, stays] of LISTED) {
  Deno.test(`docs/sql takes out of a gap what a connector lists: ${what}`, () => {
    using sql = readExactly([[7, 9], [7, 10], [7, 20]]);
    const empty = "VALUES\n  ('', '', 0, 0, 0)\n";
    assert.ok(sql.gaps.includes(empty));
    const lines = list.map((range) => `,\n  (${range}) /* dropped */`).join("");
    const query = sql.gaps.replace(empty, `${empty.trimEnd()}${lines}\n`);
    assert.deepEqual(found(sql.db, query), stays.map((range) => [7, ...range]));
  });
}
