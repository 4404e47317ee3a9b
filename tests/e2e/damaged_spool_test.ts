/** The spool's file is spoilt behind a running connector's back: it goes on by itself, in the same process. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { overwritePages, pagesOfChunks } from "../fakes/spool_damage.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus, type StoredRow } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { Sequences } from "./sequences.ts";
import { startConnector } from "./stand.ts";

/** More than the 500 that wait in memory. */
const MESSAGES = 6000;
/** Messages that the broker may not have a receipt for at a time. */
const AHEAD = 200;
const MEMORY = `
backpressure: { memory_queue: { max_size: 500 }, disk_spool: { compression: false } }
`;

Deno.test("A connector whose spool is spoilt while it runs starts anew by itself, and every row whose bytes are left arrives", async () => {
  await using stack = new AsyncDisposableStack();
  const arrived = new Sequences();
  const keep = (_table: string, row: StoredRow) => {
    arrived.add(String(row.topic), Number(row.value), `${row.boot_epoch} ${row.seq}`);
  };
  const zerobus = stack.use(await startZerobus({ keep }));
  const broker = stack.use(await Mosquitto.start());
  const sources = [
    `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    `mqtt: { topics: [{ topic: "plant/#", qos: 1 }] } }`,
  ];
  const connector = stack.use(await startConnector({ zerobus, sources, settings: MEMORY }));
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  await zerobus.stop();
  const spooled = async () => await connector.metric('connector_ledger_records{state="spooled"}') ?? 0;
  for (let n = 1; n <= MESSAGES; n += AHEAD) {
    await Promise.all(Array.from({ length: AHEAD }, (_, i) => publisher.publish("plant/t", String(n + i))));
    await eventually("it follows", async () => await spooled() >= n - 1, 30_000);
  }
  await eventually("all are in the spool", async () => await spooled() === MESSAGES, 30_000);
  const pid = connector.pid;
  spoil(`${connector.home}/spool/spool.db`);
  await zerobus.start();
  await connector.logged(/^spool_damaged$/);
  const { rows, lost } = await connector.logged(/^spool_salvaged$/);
  assert.ok(Number(lost) > 0, "the page that was spoilt held rows");
  await eventually("what is left arrived", () => arrived.arrived === MESSAGES - Number(lost), 60_000);
  assert.ok(Number(rows) <= arrived.arrived);
  await publisher.publish("plant/t", String(MESSAGES + 1));
  await eventually("it goes on", () => arrived.highest("plant/t") === MESSAGES + 1, 30_000);
  assert.equal(connector.pid, pid);
  assert.equal(await connector.stop(), 0);
  const last = connector.log.at(-1);
  assert.deepEqual([last?.balanced, last?.received, last?.quarantined], [true, MESSAGES + 1, lost]);
});

/** Spoils a page that several chunks begin in, in the file itself: what the log has goes there first. */
function spoil(path: string): void {
  using db = new DatabaseSync(path);
  db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
  const chunks = pagesOfChunks(path);
  const [page] = [...chunks[Math.floor(chunks.length / 2)] ?? []];
  overwritePages(path, page ?? 0);
}
