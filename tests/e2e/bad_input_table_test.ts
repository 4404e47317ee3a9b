/** Tables and a workspace that do not take rows, beside a table that does: rows wait, and arrive once it is mended. */
import assert from "node:assert/strict";
import { MODBUS } from "../../src/bronze/mod.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { bronzeTable, Code, startZerobus, type Table, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { Arrivals, counterSource, healthOf, saidOnceOfMany, startConnector, stopBalanced } from "./stand.ts";

function tableNamed(name: string): Table {
  return bronzeTable(`iot_data.bronze.${name}`, MODBUS);
}

/** Without the columns that only our own tables have. */
function publishedOnly(name: string): Table {
  const { columns, ...rest } = tableNamed(name);
  const published = new Set(MODBUS.fields.filter(({ isPublished }) => isPublished).map((field) => field.name));
  return { ...rest, columns: columns.filter((column) => published.has(column.name)) };
}

function withColumn(table: Table, column: Table["columns"][number]): Table {
  const others = table.columns.filter(({ name }) => name !== column.name);
  return { ...table, columns: [...others, column] };
}

interface BadTable {
  readonly name: string;
  /** The table, and the source that writes it. */
  readonly table: string;
  /** Makes it bad, before the connector starts. */
  readonly spoil: (zerobus: ZerobusPeer, table: Table) => void;
  readonly code: string;
  readonly says: RegExp;
}

const TABLES: readonly BadTable[] = [
  {
    name: "a column that must be filled and cannot be",
    table: "strict",
    spoil: (zerobus, table) =>
      zerobus.putTable(withColumn(table, { name: "plant", type: "string", isNullable: false })),
    code: "column_not_null",
    says:
      /needs a person: Column plant of iot_data\.bronze\.strict is STRING NOT NULL.*Run: ALTER TABLE iot_data\.bronze\.strict ALTER COLUMN plant DROP NOT NULL/,
  },
  {
    name: "a column of another type",
    table: "mistyped",
    spoil: (zerobus, table) => zerobus.putTable(withColumn(table, { name: "value", type: "string" })),
    code: "column_type",
    says:
      /needs a person: Column value of iot_data\.bronze\.mistyped is STRING.*needs DOUBLE\. Run: ALTER TABLE iot_data\.bronze\.mistyped /,
  },
  {
    name: "a table that is not there",
    table: "absent",
    spoil: () => {},
    code: "table_missing",
    says:
      /needs a person: There is no table iot_data\.bronze\.absent.*Create it with docs\/sql, or correct zerobus\.target/,
  },
  {
    name: "a grant that is not there",
    table: "forbidden",
    spoil: (zerobus, table) => {
      const status = { code: Code.PERMISSION_DENIED, message: "User does not have permission" };
      zerobus.putTable(table);
      zerobus.plan({ on: "open", table: table.name, fault: { kind: "status", status }, times: 1_000_000 });
    },
    code: "zerobus_permission",
    says:
      /needs a person: Zerobus refuses to write iot_data\.bronze\.forbidden: .*Grant the service principal .*MODIFY/,
  },
];

Deno.test("A table that takes no rows gives one line that says what to do, and takes all of them once it is mended", async (t) => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep, tables: [tableNamed("modbus_bronze")] }));
  zerobus.putTable(publishedOnly("narrow"));
  for (const { table, spoil } of TABLES) spoil(zerobus, tableNamed(table));
  const modbus = stack.use(startModbusServer());
  const names = [...TABLES.map(({ table }) => table), "narrow", "modbus_bronze"];
  for (const i of names.keys()) modbus.count("holding", i * 2);
  const sources = names.map((table, i) => counterSource(`of_${table}`, { port: modbus.port, address: i * 2, table }));
  const connector = stack.use(await startConnector({ zerobus, sources }));
  await t.step("a table without the extra columns takes rows without them", () => arrivals.more("narrow"));
  for (const bad of TABLES) {
    await t.step(`${bad.name}: it is said, and the others run on`, async () => {
      await assertHeld(connector, bad);
      await Promise.all(["narrow", "modbus_bronze"].map((table) => arrivals.more(table)));
    });
  }
  await t.step("each takes all rows once it is mended, without a restart", async () => {
    for (const { table } of TABLES) assert.equal(arrivals.of(table).arrived, 0);
    for (const { table } of TABLES) zerobus.putTable(tableNamed(table));
    zerobus.heal();
    await Promise.all(TABLES.map(({ table }) => arrivals.more(table, 20)));
    for (const { table } of TABLES) await assertMended(connector, table);
  });
  await t.step("nothing is missing, and the ledger balances", async () => {
    const last = await stopBalanced(connector);
    arrivals.assertWhole();
    const came = names.map((table) => arrivals.of(table));
    assert.equal(last.written, came.reduce((sum, { arrived }) => sum + arrived, 0));
    assert.ok(names.every((name) => arrivals.first(`iot_data.bronze.${name}`) === 1), "from the first reading on");
    assert.equal(last.dead_lettered, 0);
  });
});

async function assertHeld(connector: Connector, { table, code, says }: BadTable): Promise<void> {
  const line = await saidOnceOfMany(connector, { of: table, code, says });
  assert.equal(line.level, "error");
  assert.match(line.message, /\(they are kept; next attempt in 1 s\)$/);
  const health = await healthOf(connector, "sinks", table);
  assert.equal(health.connected, false);
  assert.equal(health.last_error?.code, code);
  await eventually("its breaker is open", async () => {
    const { causes } = await connector.health();
    return String(causes).includes(`iot_data.bronze.${table} is open`);
  });
}

async function assertMended(connector: Connector, table: string): Promise<void> {
  await eventually(`${table} is well`, async () => {
    const { connected, breaker } = await healthOf(connector, "sinks", table);
    return connected && breaker === "closed";
  });
}

Deno.test("A wrong client secret holds all rows back, says so once per table, and lets them go once it is right", async () => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep }));
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const sources = [counterSource("meters", { port: modbus.port, address: 0 })];
  zerobus.rotateSecret("another secret");
  const connector = stack.use(await startConnector({ zerobus, sources, clientSecret: "the old secret" }));
  const line = await saidOnceOfMany(connector, {
    of: "modbus_bronze",
    code: "token_refused",
    says:
      /needs a person: The workspace refuses a token.*invalid_client.*Check zerobus\.auth\.client_id and client_secret/,
  });
  assert.doesNotMatch(JSON.stringify(line), /the old secret/);
  await eventually("rows wait", async () => {
    const { queue } = await connector.health() as { queue: { queued: number } };
    return queue.queued >= 10;
  });
  assert.equal((await healthOf(connector, "sinks", "modbus_bronze")).last_error?.code, "token_refused");
  zerobus.rotateSecret("the old secret");
  await arrivals.more("modbus_bronze", 20);
  await stopBalanced(connector);
  arrivals.assertWhole();
  assert.equal(arrivals.first("iot_data.bronze.modbus_bronze"), 1);
});

Deno.test("A workspace that is away at the start gets everything once it comes", async () => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep }));
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const sources = [counterSource("meters", { port: modbus.port, address: 0 })];
  await zerobus.stop();
  const connector = stack.use(await startConnector({ zerobus, sources }));
  await saidOnceOfMany(connector, {
    of: "modbus_bronze",
    code: "workspace_unreachable",
    says:
      /cannot be sent to .* now: Cannot reach https:\/\/localhost:\d+: tcp connect error: Connection refused.*\. Check zerobus\.workspace_host, .*\(they are kept; next attempt in /,
  });
  await eventually("rows wait", async () => {
    const { queue, status } = await connector.health() as { status: string; queue: { queued: number } };
    return queue.queued >= 10 && status === "degraded";
  });
  await zerobus.start();
  await arrivals.more("modbus_bronze", 20);
  await assertMended(connector, "modbus_bronze");
  await stopBalanced(connector);
  arrivals.assertWhole();
  assert.equal(arrivals.first("iot_data.bronze.modbus_bronze"), 1);
});

Deno.test("A workspace that an unknown authority signed is said once, and a stop says how many rows wait in the spool", async () => {
  await using stack = new AsyncDisposableStack();
  const zerobus = stack.use(await startZerobus());
  const modbus = stack.use(startModbusServer());
  const sources = [counterSource("meters", { port: modbus.port, address: 0 })];
  const files = { "certs/workspace.pem": (await TestAuthority.create()).certificate };
  const connector = stack.use(await startConnector({ zerobus, sources, files }));
  await saidOnceOfMany(connector, {
    of: "modbus_bronze",
    code: "workspace_unreachable",
    says: /Cannot reach https:.*certificate.*Set security\.ca_bundle_path to the authority that signed it/,
  });
  await eventually("rows wait", async () => {
    const { queue } = await connector.health() as { queue: { queued: number } };
    return queue.queued >= 10;
  });
  assert.equal(await connector.stop(), 0);
  const last = connector.log.at(-1);
  assert.equal(
    last?.message,
    `The connector has stopped: ${last?.spooled} rows wait in the spool and are sent after the next start`,
  );
  assert.deepEqual([last?.balanced, last?.written, last?.received], [true, 0, last?.spooled]);
});
