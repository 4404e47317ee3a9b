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

Deno.test("docs/sql keeps one of each row and finds the numbers that are missing, over restarts and a new spool", () => {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE mqtt_bronze (edge_id TEXT, boot_epoch INT, seq INT, ingest_time INT)");
  const rows = [[1, 1], [1, 2], [1, 2], [1, 5], [2, 6], [2, 7], [2, 6], [3, 1], [3, 3]];
  for (const [epoch = 0, seq = 0] of rows) db.prepare("INSERT INTO mqtt_bronze VALUES ('e', ?, ?, 0)").run(epoch, seq);
  const files = generateSql(new URL("../", import.meta.url));
  const text = files.get("docs/sql/read_exactly.sql")?.split("\n\n").filter((part) => part.includes("mqtt_bronze")) ??
    [];
  const [view = "", gaps = ""] = text.map((part) => inSqlite(part.replace(/^--.*\n/gm, "")));
  db.exec(view);
  assert.equal(db.prepare("SELECT count(*) AS rows FROM mqtt_bronze_once").get()?.rows, 7);
  const found = db.prepare(gaps).all().map((
    { boot_epoch, first_missing, last_missing },
  ) => [boot_epoch, first_missing, last_missing]);
  assert.deepEqual(found, [[1, 3, 4], [3, 2, 2]]);
  db.close();
});
