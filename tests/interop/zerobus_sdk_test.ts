/** The official Zerobus SDK (PyPI databricks-zerobus-ingest-sdk) against the fake workspace: what it does there it does at Databricks. */
import assert from "node:assert/strict";
import { eventually } from "../wait.ts";
import { PeerProcess } from "../peers/process.ts";
import { PYTHON } from "../peers/provision.ts";
import { Code, startZerobus, type StoredRow, STREAM_TIMEOUT, type ZerobusPeer } from "../peers/zerobus/mod.ts";

const SCRIPT = new URL("./peers/zerobus_sdk_ingest.py", import.meta.url).pathname;
const TABLE = "iot_data.bronze.mqtt_bronze";

/** Name, protobuf type and field number. */
const COLUMNS = [
  ["seq", "int64", 1],
  ["topic", "string", 2],
  ["value", "double", 3],
  ["qos", "int32", 40],
  ["retain", "bool", 5],
  ["payload", "bytes", 6],
  ["event_time", "int64", 700],
  ["boot_epoch", "int64", 8],
] as const;

interface Job {
  readonly format: "proto" | "json";
  readonly columns: readonly (readonly [string, string, number])[];
  readonly count: number;
  readonly batch: number;
  readonly streams?: number;
  readonly client_secret?: string;
  readonly lack_of_ack_ms?: number;
  readonly table?: string;
}

const PROTO: Job = { format: "proto", columns: COLUMNS, count: 2000, batch: 20 };

/** Runs the SDK and resolves with what it says at the end. */
async function ingest(zerobus: ZerobusPeer, job: Job): Promise<{ outcome: string; message?: string }> {
  const ca = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(ca, zerobus.caPem);
    const { workspaceHost: workspace, zerobusEndpoint, clientId: client_id, clientSecret: client_secret } = zerobus;
    const whole = { table: TABLE, host: `https://${zerobusEndpoint}`, workspace, client_id, client_secret, ...job };
    const { peer, ready } = await PeerProcess.start(PYTHON, {
      args: [SCRIPT, JSON.stringify(whole)],
      ready: /^\{"outcome".*$/,
      env: { SSL_CERT_FILE: ca },
      timeoutMs: 60_000,
    });
    await peer[Symbol.asyncDispose]();
    return JSON.parse(ready[0]);
  } finally {
    await Deno.remove(ca);
  }
}

function expectedRow(i: number): StoredRow {
  return {
    seq: i,
    topic: `plant/öfen/${i % 10}`,
    value: i / 2,
    qos: i % 3,
    retain: i % 2 === 1,
    payload: new Uint8Array([i % 256, 0xff]),
    event_time: 1_700_000_000_000_000 + i,
    boot_epoch: -1 - i,
  };
}

/** Asserts that rows 0 to `count - 1` are all there, and says how many are there twice. */
function assertComplete(zerobus: ZerobusPeer, count: number): number {
  const numbers = zerobus.rows(TABLE).map((row) => Number(row["seq"]));
  assert.deepEqual([...new Set(numbers)].sort((a, b) => a - b), Array.from({ length: count }, (_, i) => i));
  return numbers.length - count;
}

for (const batch of [0, 100]) {
  Deno.test(`the SDK's protobuf rows arrive whole, ${batch === 0 ? "one by one" : "in batches"}`, async () => {
    await using zerobus = await startZerobus();
    assert.deepEqual(await ingest(zerobus, { ...PROTO, batch }), { outcome: "acknowledged" });
    assert.deepEqual(zerobus.rows(TABLE), Array.from({ length: 2000 }, (_, i) => expectedRow(i)));
    assert.deepEqual(zerobus.refusals, []);
    assert.deepEqual(zerobus.stats, { ...zerobus.stats, openStreams: 0, streams: 1, tokens: 1 });
  });
}

Deno.test("the SDK's JSON rows arrive whole", async () => {
  await using zerobus = await startZerobus();
  const columns = COLUMNS.filter(([name]) => name !== "payload");
  assert.deepEqual(await ingest(zerobus, { ...PROTO, format: "json", columns }), { outcome: "acknowledged" });
  const expected = Array.from({ length: 2000 }, (_, i) => {
    const { payload: _payload, ...row } = expectedRow(i);
    return row;
  });
  assert.deepEqual(zerobus.rows(TABLE), expected);
  assert.deepEqual(zerobus.refusals, []);
});

Deno.test("the SDK leaves a stream whose end is announced, and repeats nothing", async () => {
  // acknowledged at once, the SDK may send one row more in the moment in which it leaves, and repeats that one
  await using zerobus = await startZerobus({ ackDelayMs: 20 });
  zerobus.plan({ on: "request", skip: 100, fault: { kind: "close_signal", graceMs: 60_000 } });
  assert.deepEqual(await ingest(zerobus, { ...PROTO, count: 50_000, batch: 0 }), { outcome: "acknowledged" });
  assert.equal(assertComplete(zerobus, 50_000), 0);
  assert.equal(zerobus.stats.streams, 2);
  assert.equal(zerobus.stats.tokens, 1, "one token serves both streams");
  assert.deepEqual(zerobus.refusals, []);
});

for (
  const [what, fault] of [
    ["unannounced end (6002)", { kind: "status", status: STREAM_TIMEOUT }],
    ["end without a status", { kind: "end_without_status" }],
    ["RST_STREAM", { kind: "reset_stream" }],
    ["TCP reset", { kind: "reset_connection" }],
    ["GOAWAY", { kind: "goaway" }],
    ["lost acknowledgement", { kind: "lose_acks" }],
  ] as const
) {
  Deno.test(`the SDK gets all rows through over this: ${what}`, async () => {
    await using zerobus = await startZerobus({ ackDelayMs: 5 });
    zerobus.plan({ on: "request", skip: 30, isStored: true, fault });
    assert.deepEqual(await ingest(zerobus, { ...PROTO, lack_of_ack_ms: 1000 }), { outcome: "acknowledged" });
    const twice = assertComplete(zerobus, 2000);
    assert.ok(twice > 0 && twice <= 2000, `${twice} rows repeated`);
    assert.equal(zerobus.stats.streams, 2);
    assert.deepEqual(zerobus.refusals, []);
  });
}

Deno.test("the SDK opens its next stream with a fresh token when the one it kept is revoked", async () => {
  const rows: StoredRow[] = [];
  await using zerobus = await startZerobus({
    keep(_table, row) {
      rows.push(row);
      if (rows.length === 2000) zerobus.revokeTokens();
    },
  });
  assert.deepEqual(await ingest(zerobus, { ...PROTO, streams: 2 }), { outcome: "acknowledged" });
  assert.deepEqual(rows.map((row) => row["seq"]), Array.from({ length: 4000 }, (_, i) => i));
  assert.deepEqual(zerobus.stats, { ...zerobus.stats, streams: 2, tokens: 2 });
  assert.deepEqual(zerobus.refusals.map(({ where, status }) => [where, status]), [[TABLE, Code.UNAUTHENTICATED]]);
});

Deno.test("the SDK gives up a stream that it cannot mend because its token is revoked", async () => {
  await using zerobus = await startZerobus();
  zerobus.withholdAcks();
  const ended = ingest(zerobus, PROTO);
  await eventually("all rows are on the way", () => zerobus.count(TABLE) === 2000, 30_000);
  zerobus.revokeTokens();
  zerobus.strike({ kind: "status", status: STREAM_TIMEOUT });
  const { outcome, message } = await ended;
  assert.equal(outcome, "NonRetriableException");
  assert.match(message ?? "", /token/);
});

for (
  const [what, job, refusal, words] of [
    ["a wrong secret", { client_secret: "wrong" }, ["token", 401], /invalid_client|401/],
    ["a column that the table lacks", { columns: [...COLUMNS, ["missing", "string", 9]] }, [TABLE, 3], /missing/],
    ["a column of another type", { columns: [["seq", "int64", 1], ["qos", "int64", 2]] }, [TABLE, 3], /qos/],
    [
      "a table that is not there",
      { table: "iot_data.bronze.elsewhere" },
      ["iot_data.bronze.elsewhere", 5],
      /elsewhere/,
    ],
  ] as const
) {
  Deno.test(`the SDK is refused for good with ${what}`, async () => {
    await using zerobus = await startZerobus();
    const { outcome, message = "" } = await ingest(zerobus, { ...PROTO, ...job });
    assert.equal(outcome, "NonRetriableException", message);
    assert.match(message, words);
    assert.deepEqual(zerobus.refusals.map(({ where, status }) => [where, status])[0], refusal);
    assert.equal(zerobus.count(TABLE), 0);
  });
}

Deno.test("the SDK reports the causes that the service gives for a row", async () => {
  await using zerobus = await startZerobus();
  zerobus.poison((_table, row) => row["seq"] === 777 ? "seq 777 is not liked" : undefined);
  const { outcome, message = "" } = await ingest(zerobus, PROTO);
  assert.equal(outcome, "NonRetriableException", message);
  assert.match(message, /seq 777 is not liked/);
  assert.equal(zerobus.count(TABLE), 760, "all or nothing: the request with that row is not stored");
});
