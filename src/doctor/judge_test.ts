import assert from "node:assert/strict";
import { MQTT } from "../bronze/mod.ts";
import { preferredColumnType, type TableColumn } from "../bronze/table_column.ts";
import { judgeColumns } from "./column_faults.ts";
import { judgeSpace } from "./host_steps.ts";
import { createTable, grants, workspaceScript } from "./statements.ts";
import type { ShownTls } from "./tls_look.ts";
import { judgeTls } from "./way_steps.ts";
import { judgeSkew } from "./workspace_steps.ts";

const TABLE = "main.bronze.mqtt";
const WHOLE: readonly TableColumn[] = MQTT.fields.map((field) => ({
  name: field.name,
  type: preferredColumnType(field).toLowerCase(),
  isNullable: true,
}));
const altered = (name: string, more: Partial<TableColumn>) =>
  WHOLE.map((column) => column.name === name ? { ...column, ...more } : column);

Deno.test("judgeColumns() takes a table with every column", () => {
  assert.equal(judgeColumns(TABLE, WHOLE, MQTT).state, "ok");
});

Deno.test("judgeColumns() tells all columns that do not fit, each with its statement", () => {
  const columns = [...altered("value", { type: "string" }), { name: "own", type: "int", isNullable: false }];
  const { state, cause, remedy } = judgeColumns(TABLE, columns, MQTT);
  assert.equal(state, "fail");
  assert.match(cause ?? "", /value is STRING, and must be DOUBLE\. own is NOT NULL/);
  assert.match(
    remedy?.copy ?? "",
    /ADD COLUMN value DOUBLE;\nALTER TABLE main\.bronze\.mqtt ALTER COLUMN own DROP NOT NULL;/,
  );
});

Deno.test("judgeColumns() warns of published columns that are missing, and not of extras", () => {
  const without = (name: string) => WHOLE.filter((column) => column.name !== name);
  const { state, remedy } = judgeColumns(TABLE, without("unit"), MQTT);
  assert.deepEqual([state, remedy?.copy], ["warn", "ALTER TABLE main.bronze.mqtt ADD COLUMNS (unit STRING);"]);
  assert.equal(judgeColumns(TABLE, without("payload"), MQTT).state, "ok");
});

Deno.test("judgeColumns() fails where the table has nothing of ours", () => {
  assert.equal(judgeColumns(TABLE, [{ name: "x", type: "int", isNullable: true }], MQTT).state, "fail");
});

Deno.test("judgeColumns() quotes names that SQL would not take", () => {
  const { remedy } = judgeColumns(TABLE, [...WHOLE, { name: "a`; DROP", type: "int", isNullable: false }], MQTT);
  assert.match(remedy?.copy ?? "", /ALTER COLUMN `a``; DROP` DROP NOT NULL/);
});

Deno.test("grants() names each catalog and schema once, and each table", () => {
  assert.equal(
    grants(["a.b.c", "a.b.d"], "id-1"),
    "GRANT USE CATALOG ON CATALOG a TO `id-1`;\nGRANT USE SCHEMA ON SCHEMA a.b TO `id-1`;\n" +
      "GRANT SELECT, MODIFY ON TABLE a.b.c TO `id-1`;\nGRANT SELECT, MODIFY ON TABLE a.b.d TO `id-1`;",
  );
  assert.match(grants(["a.b.c"], null), /<application id>/);
  assert.doesNotMatch(grants(["a.b.c"], "x`; DROP"), /x`;/);
});

Deno.test("createTable() makes every column that judgeColumns() wants", () => {
  const sql = createTable({ table: TABLE, messages: [MQTT as never] });
  for (const { name, type } of WHOLE) assert.match(sql, new RegExp(`  ${name} ${type.toUpperCase()}[,\\n]`));
});

Deno.test("workspaceScript() makes schema and tables before it grants them", () => {
  const script = workspaceScript([{ table: TABLE, messages: [MQTT as never] }], "id");
  const at = (text: string) => script.indexOf(text);
  assert.ok(
    at("CREATE SCHEMA IF NOT EXISTS main.bronze;") < at("CREATE TABLE") && at("CREATE TABLE") < at("GRANT USE"),
  );
});

const SHOWN: ShownTls = {
  fault: undefined,
  subject: "CN=x",
  issuer: "CN=Plant proxy",
  names: "x",
  endsMs: 90 * 86_400_000,
  protocol: "TLSv1.3",
  hasHttp2: true,
};
for (
  const [what, more, state, says] of [
    ["a good certificate", {}, "ok", /^$/],
    [
      "an authority that is not trusted",
      { fault: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
      "fail",
      /does not trust CN=Plant proxy/,
    ],
    ["another name", { fault: "ERR_TLS_CERT_ALTNAME_INVALID" }, "fail", /is for x, and not for h/],
    ["one that has ended", { fault: "CERT_HAS_EXPIRED" }, "fail", /not valid now/],
    ["one that ends soon", { endsMs: 86_400_000 }, "warn", /ends soon/],
    ["a peer without HTTP/2", { hasHttp2: false }, "fail", /HTTP\/2/],
  ] as const
) {
  Deno.test(`judgeTls() of ${what} is ${state}`, () => {
    const found = judgeTls({ ...SHOWN, ...more }, { host: "h", needsHttp2: true, nowMs: () => 0 });
    assert.equal(found.state, state);
    assert.match(found.cause ?? "", says);
  });
}

Deno.test("judgeSkew() warns from half a minute on, and fails from five minutes on, both ways", () => {
  const states = [0, -29_000, 31_000, -31_000, 301_000, -301_000].map((ms) => judgeSkew(ms).state);
  assert.deepEqual(states, ["ok", "ok", "warn", "warn", "fail", "fail"]);
  assert.equal(judgeSkew(-60_000).measured, "60 s behind the workspace");
});

Deno.test("judgeSpace() warns where the spool cannot grow as it may, and fails where nothing is left", () => {
  assert.deepEqual([judgeSpace(2000, 1200), judgeSpace(800, 1200), judgeSpace(100, 1200)].map(({ state }) => state), [
    "ok",
    "warn",
    "fail",
  ]);
});
