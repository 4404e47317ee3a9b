import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError, EdgeError, TimeoutError } from "../../src/core/error.ts";
import { testSink } from "../contract/sink.ts";
import { BRONZE_TABLES, Code, STREAM_TIMEOUT, type StreamFault } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { bronzeRow, bronzeRows, FakeStand, TABLE } from "./zerobus_fake_stand.ts";

const NEVER = new AbortController().signal;

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Sends rows 0 to `count - 1` in tens, all at once; what fails is sent again, in order, once the sink has connected again. */
async function deliver({ sink }: FakeStand, count: number): Promise<{ failures: EdgeError[] }> {
  const failures: EdgeError[] = [];
  let waiting = upTo(count / 10).map((i) => bronzeRows(i * 10, 10));
  while (waiting.length > 0) {
    await eventually("it connects", () => sink.connect(NEVER).then(() => true, () => false), 20_000);
    const outcomes = await Promise.allSettled(waiting.map((rows) => sink.send(rows, NEVER)));
    for (const outcome of outcomes) if (outcome.status === "rejected") failures.push(outcome.reason);
    waiting = waiting.filter((_, i) => outcomes[i]?.status === "rejected");
  }
  return { failures };
}

/** Each row is there, and the first time they came in order. */
function assertComplete(stand: FakeStand, count: number): void {
  assert.deepEqual([...new Set(stand.stored)], upTo(count));
}

testSink("ZerobusSink to the fake workspace", async () => {
  const stand = await FakeStand.start();
  return {
    sink: stand.sink,
    row: bronzeRow,
    stored: () => stand.stored,
    outage: { begin: () => stand.zerobus.stop(), end: () => stand.zerobus.start() },
    [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose](),
  };
});

Deno.test("rows arrive in the fake workspace column by column", async () => {
  await using stand = await FakeStand.start();
  await stand.sink.connect(NEVER);
  await stand.sink.send([bronzeRow(7)], NEVER);
  assert.deepEqual(stand.zerobus.rows(TABLE), [{
    event_time: 1_700_000_000_000_007,
    topic: "plant/oven",
    sensor_name: "oven",
    value: 3.5,
    qos: 1,
    retain: false,
    edge_id: "e",
    boot_epoch: 1,
    seq: 7,
  }]);
  assert.deepEqual(stand.zerobus.refusals, []);
});

for (
  const [what, fault] of [
    ["an end that was not announced (6002)", { kind: "status", status: STREAM_TIMEOUT }],
    ["an end with OK", { kind: "status", status: { code: Code.OK } }],
    ["an end without trailers, with RST_STREAM", { kind: "end_without_status", isReset: true }],
    ["an end without trailers", { kind: "end_without_status" }],
    ["RST_STREAM", { kind: "reset_stream" }],
    ["GOAWAY and the end of the connection", { kind: "goaway" }],
    ["a TCP reset", { kind: "reset_connection" }],
    ["RESOURCE_EXHAUSTED", { kind: "status", status: { code: Code.RESOURCE_EXHAUSTED, message: "quota" } }],
    ["a token that runs out in mid-stream", { kind: "status", status: { code: Code.UNAUTHENTICATED } }],
    ["acknowledgements that are lost", { kind: "lose_acks" }],
    ["a service that stands still", { kind: "freeze" }],
    ["an acknowledgement of what was never sent", { kind: "ack", upTo: 1_000_000 }],
    ["a negative acknowledgement", { kind: "ack", upTo: -1 }],
  ] as const satisfies readonly (readonly [string, StreamFault])[]
) {
  for (const isStored of [true, false]) {
    Deno.test(`nothing is lost over ${what}, its request ${isStored ? "stored" : "lost"}`, async () => {
      await using stand = await FakeStand.start({ ackDelayMs: 2, connection: { ack_timeout_seconds: 1 } });
      stand.zerobus.plan({ on: "request", skip: 20, isStored, fault });
      const { failures } = await deliver(stand, 1000);
      assert.ok(
        failures.length > 0 && failures.every((failure) => failure.disposition === "retry"),
        String(failures[0]),
      );
      assertComplete(stand, 1000);
      assert.equal(stand.zerobus.stats.streams, 2);
      assert.deepEqual(stand.zerobus.refusals, []);
    });
  }
}

Deno.test("rotations under load lose and repeat nothing, and no send fails", async () => {
  await using stand = await FakeStand.start({ ackDelayMs: 5, rotation: { everyMs: 60, graceMs: 2000 } });
  await stand.sink.connect(NEVER);
  let sent = 0;
  await eventually("three rotations", async () => {
    await Promise.all(upTo(20).map((i) => stand.sink.send(bronzeRows(sent + i * 10, 10), NEVER)));
    sent += 200;
    return stand.zerobus.stats.streams >= 4;
  });
  assert.deepEqual(stand.stored, upTo(sent));
  await eventually("old streams are gone", () => stand.zerobus.streams.length <= 2);
  assert.deepEqual(stand.zerobus.refusals, []);
});

Deno.test("an announced end whose acknowledgements never come leaves the rows to the next stream, first", async () => {
  await using stand = await FakeStand.start();
  await stand.sink.connect(NEVER);
  stand.zerobus.withholdAcks();
  const sends = upTo(10).map((i) => stand.sink.send(bronzeRows(i * 10, 10), NEVER));
  await eventually("all are stored", () => stand.zerobus.count(TABLE) === 100);
  stand.zerobus.strike({ kind: "lose_acks" });
  stand.zerobus.strike({ kind: "close_signal", graceMs: 400 });
  stand.zerobus.releaseAcks();
  await Promise.all(sends);
  assert.deepEqual(stand.stored, [...upTo(100), ...upTo(100)]);
});

Deno.test("an outage of the whole workspace is over once both services are back on their ports", async () => {
  await using stand = await FakeStand.start();
  await stand.sink.connect(NEVER);
  await stand.sink.send(bronzeRows(0, 10), NEVER);
  await stand.zerobus.stop();
  await assert.rejects(stand.sink.send(bronzeRows(10, 10), NEVER), ConnectionError);
  await assert.rejects(stand.sink.connect(NEVER), ConnectionError);
  await stand.zerobus.start();
  await deliver(stand, 1000);
  assertComplete(stand, 1000);
});

Deno.test("services that take connections and say nothing are given up, and used again when they speak", async () => {
  await using stand = await FakeStand.start({ connection: { timeout_seconds: 1 } });
  await stand.zerobus.silence();
  await assert.rejects(stand.sink.connect(NEVER), TimeoutError);
  await stand.zerobus.start();
  await deliver(stand, 100);
  assertComplete(stand, 100);
});

Deno.test("a revoked token is replaced by a fresh one when the next stream is opened", async () => {
  await using stand = await FakeStand.start();
  await stand.sink.connect(NEVER);
  const { tokens } = stand.zerobus.stats;
  stand.zerobus.revokeTokens();
  stand.zerobus.strike({ kind: "status", status: STREAM_TIMEOUT });
  await deliver(stand, 100);
  assertComplete(stand, 100);
  assert.equal(stand.zerobus.stats.tokens, tokens + 1);
  assert.deepEqual(stand.zerobus.refusals.map(({ status }) => status), [Code.UNAUTHENTICATED]);
});

for (
  const [what, fault, expected, streams] of [
    ["UNAUTHENTICATED", Code.UNAUTHENTICATED, AuthError, 2],
    ["PERMISSION_DENIED", Code.PERMISSION_DENIED, AuthError, 1],
    ["NOT_FOUND", Code.NOT_FOUND, ConfigError, 1],
    ["UNIMPLEMENTED", Code.UNIMPLEMENTED, ConfigError, 1],
    ["INVALID_ARGUMENT", Code.INVALID_ARGUMENT, ConfigError, 2],
    ["UNAVAILABLE", Code.UNAVAILABLE, ConnectionError, 1],
  ] as const
) {
  Deno.test(`${what} at the opening is ${expected.name} after ${streams} tries; later all goes on`, async () => {
    await using stand = await FakeStand.start();
    stand.zerobus.plan({
      on: "open",
      times: streams,
      fault: { kind: "status", status: { code: fault, message: "no" } },
    });
    await assert.rejects(stand.sink.connect(NEVER), expected);
    await deliver(stand, 100);
    assert.deepEqual(stand.stored, upTo(100));
  });
}

Deno.test("a column that was dropped is left out once a stream is refused for it", async () => {
  await using stand = await FakeStand.start();
  await stand.sink.connect(NEVER);
  await stand.sink.send([bronzeRow(0)], NEVER);
  const columns = BRONZE_TABLES.find(({ name }) => name === TABLE)?.columns ?? [];
  stand.zerobus.putTable({ name: TABLE, columns: columns.filter(({ name }) => name !== "qos") });
  stand.zerobus.strike({ kind: "status", status: STREAM_TIMEOUT });
  await eventually("the stream is gone", () => stand.sink.send([], NEVER).then(() => false, () => true));
  await stand.sink.connect(NEVER);
  await stand.sink.send([bronzeRow(1)], NEVER);
  assert.deepEqual(stand.zerobus.rows(TABLE).map((row) => row["qos"]), [1, undefined]);
});

Deno.test("rows that the service refuses are named with its causes, all others are stored in order", async () => {
  await using stand = await FakeStand.start();
  const poisoned = [3, 250, 251, 999];
  stand.zerobus.poison((_table, row) =>
    poisoned.includes(Number(row["seq"])) ? `seq ${row["seq"]} overflows` : undefined
  );
  await stand.sink.connect(NEVER);
  const results = await Promise.all(upTo(100).map((i) => stand.sink.send(bronzeRows(i * 10, 10), NEVER)));
  const rejected = results.flatMap((result) => result.rejected);
  assert.deepEqual(rejected.map(({ row }) => row.seq), poisoned);
  for (const { row, reason } of rejected) {
    assert.match(reason.message, new RegExp(`SCHEMA_VALIDATION_FAILED, 4024, seq ${row.seq} overflows`));
  }
  // grpc-js drops an acknowledgement that comes right before an error status: some rows are sent again.
  assert.deepEqual([...new Set(stand.stored)], upTo(1000).filter((i) => !poisoned.includes(i)));
});

Deno.test("a token endpoint that fails delays the next stream no longer than it fails", async () => {
  await using stand = await FakeStand.start({ tokenSeconds: 1 });
  stand.zerobus.planWeb("token", { kind: "http", status: 429, retryAfterSeconds: 1 });
  await assert.rejects(stand.sink.connect(NEVER), ConnectionError);
  stand.zerobus.planWeb("token", { kind: "http", status: 500 });
  await assert.rejects(stand.sink.connect(NEVER), ConnectionError);
  stand.zerobus.planWeb("token", { kind: "slow", delayMs: 50 });
  await stand.sink.connect(NEVER);
  await stand.sink.send([bronzeRow(0)], NEVER);
  assert.deepEqual(stand.stored, [0]);
});

for (const [status, expected] of [[404, ConfigError], [500, ConnectionError]] as const) {
  Deno.test(`HTTP ${status} from Unity Catalog is ${expected.name} as long as no columns are known`, async () => {
    await using stand = await FakeStand.start();
    stand.zerobus.planWeb("catalog", { kind: "http", status });
    await assert.rejects(stand.sink.connect(NEVER), expected);
    await deliver(stand, 100);
    assertComplete(stand, 100);
  });
}

Deno.test("an end without trailers is noticed at once when RST_STREAM follows", async () => {
  await using stand = await FakeStand.start({ connection: { ack_timeout_seconds: 2 } });
  await stand.sink.connect(NEVER);
  stand.zerobus.plan({ on: "request", fault: { kind: "end_without_status", isReset: true } });
  await assert.rejects(stand.sink.send([bronzeRow(0)], NEVER), ConnectionError);
});
