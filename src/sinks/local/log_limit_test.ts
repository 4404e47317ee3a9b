import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { LOCAL_LANE, localRows, LocalStand } from "../../../tests/fakes/local_database.ts";
import { MQTT } from "../../bronze/mod.ts";
import { ConnectionError } from "../../core/error.ts";

const NEVER = new AbortController().signal;
const MB = 1024 * 1024;
const payload = { payload: new Uint8Array(2000) };

Deno.test("LocalSink takes no more while another program's transaction makes SQLite's log grow, and then goes on", async () => {
  using local = new LocalStand(16);
  const sink = local.database.sink(LOCAL_LANE, MQTT as never);
  await sink.connect(NEVER);
  await sink.send(localRows(0, 500, payload), NEVER);
  const reader = new DatabaseSync(local.path, { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare('SELECT count(*) FROM "iot.bronze.mqtt"').get();
  let failure: unknown;
  for (let seq = 500; seq < 60_000 && !failure; seq += 500) {
    failure = await sink.send(localRows(seq, 500, payload), NEVER).then(() => undefined, (error) => error);
  }
  assert.ok(failure instanceof ConnectionError, `${failure}`);
  assert.equal(failure.code, "local_log_full");
  assert.match(failure.message, /local\.db-wal has reached 32 MiB: close that program/);
  assert.ok(Deno.statSync(`${local.path}-wal`).size < 48 * MB);
  reader.close();
  await sink.connect(NEVER);
  await sink.send(localRows(70_000, 1), NEVER);
  assert.ok(Deno.statSync(`${local.path}-wal`).size < MB);
});
