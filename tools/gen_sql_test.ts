import assert from "node:assert/strict";
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
