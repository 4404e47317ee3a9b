/**
 * Two hundred units over twenty connections, one of ten dead and one of ten slow on each. MODBUS_LOAD_ROUNDS=250 for
 * the long form, which would show a leak.
 */
import assert from "node:assert/strict";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";
import { configOf } from "./modbus_session.ts";

const CONNECTIONS = 20;
const UNITS = 10;
const [DEAD, SLOW] = [4, 7];
const ROUNDS = Number(Deno.env.get("MODBUS_LOAD_ROUNDS") ?? 30);
/** What V8 lets lie before it tidies up is less; a kilobyte per reading in the long form is more. */
const MAX_HEAP_GROWTH = 64 * 1024 * 1024;

/** How often each unit of one connection was read; nothing else of it is kept. */
class Counting implements AsyncDisposable {
  readonly counts = new Map<number, number>();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(server: ModbusServer) {
    this.#running = this.#run(server);
  }

  async #run(server: ModbusServer): Promise<void> {
    const registers = Array.from({ length: UNITS }, (_, at) => (
      { name: `u${at + 1}`, address: 0, slave_id: at + 1, ...at + 1 === SLOW ? { register_type: "input" } : {} }
    ));
    const config = configOf(server.port, { registers, poll_interval_seconds: 0.1, timeout_seconds: 0.15 });
    await using source = (await modbus.load()).create(config, fakeSourceDeps());
    await source.connect(AbortSignal.timeout(10_000));
    for await (const { readings } of source.batches(this.#stop.signal)) {
      for (const { tag } of readings) {
        this.counts.set(Number(tag.slice(1)), (this.counts.get(Number(tag.slice(1))) ?? 0) + 1);
      }
    }
  }

  countOf(unit: number): number {
    return this.counts.get(unit) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

const HEALTHY = Array.from({ length: UNITS }, (_, at) => at + 1).filter((unit) => unit !== DEAD && unit !== SLOW);

Deno.test("ModbusSource reads 200 units over 20 connections, and a dead and a slow one starve nobody", async () => {
  await using server = startModbusServer();
  server.silence(DEAD);
  server.spoilAll("input", { kind: "late", ms: 40 });
  await using resources = new AsyncDisposableStack();
  const all = Array.from({ length: CONNECTIONS }, () => resources.use(new Counting(server)));
  const everyUnit = (enough: number) =>
    all.every((each) => [...HEALTHY, SLOW].every((unit) => each.countOf(unit) >= enough));
  await eventually("a first reading of every unit", () => everyUnit(1), 20_000);
  assert.ok(server.requests < 4 * CONNECTIONS * UNITS, `${server.requests} requests for the first round`);
  const early = await lowestHeap(`a tenth of ${ROUNDS} readings of every unit`, () => everyUnit(ROUNDS / 10));
  await lowestHeap(`half of ${ROUNDS} readings of every unit`, () => everyUnit(ROUNDS / 2));
  const late = await lowestHeap(`${ROUNDS} readings of every unit`, () => everyUnit(ROUNDS));
  for (const each of all) {
    const counts = HEALTHY.map((unit) => each.countOf(unit));
    assert.ok(Math.min(...counts) >= 0.5 * Math.max(...counts), `in fair turns: ${counts}`);
    assert.ok(each.countOf(SLOW) >= 0.5 * Math.max(...counts), `slow and not starved: ${each.countOf(SLOW)}`);
    assert.equal(each.countOf(DEAD), 0);
  }
  const askedInVain = server.seen.filter(({ unit }) => unit === DEAD).length;
  assert.ok(askedInVain < 0.3 * CONNECTIONS * ROUNDS, `the dead ones were asked ${askedInVain} times`);
  assert.equal(server.accepted, CONNECTIONS, "nobody lost a connection");
  assert.ok(late - early < MAX_HEAP_GROWTH, `the heap has grown from ${early} to ${late} bytes`);
});

/** The least that the heap held meanwhile: at its least there is hardly anything in it that nobody holds. */
async function lowestHeap(what: string, until: () => boolean): Promise<number> {
  let lowest = Infinity;
  await eventually(what, () => {
    lowest = Math.min(lowest, Deno.memoryUsage().heapUsed);
    return until();
  }, 60_000 + 300 * ROUNDS);
  return lowest;
}
