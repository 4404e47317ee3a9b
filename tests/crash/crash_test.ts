/**
 * A connector is killed at random moments, again and again, while three sources deliver and the workspace comes and goes.
 * `CRASH_KILLS` says how often, `CRASH_SEED` repeats a run as far as the machine's own timing lets it.
 */
import assert from "node:assert/strict";
import { connectPublisher, type Publisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { BRONZE_TABLES, bronzeTable, startZerobus, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { MQTT } from "../../src/bronze/mod.ts";
import { eventually } from "../wait.ts";
import { TAGS, WINDOW } from "./numbered_source.ts";
import { seededRandom } from "./random.ts";
import { FAR_TABLE, type SaidLedger, Victim } from "./victim.ts";
import { Witness } from "./witness.ts";

const KILLS = Number(Deno.env.get("CRASH_KILLS") ?? 20);
const SEED = Number(Deno.env.get("CRASH_SEED") ?? Math.floor(Math.random() * 1e9));
/** How long a connector lives at most, from the moment that it runs. */
const LIFE_MS = 1500;
/** So many are killed while they start: within this time from before their spool is opened. */
const STARTING = { part: 0.25, ms: 250 };
/** The workspace is there, and away, for so long at most. */
const OUTAGE = { thereMs: 2500, awayMs: 1500 };
/** Messages that the broker sends to one client without receipts: so many can come again after a kill. */
const RECEIVE_WINDOW = 100;
const TOPICS = 4;
/** Of the numbers published to each topic, so many at most go at once, and then nothing for so long at most. */
const BURST = { numbers: 20, pauseMs: 40 };
/** Rows are under way for so long, so that a kill meets some. */
const ACK_DELAY_MS = 50;

Deno.test(`What three sources had accepted arrives, in order, its repetitions told apart, over ${KILLS} kills`, async () => {
  console.log(`CRASH_SEED=${SEED}`);
  await using stack = new AsyncDisposableStack();
  const witness = new Witness();
  const tables = [...BRONZE_TABLES, bronzeTable(`iot_data.bronze.${FAR_TABLE}`, MQTT)];
  const zerobus = stack.use(await startZerobus({ ackDelayMs: ACK_DELAY_MS, keep: witness.keep, tables }));
  const broker = stack.use(await Mosquitto.start({ maxInflight: RECEIVE_WINDOW }));
  const line = `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    `mqtt: { topics: [{ topic: "line/#", qos: 1 }] } }`;
  const victim = stack.use(await Victim.make(zerobus, [line]));
  const publisher = stack.use(await connectPublisher(broker.port));
  const calm = new AbortController();
  await victim.start(SEED);
  await victim.said(/Source line is connected/); // from now on the broker keeps messages for it
  const publishing = publishUntil(publisher, calm.signal);
  const disturbing = comeAndGo(zerobus, calm.signal);
  stack.defer(async () => {
    calm.abort();
    await Promise.allSettled([publishing, disturbing]);
  });
  await killAgainAndAgain(victim);
  calm.abort();
  await disturbing;
  const published = await publishing;
  await victim.start(SEED + KILLS + 1);
  const topics = Array.from({ length: TOPICS }, (_, t) => `line/t${t}`);
  const isAll = () => topics.every((topic) => witness.of("line").highest(topic) >= published);
  await eventually("all that was published has arrived", isAll, 60_000);
  const ledger = await victim.stop();

  const accepted = published * TOPICS + (victim.accepted.near + victim.accepted.far) * TAGS;
  const [mqtt, near, far] = [witness.of("line"), witness.of("near"), witness.of("far")];
  const lost = accepted - mqtt.arrived - near.arrived - far.arrived;
  const redelivered = mqtt.redelivered + near.redelivered + far.redelivered;
  console.log(
    `${KILLS} kills: ${accepted} accepted, ${lost} lost, ${witness.resent} resent, ${redelivered} redelivered ` +
      `(${mqtt.redelivered} by the broker)`,
  );
  assertArrived(witness, { published, accepted: victim.accepted });
  assert.equal(lost, 0);
  assert.ok(witness.resent > 0, "rows were under way when it was killed");
  assert.ok(mqtt.redelivered <= KILLS * RECEIVE_WINDOW, `the broker sent ${mqtt.redelivered} again`);
  for (const each of [near, far]) assert.ok(each.redelivered <= KILLS * WINDOW * TAGS, `${each.redelivered} again`);
  assertOneInstallation(witness, victim);
  assert.deepEqual(victim.faults.slice(0, 10), []);
  assertSettled(ledger, witness.rows);
});

async function killAgainAndAgain(victim: Victim): Promise<void> {
  const random = seededRandom(SEED);
  for (let kill = 1; kill <= KILLS; kill++) {
    if (kill > 1) await victim.start(SEED + kill);
    if (kill > 1 && random() < STARTING.part) await passed(random() * STARTING.ms);
    else {
      await victim.said(/^opened /);
      await passed(random() * LIFE_MS);
    }
    await victim.kill();
  }
}

/** The workspace goes away and comes back, when it likes, until `calm`; then it is there. */
async function comeAndGo(zerobus: ZerobusPeer, calm: AbortSignal): Promise<void> {
  const random = seededRandom(SEED + 1e6);
  while (!calm.aborted) {
    await passed(random() * OUTAGE.thereMs, calm);
    await zerobus.stop();
    await passed(random() * OUTAGE.awayMs, calm);
    await zerobus.start();
  }
}

/** Publishes 1, 2, 3, … to each topic. Resolves with the last number once the broker has acknowledged all of them. */
async function publishUntil(publisher: Publisher, calm: AbortSignal): Promise<number> {
  const random = seededRandom(SEED + 2e6);
  const acknowledged: Promise<void>[] = [];
  let number = 0;
  while (!calm.aborted) {
    for (let left = Math.ceil(random() * BURST.numbers); left > 0; left--) {
      number++;
      for (let t = 0; t < TOPICS; t++) acknowledged.push(publisher.publish(`line/t${t}`, String(number)));
    }
    await passed(random() * BURST.pauseMs, calm);
  }
  await Promise.all(acknowledged);
  return number;
}

/** Resolves when the time is over, or with `calm`. */
async function passed(ms: number, calm?: AbortSignal): Promise<void> {
  const dueMs = performance.now() + ms;
  await eventually("its moment has come", () => performance.now() >= dueMs || calm?.aborted);
}

/** Every tag has all its numbers, from the first to the last that was accepted. */
function assertArrived(
  witness: Witness,
  { published, accepted }: { readonly published: number; readonly accepted: { near: number; far: number } },
): void {
  assert.deepEqual(witness.faults.slice(0, 10), []);
  for (const [source, last] of Object.entries({ line: published, ...accepted })) {
    for (let t = 0; t < TAGS; t++) assert.equal(witness.of(source).highest(`${source}/t${t}`), last, `${source} ${t}`);
    assert.equal(witness.of(source).arrived, last * TAGS, `${source} begins with 1`);
  }
}

/** It stays the same installation, whose starts can be told apart and put in order. */
function assertOneInstallation({ makers }: Witness, { boots }: Victim): void {
  assert.equal(new Set(boots.map(({ edgeId }) => edgeId)).size, 1);
  for (const [i, { epoch }] of boots.entries()) assert.ok(i === 0 || epoch > boots[i - 1]!.epoch, "epochs grow");
  const known = new Set(boots.map(({ edgeId, epoch }) => `${edgeId} ${epoch}`));
  assert.ok(makers.isSubsetOf(known), "rows say which start made them");
  assert.ok(makers.size > 1);
}

/** The ledger, which began with the first start, knows each row that came, and nothing is left. */
function assertSettled({ received, written, queued, spooled }: SaidLedger, rows: number): void {
  assert.deepEqual({ received, written, queued, spooled }, { received: rows, written: rows, queued: 0, spooled: 0 });
}
