import assert from "node:assert/strict";
import { LOCAL_LANE, localRow, localRows, LocalStand } from "../../../tests/fakes/local_database.ts";
import { MQTT } from "../../bronze/mod.ts";
import { laneTo } from "../../core/lane.ts";
import type { Sink } from "../../core/sink.ts";

const NEVER = new AbortController().signal;
const MB = 1024 * 1024;
const payload = { payload: new Uint8Array(2000) };

async function fill(sink: Sink, from: number, count: number): Promise<void> {
  for (let seq = from; seq < from + count; seq += 500) await sink.send(localRows(seq, 500, payload), NEVER);
}

async function open(local: LocalStand, database = local.database, table = LOCAL_LANE.table): Promise<Sink> {
  const sink = database.sink(laneTo(table, MQTT.name), MQTT as never);
  await sink.connect(NEVER);
  return sink;
}

function pruned(local: LocalStand, table = LOCAL_LANE.table): number {
  let count = 0;
  for (const event of local.events) if (event.kind === "rows_pruned" && event.table === table) count += event.count;
  return count;
}

function usedBytes(local: LocalStand): number {
  const [row] = local.query(
    "SELECT (page_count - freelist_count) * page_size AS used FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
  );
  return Number(row?.used);
}

Deno.test("LocalSink deletes the oldest rows beyond the largest size, counts them, and keeps the newest", async () => {
  using local = new LocalStand(16);
  const sink = await open(local);
  await fill(sink, 0, 20_000); // some 45 MB
  const [left] = local.query('SELECT min(seq) AS first, max(seq) AS last, count(*) AS n FROM "iot.bronze.mqtt"');
  assert.equal(left?.last, 19_999n);
  assert.equal(left?.n, 20_000n - (left?.first as bigint));
  assert.equal(pruned(local), Number(left?.first));
  assert.ok(usedBytes(local) < 17.5 * MB, `${usedBytes(local)} bytes`);
  assert.ok(usedBytes(local) > 13 * MB, `${usedBytes(local)} bytes`);
  assert.ok(Deno.statSync(local.path).size < 20 * MB);
});

Deno.test("LocalSink deletes from the larger table first", async () => {
  using local = new LocalStand(16);
  const small = await open(local, local.database, "iot.bronze.small");
  await small.send(localRows(0, 100, payload), NEVER);
  await fill(await open(local), 0, 10_000);
  assert.equal(pruned(local, "iot.bronze.small"), 0);
  assert.ok(pruned(local) > 0);
  assert.deepEqual(local.query('SELECT count(*) AS n FROM "iot.bronze.small"'), [{ n: 100n }]);
});

Deno.test("LocalSink gives disk space back after the largest size was lowered", async () => {
  using local = new LocalStand(64);
  await fill(await open(local), 0, 20_000);
  local.database[Symbol.dispose]();
  assert.ok(Deno.statSync(local.path).size > 40 * MB);
  using smaller = local.open(16);
  await (await open(local, smaller)).send([localRow(50_000)], NEVER);
  smaller[Symbol.dispose]();
  assert.ok(Deno.statSync(local.path).size < 18 * MB, `${Deno.statSync(local.path).size} bytes`);
  assert.equal(local.query('SELECT max(seq) AS last FROM "iot.bronze.mqtt"')[0]?.last, 50_000n);
});

Deno.test("LocalSink takes a row that alone exceeds the largest size", async () => {
  using local = new LocalStand(16);
  const sink = await open(local);
  const huge = { payload: new Uint8Array(17 * MB) };
  await sink.send([localRow(1, huge)], NEVER);
  await sink.send([localRow(2)], NEVER);
  assert.deepEqual(local.query('SELECT seq FROM "iot.bronze.mqtt"'), [{ seq: 2n }]);
});
