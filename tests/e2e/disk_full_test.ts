/** A connector whose disk somebody else fills: how soon it says so, and how soon it goes on. */
import assert from "node:assert/strict";
import { canMount, MountedDisk } from "../integration/mounted_disk.ts";
import { connectPublisher, type Publisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus, type StoredRow } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { Sequences } from "./sequences.ts";
import { clearUp, fillUp, freeBytes } from "./fill_disk.ts";
import { startConnector, stopBalanced } from "./stand.ts";

const TOPICS = 4;
/** Messages that the broker has no receipt for, at most. */
const AHEAD = 400;
/** Payloads that do not compress to much less. */
const PAYLOAD_BYTES = 4000;
/** From the disk being full, or having room, until /health says so. */
const LIMITS = { fullMs: 5000, roomMs: 10_000 };

Deno.test({
  name: "/health says within 5 s that the disk is full and within 10 s that there is room again, and nothing is lost",
  ignore: !canMount,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const arrived = new Sequences();
    const keep = (_table: string, row: StoredRow) => {
      arrived.add(String(row.topic), Number(String(row.value_string).split(" ")[0]), `${row.boot_epoch} ${row.seq}`);
    };
    const zerobus = stack.use(await startZerobus({ keep }));
    const broker = stack.use(await Mosquitto.start());
    const disk = stack.use(await MountedDisk.make(64));
    const line = `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
      `mqtt: { payload: { format: text }, topics: [{ topic: "plant/#", qos: 1 }] } }`;
    const connector = stack.use(await startConnector({ zerobus, sources: [line] }, `${disk.path}/home`));
    await connector.logged(/Source line is connected/);
    const publisher = stack.use(await connectPublisher(broker.port));
    const enough = new AbortController();
    await zerobus.stop();
    const publishing = publishUntil(publisher, { signal: enough.signal, taken: () => takenBy(connector) });
    stack.defer(async () => {
      enough.abort();
      await Promise.allSettled([publishing]);
    });
    await eventually("rows wait", async () => await takenBy(connector) > AHEAD);

    fillUp(disk.path);
    const fullMs = await timed("the disk is told to be full", () => isFull(connector), LIMITS.fullMs);
    assert.ok(freeBytes(disk.path) > 0, "the reserve was given back");
    fillUp(disk.path);
    const atFull = await takenBy(connector);
    assert.ok(await isFull(connector));
    clearUp(disk.path);
    const roomMs = await timed("room is told of", async () => !(await isFull(connector)), LIMITS.roomMs);
    await eventually("rows come in again", async () => await takenBy(connector) > atFull + AHEAD);
    enough.abort();
    const published = await publishing;
    await zerobus.start();
    await eventually("all arrived", () => arrived.arrived === published, 30_000);
    const last = await stopBalanced(connector);
    console.log(
      `full: told after ${fullMs.toFixed(0)} ms; room: told after ${roomMs.toFixed(0)} ms; ${published} rows`,
    );
    assert.deepEqual(arrived.faults, []);
    assert.equal(last.received, published + arrived.redelivered);
    assert.equal(arrived.redelivered, 0);
  },
});

async function isFull(connector: Connector): Promise<boolean> {
  const { causes } = await connector.health() as { causes: string[] };
  return causes.includes("the queue is full");
}

/** Readings that the connector has taken in. */
async function takenBy(connector: Connector): Promise<number> {
  return await connector.metric('connector_ledger_records{state="received"}') ?? 0;
}

/** How many milliseconds it takes. @throws when it takes longer than `limitMs` */
async function timed(what: string, probe: () => Promise<boolean>, limitMs: number): Promise<number> {
  const startMs = performance.now();
  await eventually(what, probe, limitMs);
  return performance.now() - startMs;
}

interface Publishing {
  readonly signal: AbortSignal;
  /** How many messages the connector has taken. */
  readonly taken: () => Promise<number>;
}

/** Publishes to each topic texts that begin with 1, 2, 3, …; resolves with how many there were. */
async function publishUntil(publisher: Publisher, { signal, taken }: Publishing): Promise<number> {
  let published = 0;
  while (!signal.aborted) {
    const numbers = Array.from({ length: AHEAD / 4 }, (_, i) => published + i);
    await Promise.all(
      numbers.map((n) => publisher.publish(`plant/t${n % TOPICS}`, textOf(Math.floor(n / TOPICS) + 1))),
    );
    published += numbers.length;
    await eventually("the connector follows", async () => (
      signal.aborted || await taken() > published - AHEAD
    ), 60_000);
  }
  return published;
}

function textOf(number: number): string {
  return `${number} ${crypto.getRandomValues(new Uint8Array(PAYLOAD_BYTES)).toBase64()}`;
}
