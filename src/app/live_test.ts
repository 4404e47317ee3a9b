import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { FakeSink } from "../../tests/fakes/sink.ts";
import { FakeDevice } from "../../tests/fakes/source.ts";
import { FakeSourceMemory } from "../../tests/fakes/source_memory.ts";
import { eventually } from "../../tests/wait.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { configSchema, type LoadedConfig, type SourceEntry } from "../config/mod.ts";
import { AuthError } from "../core/error.ts";
import type { Lane } from "../core/lane.ts";
import { Backoff } from "../lib/backoff.ts";
import { systemClock as clock } from "../lib/clock.ts";
import { Breaker, Forwarder, Pipeline } from "../pipeline/mod.ts";
import type { Trial } from "../service/config_engine.ts";
import { StatusBoard } from "../telemetry/mod.ts";
import { Live } from "./live.ts";
import { LiveLanes } from "./live_lanes.ts";
import { LiveSources } from "./live_sources.ts";
import { supervise } from "./source_parts.ts";

const TRIAL: Trial = { waitFor: "connected", withinMs: 200 };
const NEVER = new AbortController().signal;

interface Entry {
  readonly device: FakeDevice;
  readonly table?: string;
  readonly settings?: unknown;
}

/** A configuration with these sources, by name. */
function loadedOf(entries: Readonly<Record<string, Entry>>): LoadedConfig {
  const sources = Object.entries(entries).map(([name, { device, table = "t", settings = 1 }]): SourceEntry => ({
    spec: { ...device.spec, message: "MQTTBronzeRecord" },
    config: { name, endpoint: `fake://${name}`, labels: {}, settings },
    alternates: [],
    rateLimit: { requests_per_second: null, readings_per_second: null },
    isEnabled: true,
    table: `main.bronze.${table}`,
  }));
  const config = configSchema.parse({ processing: { validation: { enabled: false } } });
  const made = { yaml: "", document: {}, state: {}, origins: {}, tag: "" };
  return { config, sources, warnings: [], file: "c.yaml", made };
}

/** Everything that follows the configuration, on fakes. */
class Stand implements AsyncDisposable {
  readonly board = new StatusBoard(clock);
  readonly sinks = new Map<string, FakeSink>();
  readonly closed: string[] = [];
  readonly live: Live;
  readonly buffer: MemoryBuffer;
  readonly lanes: LiveLanes;
  readonly #pipeline: Pipeline;

  constructor(entries: Readonly<Record<string, Entry>>) {
    const { report } = this.board;
    const bounds = { maxUnsent: 1000, maxUnsentBytes: 1e9, warningThreshold: 1, maxRowBytes: 4e6 };
    const rest = { dropPolicy: "reject_new", maxDeadLetterBytes: 1e6, clock, report } as const;
    const buffer = new MemoryBuffer({ edgeId: "e", bootEpoch: 1, ...bounds, ...rest });
    const pipeline = new Pipeline({ buffer, clock });
    const log = new FakeLogger();
    const deps = { home: "/", edgeId: "e", extraRoots: undefined, log, random: () => 0.5, clock };
    const sources = new LiveSources({
      pipeline,
      memoryOf: () => Object.assign(new FakeSourceMemory(), { [Symbol.dispose]: () => {} }),
      supervise: (source, config, memory) => supervise(source, { config, memory, buffer, deps, report }),
    });
    const targets = {
      add: (lane: Lane) => {
        const sink = new FakeSink();
        this.sinks.set(lane.table, sink);
        return { sink, maxInFlightBytes: 1e6 };
      },
      remove: (id: string) => Promise.resolve(void this.closed.push(id)),
    };
    const times = { isEnabled: true, failureThreshold: 5, successThreshold: 2, openMs: 60_000, probeMs: 60_000 };
    this.lanes = new LiveLanes({
      pipeline,
      targets,
      buffer,
      log,
      forward: ({ id }, { sink, maxInFlightBytes }) =>
        new Forwarder({
          lane: id,
          sink,
          buffer,
          limits: { maxRows: 10, maxBytes: 1e6, maxWaitMs: 10 },
          maxInFlightBytes,
          breaker: new Breaker({ ...times, clock, changed: () => {} }),
          backoff: new Backoff({ initialMs: 10, maxMs: 80, multiplier: 2, random: () => 0.5 }),
          clock,
          report,
        }),
    });
    const telemetry = {
      board: this.board,
      know: () => {},
      forget: (gone: Parameters<StatusBoard["forget"]>[0]) => this.board.forget(gone),
    };
    this.live = new Live({ loaded: loadedOf(entries), sources, lanes: this.lanes, telemetry, clock });
    this.#pipeline = pipeline;
    this.buffer = buffer;
    this.live.start();
  }

  change(entries: Readonly<Record<string, Entry>>, trial = TRIAL): Promise<void> {
    return this.live.change(loadedOf(entries), trial, NEVER);
  }

  get states(): Record<string, string> {
    return Object.fromEntries([...this.board.sources].map(([name, { state }]) => [name, state]));
  }

  async connected(...names: string[]): Promise<void> {
    await eventually(`${names} are connected`, () => names.every((name) => this.states[name] === "connected"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pipeline[Symbol.asyncDispose]();
  }
}

Deno.test("Live.change() begins what is new, ends what is gone, and leaves alone what stays", async () => {
  const [a, b, c] = [new FakeDevice(), new FakeDevice(), new FakeDevice()];
  await using stand = new Stand({ a: { device: a }, b: { device: b } });
  await stand.connected("a", "b");
  await stand.change({ a: { device: a }, c: { device: c } });
  assert.deepEqual(stand.states, { a: "connected", c: "connected" });
  assert.deepEqual([a.sessions.length, b.session.isDisposed, a.session.isDisposed], [1, true, false]);
});

Deno.test("Live.change() ends the old before it begins the new: they may want the same line", async () => {
  const device = new FakeDevice();
  await using stand = new Stand({ a: { device } });
  await stand.connected("a");
  const { spec } = device;
  const ended: boolean[] = [];
  const watched = new FakeDevice();
  Object.defineProperty(watched, "spec", {
    value: {
      ...spec,
      load: async () => {
        ended.push(device.sessions.every(({ isDisposed }) => isDisposed));
        return await spec.load();
      },
    },
  });
  await stand.change({ b: { device: watched } });
  assert.deepEqual(ended, [true]);
});

Deno.test("Live.change() takes back a change whose source is refused, at once, and says why", async () => {
  const [a, b] = [new FakeDevice(), new FakeDevice()];
  b.refusal = new AuthError("refused", "The device does not know this user");
  await using stand = new Stand({ a: { device: a } });
  await stand.connected("a");
  const change = stand.change({ a: { device: a, settings: 2 }, b: { device: b } }, { ...TRIAL, withinMs: 60_000 });
  await assert.rejects(change, {
    code: "change_not_applied",
    message: /b is not connected \(The device does not know/,
  });
  await stand.connected("a");
  assert.deepEqual(stand.states, { a: "connected" });
  assert.deepEqual(stand.live.loaded.sources.map(({ config }) => config.settings), [1]);
});

Deno.test("Live.change() waits no longer than it may, and keeps what is away where that is allowed", async () => {
  const [a, b] = [new FakeDevice(), new FakeDevice()];
  b.unreachable.add("fake://b");
  await using stand = new Stand({ a: { device: a } });
  await stand.connected("a");
  const both = { a: { device: a }, b: { device: b } };
  await assert.rejects(stand.change(both), { message: /b is not connected \(Cannot reach fake:\/\/b\) within 0\.2 s/ });
  await stand.change(both, { waitFor: "not_halted", withinMs: 60_000 });
  assert.equal(stand.states.b, "waiting");
});

Deno.test("Live.change() does not wait for a changed source that was down before", async () => {
  const device = new FakeDevice();
  device.unreachable.add("fake://a");
  await using stand = new Stand({ a: { device } });
  await eventually("it has failed", () => stand.states.a === "waiting");
  await stand.change({ a: { device, settings: 2 } }, { ...TRIAL, withinMs: 60_000 });
  assert.deepEqual(stand.live.loaded.sources.map(({ config }) => config.settings), [2]);
});

Deno.test("Live.change() opens the table of a new source, and closes it when nothing waits for it any more", async () => {
  const [a, b] = [new FakeDevice(), new FakeDevice()];
  await using stand = new Stand({ a: { device: a } });
  await stand.connected("a");
  await stand.change({ a: { device: a }, b: { device: b, table: "u" } });
  b.session.produce(5);
  await eventually("its rows arrive", () => stand.sinks.get("main.bronze.u")?.stored.length === 5);
  await eventually("they are acknowledged", () => stand.buffer.level().queued === 0);
  await stand.change({ a: { device: a } });
  assert.deepEqual(stand.closed, ["main.bronze.u#MQTTBronzeRecord"]);
  assert.deepEqual([...stand.board.lanes.keys()], ["main.bronze.t#MQTTBronzeRecord"]);
});

Deno.test("Live.change() keeps a table open for as long as rows wait for it", async () => {
  const [a, b] = [new FakeDevice(), new FakeDevice()];
  await using stand = new Stand({ a: { device: a }, b: { device: b, table: "u" } });
  await stand.connected("a", "b");
  const sink = stand.sinks.get("main.bronze.u");
  assert.ok(sink);
  sink.holds = true;
  b.session.produce(5);
  await eventually("its rows are out", () => sink.stored.length === 5);
  await stand.change({ a: { device: a } });
  assert.deepEqual(stand.closed, []);
  sink.release();
  await eventually("they are acknowledged", () => stand.buffer.level().queued === 0);
  await stand.change({ a: { device: a, settings: 2 } });
  assert.deepEqual(stand.closed, ["main.bronze.u#MQTTBronzeRecord"]);
});
