import assert from "node:assert/strict";
import { parseIngestEndpoint } from "./endpoint.ts";
import { sourceTable, targetTable, zerobusSettings } from "./spec.ts";

const WHOLE = {
  workspace_host: "https://dbc-1.cloud.databricks.com",
  zerobus_endpoint: "1234567890.zerobus.eu-west-1.cloud.databricks.com",
  auth: { client_id: "id", client_secret: "hunter2" },
};

function problems(block: unknown): string[] {
  const parsed = zerobusSettings.safeParse(block);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

Deno.test("zerobusSettings takes a block of addresses and credentials alone, with defaults for the rest", () => {
  const settings = zerobusSettings.parse(WHOLE);
  assert.equal(settings.target.tables.modbus, "modbus_bronze");
  assert.equal(settings.connection.max_inflight_mb, 32);
  assert.equal(settings.auth.client_secret?.reveal(), "hunter2");
  assert.ok(!JSON.stringify(settings).includes("hunter2"));
});

Deno.test("zerobusSettings names every missing key while enabled, and none while disabled", () => {
  assert.deepEqual(problems({ enabled: false }), []);
  assert.deepEqual(problems({ auth: { client_secret: "" } }).map((each) => each.split(":")[0]), [
    "workspace_host",
    "zerobus_endpoint",
    "auth.client_id",
    "auth.client_secret",
  ]);
});

for (
  const [what, change, expected] of [
    ["a table name with a dash", { target: { table: "my-table" } }, /^target\.table: .*ASCII letters/],
    [
      "plain http beyond loopback",
      { workspace_host: "http://dbc-1.cloud.databricks.com" },
      /^workspace_host: .*client secret/,
    ],
    ["a scheme that is not HTTP", { zerobus_endpoint: "ftp://x" }, /^zerobus_endpoint: must begin with https/],
    ["an unknown key", { conection: {} }, /conection/],
    ["less in flight than one request", { connection: { max_inflight_mb: 5 } }, /^connection\.max_inflight_mb/],
  ] as const
) {
  Deno.test(`zerobusSettings refuses ${what}`, () => {
    const found = problems({ ...WHOLE, ...change });
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", expected);
  });
}

Deno.test("every zerobus setting says what it is for", () => {
  const undescribed: string[] = [];
  const visit = (shape: Record<string, { meta(): { description?: string } | undefined }>, path: string) => {
    for (const [key, schema] of Object.entries(shape)) {
      if (!schema.meta()?.description) undescribed.push(path + key);
      const inner = schema as unknown as { unwrap?(): { shape?: typeof shape } }; // blocks stand in a prefault
      const block = inner.unwrap?.().shape;
      if (block) visit(block, `${path}${key}.`);
    }
  };
  visit(zerobusSettings.shape, "");
  assert.deepEqual(undescribed, []);
});

for (
  const [text, expected] of [
    ["1234567890.zerobus.eu-west-1.cloud.databricks.com", [
      "1234567890.zerobus.eu-west-1.cloud.databricks.com",
      443,
      true,
      "1234567890",
    ]],
    ["https://42.zerobus.westeurope.azuredatabricks.net:8443/", [
      "42.zerobus.westeurope.azuredatabricks.net",
      8443,
      true,
      "42",
    ]],
    ["http://127.0.0.1:7443", ["127.0.0.1", 7443, false, "127"]],
    ["localhost:7443", ["localhost", 7443, true, "localhost"]],
  ] as const
) {
  Deno.test(`parseIngestEndpoint() reads ${text}`, () => {
    const { host, port, isTls, workspaceId } = parseIngestEndpoint(text);
    assert.deepEqual([host, port, isTls, workspaceId], expected);
  });
}

Deno.test("targetTable() prefers the source's own table, then the one for all, then the protocol's", () => {
  const { target } = zerobusSettings.parse(WHOLE);
  assert.equal(targetTable(target, "mqtt", null), "iot_data.bronze.mqtt_bronze");
  assert.equal(targetTable({ ...target, table: "all" }, "mqtt", null), "iot_data.bronze.all");
  assert.equal(targetTable({ ...target, table: "all" }, "mqtt", "own"), "iot_data.bronze.own");
  assert.equal(targetTable(target, "mqtt", "a.b.c"), "a.b.c");
});

Deno.test("sourceTable takes one part or three", () => {
  assert.deepEqual(["t", "a.b.c", "a.b", "a..c", "ä"].map((text) => sourceTable.safeParse(text).success), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
