import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type SinkStand, testSink } from "../../../tests/contract/sink.ts";
import { LOCAL_LANE, localRow, localRows, LocalStand } from "../../../tests/fakes/local_database.ts";
import { encodeRow, MODBUS, MQTT, OPCUA } from "../../bronze/mod.ts";
import { ConfigError, EdgeError } from "../../core/error.ts";
import { laneTo } from "../../core/lane.ts";
import type { Row } from "../../core/reading.ts";
import type { Sink } from "../../core/sink.ts";

const NEVER = new AbortController().signal;
const TABLE = '"iot.bronze.mqtt"';

function stand(): Promise<SinkStand> {
  const local = new LocalStand();
  let other: DatabaseSync | undefined;
  const outage = {
    begin: () => {
      other = new DatabaseSync(local.path);
      other.exec("BEGIN IMMEDIATE");
    },
    end: () => {
      other?.close();
      other = undefined;
    },
  };
  const stored = () => {
    try {
      return local.query(`SELECT seq FROM ${TABLE} ORDER BY rowid`).map(({ seq }) => Number(seq));
    } catch {
      return []; // no file, or no table: nothing is stored
    }
  };
  return Promise.resolve({
    sink: local.database.sink(LOCAL_LANE, MQTT as never), // only name and fields are read
    row: (seq) => localRow(seq),
    stored,
    outage,
    [Symbol.asyncDispose]: () => {
      outage.end();
      local[Symbol.dispose]();
      return Promise.resolve();
    },
  });
}

testSink("LocalSink", stand);

async function connected(local: LocalStand): Promise<Sink> {
  const sink = local.database.sink(LOCAL_LANE, MQTT as never);
  await sink.connect(NEVER);
  return sink;
}

function codeOf(error: unknown): string {
  return error instanceof EdgeError ? error.code : String(error);
}

Deno.test("LocalSink stores every kind of column exactly", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  const row = localRow(1, {
    event_time: 1_700_000_000_123_456,
    ingest_time: 2n ** 62n + 1n,
    timestamp_ms: -(2n ** 63n),
    topic: "\ufeffä/😀/'quoted\"",
    value: 0.1,
    qos: -2,
    retain: true,
    payload: new Uint8Array([0, 255]),
  });
  await sink.send([row], NEVER);
  const [stored] = local.query(`SELECT * FROM ${TABLE}`);
  assert.deepEqual(stored, {
    event_time: 1_700_000_000_123_456n,
    ingest_time: 2n ** 62n + 1n,
    source_name: null,
    topic: "\ufeffä/😀/'quoted\"",
    industry: null,
    sensor_name: null,
    value: 0.1,
    value_string: null,
    unit: null,
    sensor_type: null,
    timestamp_ms: -(2n ** 63n),
    qos: -2n,
    retain: 1n,
    plc_name: null,
    plc_vendor: null,
    plc_model: null,
    payload: new Uint8Array([0, 255]),
    edge_id: "edge-1",
    boot_epoch: 1_700_000_000n,
    seq: 1n,
    labels: null,
    status: null,
    value_type: null,
    is_historical: null,
    is_transient: null,
  });
});

Deno.test("LocalSink keeps int64 exact around 2^53 and text with a zero byte whole", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  const numbers = [
    0n,
    127n,
    128n,
    2n ** 28n - 1n,
    2n ** 28n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 56n,
    -1n,
  ];
  await sink.send(numbers.map((timestamp_ms, seq) => localRow(seq, { timestamp_ms, topic: `a\0${seq}` })), NEVER);
  const stored = local.query(`SELECT timestamp_ms, length(CAST(topic AS BLOB)) AS bytes FROM ${TABLE} ORDER BY seq`);
  assert.deepEqual(stored.map((row) => row.timestamp_ms), numbers);
  assert.ok(stored.every((row) => row.bytes === 3n));
});

Deno.test("LocalSink stores NaN as NULL, and infinities", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  await sink.send([NaN, Infinity, -Infinity].map((value, seq) => localRow(seq, { value })), NEVER);
  const stored = local.query(`SELECT value FROM ${TABLE} ORDER BY seq`);
  assert.deepEqual(stored.map((row) => row.value), [null, Infinity, -Infinity]);
});

Deno.test("LocalSink does not mix a row's values with those of the row before", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  const topics = ["plant/line1/a", "plant/line1/b", "plant/line1/b", "plant/line1/a", "plant/line2/a"];
  await sink.send([
    ...topics.map((topic, seq) => localRow(seq, { topic, unit: "C" })),
    localRow(9),
  ], NEVER);
  const stored = local.query(`SELECT topic, unit FROM ${TABLE} ORDER BY seq`);
  assert.deepEqual(stored.map((row) => row.topic), [...topics, "a/b"]);
  assert.equal(stored.at(-1)?.unit, null);
});

Deno.test("LocalSink stores a row that is sent again once, also after a restart", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  await sink.send(localRows(0, 10), NEVER);
  await sink.send(localRows(5, 10), NEVER);
  local.database[Symbol.dispose]();
  using again = local.open();
  const second = again.sink(LOCAL_LANE, MQTT as never);
  await second.connect(NEVER);
  await second.send(localRows(0, 20), NEVER);
  assert.deepEqual(local.query(`SELECT count(*) AS n, count(DISTINCT seq) AS d FROM ${TABLE}`), [{ n: 20n, d: 20n }]);
});

Deno.test("LocalSink refuses what is no message of its kind, and stores the rest", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  const cut = { ...localRow(1), bytes: localRow(1).bytes.subarray(0, 4) };
  const foreign = { ...localRow(2), bytes: encodeRow(MODBUS, { slave_id: 1 }) }; // a number where MQTT has its topic
  const { rejected } = await sink.send([localRow(0), cut, foreign, localRow(3)], NEVER);
  assert.deepEqual(rejected.map(({ row, reason }) => [row.seq, reason.code]), [
    [1, "row_does_not_fit"],
    [2, "row_does_not_fit"],
  ]);
  assert.deepEqual(local.query(`SELECT seq FROM ${TABLE} ORDER BY seq`), [{ seq: 0n }, { seq: 3n }]);
});

Deno.test("LocalSink adds the columns that an older version's table lacks", async () => {
  using local = new LocalStand();
  Deno.mkdirSync(`${local.home}/data`);
  const old = new DatabaseSync(local.path);
  old.exec(`CREATE TABLE ${TABLE} (topic TEXT, value REAL)`);
  old.exec(`INSERT INTO ${TABLE} VALUES ('old', 1.5)`);
  old.close();
  const sink = await connected(local);
  await sink.send([localRow(1, { value: 2.5, unit: "C" })], NEVER);
  assert.deepEqual(local.query(`SELECT topic, value, unit, seq FROM ${TABLE} ORDER BY rowid`), [
    { topic: "old", value: 1.5, unit: null, seq: null },
    { topic: "a/b", value: 2.5, unit: "C", seq: 1n },
  ]);
});

Deno.test("LocalSink lets two messages share a table whose columns agree", async () => {
  using local = new LocalStand();
  const mqtt = await connected(local);
  const modbus = local.database.sink(laneTo(LOCAL_LANE.table, MODBUS.name), MODBUS as never);
  await modbus.connect(NEVER);
  const register: Row = { ...localRow(2), bytes: encodeRow(MODBUS, { slave_id: 7, value: 4.5 }) };
  await mqtt.send([localRow(1, { value: 3.5 })], NEVER);
  await modbus.send([register], NEVER);
  await mqtt.connect(NEVER);
  await mqtt.send([localRow(3)], NEVER);
  assert.deepEqual(local.query(`SELECT seq, value, slave_id FROM ${TABLE} ORDER BY seq`), [
    { seq: 1n, value: 3.5, slave_id: null },
    { seq: 2n, value: 4.5, slave_id: 7n },
    { seq: 3n, value: null, slave_id: null },
  ]);
});

Deno.test("LocalSink names the column where two messages cannot share a table", async () => {
  using local = new LocalStand();
  await connected(local);
  const opcua = local.database.sink(laneTo(LOCAL_LANE.table, OPCUA.name), OPCUA as never);
  await assert.rejects(opcua.connect(NEVER), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "local_column_type");
    assert.match(error.message, /Column value of iot\.bronze\.mqtt is REAL .* TEXT in OPCUABronzeRecord/);
    return true;
  });
});

Deno.test("LocalSink writes nothing of a send that is given up midway, and goes on after connecting again", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  const stop = new AbortController();
  const given = sink.send(localRows(0, 20_000), stop.signal);
  const later = sink.send(localRows(20_000, 10), NEVER);
  setTimeout(() => stop.abort(new Error("enough")), 0);
  await assert.rejects(given, /enough/);
  await assert.rejects(later, (error) => codeOf(error) === "local_send_in_doubt");
  await assert.rejects(sink.send([localRow(0)], NEVER), (error) => codeOf(error) === "local_sink_not_connected");
  assert.deepEqual(local.query(`SELECT count(*) AS n FROM ${TABLE}`), [{ n: 0n }]);
  await sink.connect(NEVER);
  await sink.send(localRows(0, 20_010), NEVER);
  assert.deepEqual(local.query(`SELECT count(*) AS n FROM ${TABLE}`), [{ n: 20_010n }]);
});

Deno.test("LocalSink gives up connecting when it is aborted while another lane writes", async () => {
  using local = new LocalStand();
  const busy = await connected(local);
  const written = busy.send(localRows(0, 5000), NEVER);
  const stop = new AbortController();
  const other = local.database.sink(laneTo("iot.bronze.other", MQTT.name), MQTT as never).connect(stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(other, /enough/);
  await written;
  assert.deepEqual(local.query("SELECT name FROM sqlite_schema WHERE type = 'table'"), [{ name: LOCAL_LANE.table }]);
});

Deno.test("LocalSink has committed when a send resolves", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  await sink.send(localRows(0, 100), NEVER);
  Deno.copyFileSync(local.path, `${local.home}/copy.db`); // as after a kill: the file and its log, nothing from memory
  Deno.copyFileSync(`${local.path}-wal`, `${local.home}/copy.db-wal`);
  using copy = new DatabaseSync(`${local.home}/copy.db`);
  assert.equal(copy.prepare(`SELECT count(*) AS n FROM ${TABLE}`).get()?.n, 100);
});

Deno.test("LocalSink rejects what waits when the file is closed", async () => {
  using local = new LocalStand();
  const sink = await connected(local);
  const sends = [sink.send(localRows(0, 10_000), NEVER), sink.send(localRows(10_000, 10_000), NEVER)];
  const outcomes = Promise.allSettled(sends);
  await new Promise((resolve) => setTimeout(resolve, 0));
  local.database[Symbol.dispose]();
  for (const outcome of await outcomes) assert.equal(outcome.status, "rejected");
  await assert.rejects(sink.connect(NEVER), (error) => codeOf(error) === "local_file_closed");
});

Deno.test("LocalSink lets the event loop go on while it writes", async () => {
  using local = new LocalStand(64);
  const sink = await connected(local);
  const rows = localRows(0, 50_000, { value: 1, payload: new Uint8Array(100) });
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await sink.send(rows, NEVER);
  clearInterval(timer);
  assert.ok(turns >= 10, `the loop had ${turns} turns`);
});
