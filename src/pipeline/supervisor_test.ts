import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { FakeDevice } from "../../tests/fakes/source.ts";
import { eventually } from "../../tests/wait.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { AuthError } from "../core/error.ts";
import type { ConnectorEvent } from "../core/event.ts";
import { laneTo } from "../core/lane.ts";
import { type ReconnectOptions, Supervisor } from "./supervisor.ts";

const lane = laneTo("main.bronze.t", "FakeRecord");

interface StandOptions extends Partial<ReconnectOptions> {
  readonly maxUnsent?: number;
  /** Further endpoints. */
  readonly others?: readonly string[];
  /** Readings that are accepted. */
  readonly perSecond?: number;
}

/** A supervised fake device and a memory buffer that nobody reads unless the test does. */
class Stand implements AsyncDisposable {
  readonly device = new FakeDevice();
  readonly clock = new FakeClock();
  readonly log = new FakeLogger();
  readonly events: ConnectorEvent[] = [];
  readonly buffer: MemoryBuffer;
  readonly stopping = new AbortController();
  readonly killed = new AbortController();
  readonly supervisor: Supervisor;
  readonly running: Promise<void>;

  constructor({ maxUnsent = 1000, others = [], perSecond, ...reconnect }: StandOptions = {}) {
    const report = (event: ConnectorEvent) => void this.events.push(event);
    this.buffer = new MemoryBuffer({
      edgeId: "e",
      bootEpoch: 1,
      maxUnsent,
      maxUnsentBytes: 1e9,
      dropPolicy: "reject_new",
      warningThreshold: 1,
      maxRowBytes: 4e6,
      maxDeadLetterBytes: 1e6,
      clock: this.clock,
      report,
    });
    const config = { name: "press", endpoint: "fake://press", labels: {}, settings: {} };
    const deps = { home: "/", edgeId: "e", extraRoots: undefined, log: this.log, random: () => 0.5 };
    const route = { source: config.name, lane, encode: this.device.spec.encoder(config) };
    this.supervisor = new Supervisor({
      spec: this.device.spec,
      config,
      route,
      alternates: others.map((endpoint) => ({ config: { ...config, endpoint }, route: { ...route, encode: atOther } })),
      maxReadingsPerSecond: perSecond,
      buffer: this.buffer,
      reconnect: { isEnabled: true, initialMs: 1000, maxMs: 8000, multiplier: 2, maxAttempts: 0, ...reconnect },
      deps: { ...deps, clock: this.clock },
      report,
    });
    this.running = this.supervisor.run({ stopping: this.stopping.signal, killed: this.killed.signal });
  }

  async connected(sessions = 1): Promise<void> {
    await eventually(
      `session ${sessions}`,
      () => this.device.sessions.length === sessions && this.state === "connected",
    );
  }

  /** Where it was connected, in order. */
  get endpoints(): string[] {
    return this.events.flatMap((event) => event.kind === "source_endpoint" ? [event.endpoint] : []);
  }

  get state(): string | undefined {
    return this.states().at(-1);
  }

  states(): string[] {
    return this.events.flatMap((event) => event.kind === "source_state" ? [event.state.state] : []);
  }

  get waits(): number[] {
    return this.events.flatMap((event) => event.kind === "source_failed" ? [event.retryInMs] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort(new Error("over"));
    this.killed.abort(new Error("over"));
    await this.running;
    assert.ok(this.device.sessions.every((session) => session.isDisposed), "every session is closed");
    assert.ok(this.buffer.ledger().balanced);
  }
}

/** Rows of a source's other endpoints. */
function atOther(): Uint8Array {
  return new TextEncoder().encode("other");
}

Deno.test("Supervisor puts what a source reads into the buffer", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.session.produce(3);
  await eventually("three rows wait", () => stand.buffer.level().queued === 3);
  assert.deepEqual(stand.states(), ["connecting", "connected"]);
});

Deno.test("Supervisor acknowledges a withheld batch only once the sink has it", async () => {
  await using stand = new Stand();
  stand.device.isWithheld = true;
  await stand.connected();
  stand.device.session.produce(3, 7);
  await eventually("three rows wait", () => stand.buffer.level().queued === 3);
  assert.deepEqual(stand.device.acked, []);
  await stand.buffer.ack(lane.id, 3);
  await eventually("it is acknowledged", () => stand.device.acked.length === 1);
  assert.deepEqual(stand.device.acked, [7]);
});

Deno.test("Supervisor connects again after a loss, with growing waits, until readings flow", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.session.lose();
  for (const [failures, waitMs] of [[1, 500], [2, 1000], [3, 2000], [4, 4000], [5, 4000]] as const) {
    await eventually(`failure ${failures}`, () => stand.waits.length === failures);
    assert.equal(stand.waits.at(-1), waitMs);
    await stand.clock.advance(waitMs);
    await stand.connected(failures + 1);
    if (failures < 5) stand.device.session.lose();
  }
  stand.device.session.produce(1);
  await eventually("readings flow", () => stand.buffer.level().queued === 1);
  stand.device.session.lose();
  await eventually("the wait is short again", () => stand.waits.at(-1) === 500);
});

Deno.test("Supervisor tries again slowly when the device refuses our credentials", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.refusal = new AuthError("denied", "wrong password");
  stand.device.session.lose();
  await eventually("it waits", () => stand.state === "waiting");
  await stand.clock.advance(500);
  await eventually("it is halted", () => stand.state === "halted");
  assert.equal(stand.waits.at(-1), 60_000);
  stand.device.refusal = undefined;
  await stand.clock.advance(60_000);
  await stand.connected(3);
});

Deno.test("Supervisor that is halted tries each of its endpoints at once when it is told to", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  stand.device.refusal = new AuthError("untrusted", "nobody trusts its certificate");
  await eventually("it is halted", () => stand.state === "halted");
  const { length } = stand.device.sessions;
  stand.device.refusal = undefined;
  stand.device.refusals.set("fake://press", new AuthError("untrusted", "nobody trusts its certificate"));
  stand.supervisor.tryNow();
  await eventually("it is connected", () => stand.state === "connected");
  assert.ok(stand.device.sessions.length - length <= 2);
  assert.equal(stand.device.session.endpoint, "fake://standby");
});

Deno.test("Supervisor tries once more at once where an attempt was under way when it was told to try", async () => {
  await using stand = new Stand();
  stand.device.isSilent = true;
  await eventually("it connects", () => stand.device.sessions.length === 1 && stand.clock.sleeping === 1);
  stand.supervisor.tryNow();
  stand.device.isSilent = false;
  await stand.clock.advance(60_000);
  await stand.connected(2);
  stand.supervisor.tryNow();
  stand.device.session.lose();
  await eventually("it waits as always after a session", () => stand.state === "waiting");
  assert.equal(stand.clock.sleeping, 1);
});

Deno.test("Supervisor gives up an attempt that gets no answer for a minute, says so, and tries again", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.isSilent = true;
  stand.device.session.lose();
  await eventually("it waits", () => stand.state === "waiting");
  await stand.clock.advance(500);
  await eventually("it connects", () => stand.device.sessions.length === 2 && stand.clock.sleeping === 1);
  await stand.clock.advance(60_000);
  await eventually("it has given up", () => stand.waits.length === 2);
  const failure = stand.events.findLast((event) => event.kind === "source_failed");
  assert.match(failure?.error.message ?? "", /^Cannot connect to fake:\/\/press: no answer within 60 s; check address/);
  assert.equal(stand.state, "waiting");
});

Deno.test("Supervisor reports an error that nobody foresaw as a bug, and goes on", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.session.lose(new TypeError("x is undefined"));
  await eventually("it is reported", () => stand.events.some((event) => event.kind === "source_bug"));
  await stand.clock.advance(60_000);
  await stand.connected(2);
});

Deno.test("Supervisor gives up after max_attempts, and says so", async () => {
  await using stand = new Stand({ maxAttempts: 2 });
  await stand.connected();
  stand.device.session.lose();
  await eventually("it waits", () => stand.state === "waiting");
  await stand.clock.advance(500);
  await stand.connected(2);
  stand.device.session.lose();
  await stand.running;
  assert.equal(stand.state, "given_up");
  const end = stand.events.find((event) => event.kind === "source_given_up");
  assert.deepEqual(end?.kind === "source_given_up" && [end.attempts, end.error.message], [2, "the cable was pulled"]);
});

Deno.test("Supervisor does not read on while the buffer is full", async () => {
  await using stand = new Stand({ maxUnsent: 4 });
  await stand.connected();
  for (let i = 0; i < 5; i++) stand.device.session.produce(2, i * 2);
  await eventually("the buffer is full", () => stand.buffer.level().unsent === 4);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(stand.device.session.given, 3);
});

Deno.test("Supervisor that stops keeps its session until what it took is acknowledged", async () => {
  await using stand = new Stand();
  stand.device.isWithheld = true;
  await stand.connected();
  stand.device.session.produce(2);
  await eventually("two rows wait", () => stand.buffer.level().queued === 2);
  stand.stopping.abort(new Error("stopping"));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(stand.device.session.isDisposed, false);
  await stand.buffer.ack(lane.id, 2);
  await stand.running;
  assert.deepEqual(stand.device.acked, [0]);
  assert.ok(stand.device.session.isDisposed);
});

Deno.test("Supervisor gives a batch back when it stops before there was room for it", async () => {
  await using stand = new Stand({ maxUnsent: 1 });
  stand.device.isWithheld = true;
  await stand.connected();
  stand.device.session.produce(3);
  await eventually("one row waits", () => stand.buffer.level().queued === 1);
  stand.stopping.abort(new Error("stopping"));
  await stand.running;
  assert.equal(stand.device.nacked[0]?.code, "stopped");
  assert.deepEqual(stand.device.acked, []);
});

Deno.test("Supervisor that stops waits ten seconds for a session that does not end, says so, and goes on", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.isEndless = true;
  stand.stopping.abort(new Error("stop"));
  await eventually("it ends the session", () => stand.device.session.isDisposed);
  await stand.clock.advance(9999);
  assert.equal(stand.state, "connected");
  await stand.clock.advance(1);
  await stand.running;
  assert.equal(stand.state, "stopped");
  assert.match(
    stand.log.lines.at(-1)?.message ?? "",
    /^The session of press has not ended within 10 s: it is left to itself/,
  );
});

Deno.test("Supervisor shows that a session is being repaired", async () => {
  await using stand = new Stand();
  await stand.connected();
  stand.device.session.deps.report({ kind: "repairing", reason: "the connection broke" });
  stand.device.session.deps.report({ kind: "repaired" });
  assert.deepEqual(stand.states(), ["connecting", "connected", "repairing", "connected"]);
});

Deno.test("Supervisor hands its device's events on under the source's name", async () => {
  await using stand = new Stand();
  await stand.connected();
  const event = { kind: "device_side", what: "overflow", count: 3 } as const;
  stand.device.session.deps.report(event);
  assert.deepEqual(stand.events.at(-1), { kind: "source_event", source: "press", event });
});

Deno.test("Supervisor counts no failure in a row for a quiet device that is lost now and then", async () => {
  await using stand = new Stand({ maxAttempts: 2 });
  for (let month = 1; month <= 5; month++) {
    await stand.connected(month);
    await stand.clock.advance(8000);
    stand.device.session.lose();
    await eventually("it waits", () => stand.state === "waiting");
    assert.equal(stand.waits.at(-1), 500);
    await stand.clock.advance(500);
  }
});

Deno.test("Supervisor tries the next endpoint at once when one cannot be reached, and keeps to the one that works", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  await stand.connected();
  stand.device.unreachable.add("fake://press");
  stand.device.session.lose();
  await stand.connected(2);
  assert.deepEqual(stand.endpoints, ["fake://press", "fake://standby"]);
  assert.deepEqual(stand.waits, [0]);
  stand.device.unreachable.clear();
  await stand.clock.advance(3_600_000);
  assert.equal(stand.device.sessions.length, 2, "that the first one is back changes nothing");
});

Deno.test("Supervisor writes rows of another endpoint as that endpoint's", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  await stand.connected();
  stand.device.session.lose();
  await stand.connected(2);
  stand.device.session.produce(1);
  await eventually("a row waits", () => stand.buffer.level().queued === 1);
  for await (const rows of stand.buffer.next(lane.id, stand.stopping.signal)) {
    assert.deepEqual([...rows].map(({ bytes }) => new TextDecoder().decode(bytes)), ["other"]);
    break;
  }
});

Deno.test("Supervisor says which endpoint it moves to, and what became of the one before", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  await stand.connected();
  stand.device.session.lose();
  await stand.connected(2);
  const moves = stand.events.filter((event) => event.kind === "source_endpoint");
  const common = { kind: "source_endpoint", source: "press", count: 2 };
  assert.deepEqual(moves, [
    { ...common, endpoint: "fake://press", number: 1, before: undefined, left: undefined },
    {
      ...common,
      endpoint: "fake://standby",
      number: 2,
      before: "fake://press",
      left: { endpoint: "fake://press", reason: "the cable was pulled" },
    },
  ]);
});

Deno.test("Supervisor waits once every endpoint had its turn, and goes round", async () => {
  await using stand = new Stand({ others: ["fake://b", "fake://c"] });
  for (const endpoint of ["fake://press", "fake://b", "fake://c"]) stand.device.unreachable.add(endpoint);
  await eventually("it waits", () => stand.state === "waiting");
  assert.deepEqual(stand.waits.slice(-2), [0, 500]);
  assert.deepEqual(stand.device.sessions.map(({ endpoint }) => endpoint), ["fake://press", "fake://b", "fake://c"]);
  stand.device.unreachable.delete("fake://b");
  await stand.clock.advance(500);
  await eventually("it is connected", () => stand.state === "connected");
  assert.deepEqual(stand.endpoints, ["fake://b"]);
});

Deno.test("Supervisor does not run through endpoints that take connections and lose them", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  await stand.connected(1);
  stand.device.session.produce(1);
  await eventually("a reading came", () => stand.buffer.level().queued === 1);
  stand.device.session.lose();
  await stand.connected(2);
  stand.device.session.produce(1);
  await eventually("a reading came", () => stand.buffer.level().queued === 2);
  stand.device.session.lose();
  await eventually("it waits", () => stand.state === "waiting");
  assert.deepEqual(stand.waits, [0, 500]);
});

Deno.test("Supervisor tries the next endpoint when one does not answer, and gives a silent one less time", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  stand.device.isSilent = true;
  await eventually("it connects", () => stand.device.sessions.length === 1 && stand.clock.sleeping === 1);
  stand.device.isSilent = false;
  await stand.clock.advance(20_000);
  await stand.connected(2);
  assert.deepEqual(stand.endpoints, ["fake://standby"]);
});

Deno.test("Supervisor goes on trying an endpoint that restarts, while another one refuses us for a minute", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  await stand.connected();
  stand.device.unreachable.add("fake://press");
  stand.device.refusals.set("fake://standby", new AuthError("denied", "wrong password"));
  stand.device.session.lose();
  await eventually("it waits", () => stand.state === "waiting");
  assert.deepEqual(stand.waits, [0, 500]);
  await stand.clock.advance(500);
  await eventually("it waits again", () => stand.waits.length === 3);
  assert.equal(stand.device.sessions.length, 3, "the one that refuses us was not asked again");
  stand.device.unreachable.clear();
  await stand.clock.advance(1000);
  await stand.connected(4);
  assert.equal(stand.device.session.endpoint, "fake://press");
});

Deno.test("Supervisor is halted once every endpoint refuses us, and tries each again after a minute of its own", async () => {
  await using stand = new Stand({ others: ["fake://standby"] });
  await stand.connected();
  stand.device.refusal = new AuthError("denied", "wrong password");
  stand.device.session.lose();
  await eventually("it waits for the first one", () => stand.state === "waiting");
  await stand.clock.advance(500);
  await eventually("it is halted", () => stand.state === "halted");
  assert.deepEqual(stand.waits, [0, 500, 59_500]);
  assert.deepEqual(stand.device.sessions.map(({ endpoint }) => endpoint).slice(1), ["fake://standby", "fake://press"]);
  await stand.clock.advance(59_500);
  await eventually("it is halted again", () => stand.waits.length === 4);
  assert.equal(stand.device.session.endpoint, "fake://standby");
  assert.equal(stand.waits.at(-1), 500);
});

Deno.test("Supervisor does not read on faster than the readings per second that it may accept", async () => {
  await using stand = new Stand({ perSecond: 10 });
  await stand.connected();
  for (let i = 0; i < 5; i++) stand.device.session.produce(10, i * 10);
  await eventually("it waits", () => stand.clock.sleeping === 1);
  assert.deepEqual([stand.device.session.given, stand.buffer.level().queued], [2, 20], "a burst, and what follows it");
  const told = stand.events.filter(({ kind }) => kind === "source_held_back");
  assert.deepEqual(told, [{ kind: "source_held_back", source: "press", perSecond: 10, waitMs: 1000 }]);
  await stand.clock.advance(1000);
  await eventually("one batch more", () => stand.device.session.given === 3);
  await eventually("it waits again", () => stand.clock.sleeping === 1);
  stand.stopping.abort(new Error("stopping"));
  await stand.running;
  assert.equal(stand.buffer.level().queued, 30);
});

Deno.test("Supervisor sees at once that a session is lost which its limit lets wait, and lets the next one wait instead", async () => {
  await using stand = new Stand({ perSecond: 1 });
  await stand.connected();
  stand.device.session.produce(20);
  stand.device.session.produce(10, 20);
  await eventually("it waits for the first batch", () => stand.clock.sleeping === 1);
  stand.device.session.lose();
  await eventually("the loss is told", () => stand.waits.length === 1);
  assert.equal(stand.buffer.level().queued, 30, "what had arrived is accepted");
  await stand.clock.advance(500);
  await stand.connected(2);
  stand.device.session.produce(1, 30);
  await eventually("it waits for what was accepted", () => stand.clock.sleeping === 1);
  await stand.clock.advance(28_499);
  assert.equal(stand.buffer.level().queued, 30);
  await stand.clock.advance(1);
  await eventually("it goes on", () => stand.buffer.level().queued === 31);
});
