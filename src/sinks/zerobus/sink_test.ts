import assert from "node:assert/strict";
import { AuthError, ConfigError, ConnectionError, EdgeError, RejectedError, TimeoutError } from "../../core/error.ts";
import { ProtoWriter } from "../../lib/proto_writer.ts";
import { testSink } from "../../../tests/contract/sink.ts";
import type { FakeCall, FakeIngest, FakeRequest } from "../../../tests/fakes/zerobus_ingest.ts";
import { fakeZerobusSink, mqttRow, mqttRows, numberIn } from "../../../tests/fakes/zerobus_sink.ts";
import { eventually } from "../../../tests/wait.ts";
import { systemClock } from "../../lib/clock.ts";

const NEVER = new AbortController().signal;
const MIB = 1024 * 1024;

function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** A service that ends a stream with INVALID_ARGUMENT at a request that holds one of these rows. */
function refuse(ingest: FakeIngest, ...poison: number[]): void {
  ingest.received = (call, request) => {
    if (request.rows.some((row) => poison.includes(numberIn(row)))) return call.endWith(3, "bad row");
    ingest.take(call, request);
  };
}

/** A service that keeps its acknowledgements back; `release` gives those of one stream. */
function hold(ingest: FakeIngest): { release(call: FakeCall): void } {
  const held = new Map<FakeCall, FakeRequest[]>();
  ingest.received = (call, request) => void held.set(call, [...(held.get(call) ?? []), request]);
  return {
    release(call) {
      for (const request of held.get(call) ?? []) ingest.take(call, request);
      held.delete(call);
    },
  };
}

testSink("ZerobusSink", () => {
  const { sink, ingest, stored } = fakeZerobusSink({});
  const opened = ingest.opened;
  const received = ingest.received;
  return Promise.resolve({
    sink,
    row: mqttRow,
    stored,
    outage: {
      begin() {
        ingest.received = (call) => call.endWith(14, "gone");
        ingest.opened = (call) => call.endWith(14, "gone");
      },
      end() {
        ingest.received = received;
        ingest.opened = opened;
      },
    },
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  });
});

Deno.test("ZerobusSink numbers the requests of each stream from 0, whatever came before", async () => {
  const { sink, ingest } = fakeZerobusSink();
  await sink.connect(NEVER);
  await sink.send(mqttRows(0, 2), NEVER);
  await sink.send(mqttRows(2, 2), NEVER);
  ingest.last.endWith(14, "gone");
  await assert.rejects(sink.send(mqttRows(4, 2), NEVER), ConnectionError);
  await sink.connect(NEVER);
  await sink.send(mqttRows(4, 2), NEVER);
  assert.deepEqual(ingest.calls.map((call) => call.requests.map((request) => request.offset)), [[0, 1], [0]]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink gives a request's memory back once it has left, and not before", async () => {
  const { sink, ingest } = fakeZerobusSink();
  await sink.connect(NEVER);
  ingest.last.isSlow = true;
  await sink.send(mqttRows(0, 2), NEVER);
  const request = ingest.last.sending.at(-1)?.request;
  assert.ok(request && request.length > 0, "acknowledged, and still there");
  ingest.last.sent();
  assert.equal(request.length, 0);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink resolves several sends by one acknowledgement that skips numbers", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.received = (call, request) => request.offset === 2 && call.ack(2);
  await sink.connect(NEVER);
  await Promise.all(upTo(3).map((i) => sink.send([mqttRow(i)], NEVER)));
  assert.equal(ingest.last.requests.length, 3);
  await sink[Symbol.asyncDispose]();
});

for (
  const [what, answer] of [
    ["beyond what was sent", (call: FakeCall) => call.ack(7)],
    ["of a negative number", (call: FakeCall) => call.ack(-1)],
    ["without a number", (call: FakeCall) => call.ack(undefined)],
    ["that goes back", (call: FakeCall) => (call.ack(0), call.ack(1), call.ack(0))],
    ["that is no message", (call: FakeCall) => call.raw(new Uint8Array([0x12, 0x7f]))],
  ] as const
) {
  Deno.test(`ZerobusSink gives up a stream with an acknowledgement ${what}`, async () => {
    const { sink, ingest } = fakeZerobusSink();
    ingest.received = (call, request) => request.offset === 2 && answer(call);
    await sink.connect(NEVER);
    const [, , third] = await Promise.allSettled(upTo(3).map((i) => sink.send([mqttRow(i)], NEVER)));
    assert.ok(third?.status === "rejected" && third.reason instanceof ConnectionError);
    assert.ok(ingest.last.isCancelled);
    await sink[Symbol.asyncDispose]();
  });
}

Deno.test("ZerobusSink gives up a stream that acknowledges nothing for 60 s, and an idle one never", async () => {
  const { sink, ingest, clock } = fakeZerobusSink();
  await sink.connect(NEVER);
  await clock.advance(600_000);
  hold(ingest);
  const open = sink.send([mqttRow(0)], NEVER);
  await clock.advance(50_000);
  assert.ok(!ingest.last.isCancelled);
  const outcome = assert.rejects(open, TimeoutError);
  await clock.advance(15_000);
  await outcome;
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink gives up opening after 15 s", async () => {
  const { sink, ingest, clock } = fakeZerobusSink();
  ingest.opened = () => {};
  const connecting = assert.rejects(sink.connect(NEVER), TimeoutError);
  await eventually("it waits", () => ingest.calls[0]?.create);
  await clock.advance(15_000);
  await connecting;
  assert.ok(ingest.last.isCancelled && ingest.last.isClosed);
});

Deno.test("ZerobusSink does not take a stream without a name for open", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.opened = (call) => call.created("");
  await assert.rejects(sink.connect(NEVER), ConnectionError);
});

for (
  const [code, expected] of [
    [0, ConnectionError],
    [1, ConnectionError],
    [2, ConnectionError],
    [3, ConfigError],
    [4, ConnectionError],
    [5, ConfigError],
    [7, AuthError],
    [8, ConnectionError],
    [10, ConnectionError],
    [11, ConfigError],
    [12, ConfigError],
    [13, ConnectionError],
    [14, ConnectionError],
    [15, ConnectionError],
    [16, AuthError],
  ] as const
) {
  Deno.test(`ZerobusSink throws ${expected.name} when opening ends with status ${code}`, async () => {
    const { sink, ingest } = fakeZerobusSink();
    ingest.opened = (call) => call.endWith(code, "no");
    await assert.rejects(sink.connect(NEVER), (error: unknown) => {
      assert.ok(error instanceof expected, String(error));
      assert.match(error.message, /iot\.bronze\.mqtt/);
      return true;
    });
  });
}

for (
  const [code, expected] of [
    [0, ConnectionError],
    [5, ConfigError],
    [7, AuthError],
    [11, ConfigError],
    [12, ConfigError],
    [13, ConnectionError],
    [14, ConnectionError],
    [16, ConnectionError],
  ] as const
) {
  Deno.test(`ZerobusSink rejects open sends with ${expected.name} when a stream ends with status ${code}`, async () => {
    const { sink, ingest } = fakeZerobusSink();
    ingest.received = (call) => call.endWith(code, "Error Code: 6002");
    await sink.connect(NEVER);
    const outcomes = await Promise.allSettled(upTo(3).map((i) => sink.send([mqttRow(i)], NEVER)));
    for (const outcome of outcomes) assert.ok(outcome.status === "rejected" && outcome.reason instanceof expected);
    await assert.rejects(sink.send([mqttRow(9)], NEVER), ConnectionError);
  });
}

Deno.test("ZerobusSink tries a refused token once more with a fresh one", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.opened = (call, index) => index === 0 ? call.endWith(16, "expired") : call.created("s");
  await sink.connect(NEVER);
  assert.deepEqual(ingest.calls.map((call) => call.token), ["t1", "t2"]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink tries a fresh token only once, then halts", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.opened = (call) => call.endWith(16, "expired");
  await assert.rejects(sink.connect(NEVER), AuthError);
  assert.equal(ingest.calls.length, 2);
});

Deno.test("ZerobusSink asks for another token after one ran out in mid-stream", async () => {
  const { sink, ingest } = fakeZerobusSink();
  await sink.connect(NEVER);
  ingest.last.endWith(16, "expired");
  await eventually("the stream is gone", () => sink.send([], NEVER).then(() => false, () => true));
  await sink.connect(NEVER);
  assert.deepEqual(ingest.calls.map((call) => call.token), ["t1", "t2"]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink rejects a row of more than 10 MiB - 64 KiB without sending it, and delivers the others", async () => {
  const { sink, stored } = fakeZerobusSink();
  await sink.connect(NEVER);
  const tooLong = { ...mqttRow(1), bytes: new Uint8Array(10 * MIB - 64 * 1024 + 1) };
  const { rejected } = await sink.send([mqttRow(0), tooLong, mqttRow(2)], NEVER);
  assert.deepEqual(rejected.map(({ row }) => row), [tooLong]);
  assert.ok(rejected[0]?.reason instanceof RejectedError);
  assert.deepEqual(stored(), [0, 2]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink splits a send of more than 10 MiB, and one of more than 100,000 rows", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  await sink.connect(NEVER);
  const payload = new ProtoWriter();
  payload.bytes((17 << 3) | 2, new Uint8Array(4 * MIB));
  const extra = payload.finish();
  const long = upTo(4).map((i) => ({ ...mqttRow(i), bytes: new Uint8Array([...mqttRow(i).bytes, ...extra]) }));
  await sink.send(long, NEVER);
  assert.deepEqual(ingest.last.requests.map((request) => request.rows.length), [2, 2]);
  const call = ingest.last;
  await sink.send(mqttRows(4, 100_001), NEVER);
  assert.deepEqual(call.requests.map((request) => request.rows.length), [2, 2, 100_000, 1]);
  assert.equal(stored().at(-1), 100_004);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink keeps no more unacknowledged bytes on the way than max_inflight_mb", async () => {
  const { sink, ingest } = fakeZerobusSink({ maxInFlightBytes: 150 });
  const held = hold(ingest);
  await sink.connect(NEVER);
  const sends = upTo(50).map((i) => sink.send(mqttRows(i * 10, 10), NEVER));
  await eventually("a request arrives", () => ingest.last.requests.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(ingest.last.requests.length, 1);
  ingest.received = (call, request) => ingest.take(call, request);
  held.release(ingest.last);
  await Promise.all(sends);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink writes no more while the connection has no room", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  await sink.connect(NEVER);
  ingest.last.hasRoom = false;
  const sends = upTo(3).map((i) => sink.send([mqttRow(i)], NEVER));
  await sends[0];
  assert.deepEqual(stored(), [0]);
  ingest.last.drain();
  await Promise.all(sends);
  assert.deepEqual(stored(), [0, 1, 2]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink opens the next stream before it leaves the old one, and loses and repeats nothing", async () => {
  const { sink, ingest, stored, events } = fakeZerobusSink();
  const held = hold(ingest);
  await sink.connect(NEVER);
  const old = ingest.last;
  const before = upTo(3).map((i) => sink.send([mqttRow(i)], NEVER));
  await eventually("all are written", () => old.requests.length === 3);
  old.closeSignal(60);
  await eventually("the next stream is open", () => ingest.calls.length === 2 && ingest.last.create);
  const after = upTo(3, 3).map((i) => sink.send([mqttRow(i)], NEVER));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(ingest.last.requests.length, 0, "the old stream's rows are not durable yet");
  held.release(old);
  await Promise.all(before);
  await eventually("the others are written", () => ingest.last.requests.length === 3);
  held.release(ingest.last);
  await Promise.all(after);
  assert.ok(old.isHalfClosed);
  assert.deepEqual(stored(), upTo(6));
  assert.ok(events.some((event) => event.kind === "rotation" && event.graceMs === 60_000));
  await eventually(
    "it is gone",
    () => events.some((event) => event.kind === "stream_ended" && event.why === "rotated"),
  );
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink goes on with the old stream while the next one is on its way", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  await sink.connect(NEVER);
  ingest.opened = () => {};
  ingest.last.closeSignal(60);
  await eventually("the next stream is asked for", () => ingest.calls.length === 2);
  await sink.send(mqttRows(0, 3), NEVER);
  assert.equal(ingest.calls[0]?.requests.length, 1);
  ingest.last.created("s1");
  await eventually("the old one is left", () => ingest.calls[0]?.isHalfClosed);
  await sink.send(mqttRows(3, 3), NEVER);
  assert.equal(ingest.last.requests.length, 1);
  assert.deepEqual(stored(), upTo(6));
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink sends first what an announced end left unacknowledged", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  ingest.received = () => {};
  await sink.connect(NEVER);
  const old = ingest.last;
  const sends = upTo(3).map((i) => sink.send([mqttRow(i)], NEVER));
  await eventually("all are written", () => old.requests.length === 3);
  old.closeSignal(60);
  await eventually("the next stream is open", () => ingest.calls.length === 2 && ingest.last.create);
  sends.push(sink.send([mqttRow(3)], NEVER));
  old.ack(0);
  ingest.received = (call, request) => ingest.take(call, request);
  old.endWith(14, "Stream timeout reached");
  await Promise.all(sends);
  assert.deepEqual(stored(), [1, 2, 3]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink leaves a stream that does not acknowledge when its announced time is over", async () => {
  const { sink, ingest, stored, clock } = fakeZerobusSink();
  ingest.received = () => {};
  ingest.endsHalfClosed = false;
  await sink.connect(NEVER);
  const old = ingest.last;
  const open = sink.send([mqttRow(0)], NEVER);
  await eventually("it is written", () => old.requests.length === 1);
  old.closeSignal(10);
  await eventually("the next stream is open", () => ingest.calls.length === 2 && ingest.last.create);
  ingest.received = (call, request) => ingest.take(call, request);
  await eventually("time is over", async () => {
    await clock.advance(1000);
    return stored().length > 0;
  });
  await open;
  assert.ok(old.isHalfClosed);
  const closing = sink[Symbol.asyncDispose]();
  await clock.advance(5000);
  await closing;
});

for (const [count, poison] of [[1, 0], [2, 1], [64, 0], [64, 63], [100, 41], [1000, 517]] as const) {
  Deno.test(`ZerobusSink finds refused row ${poison} of ${count}, delivers the others in order, in few streams`, async () => {
    const { sink, ingest, stored } = fakeZerobusSink();
    refuse(ingest, poison);
    await sink.connect(NEVER);
    const { rejected } = await sink.send(mqttRows(0, count), NEVER);
    assert.deepEqual(rejected.map(({ row }) => row.seq), [poison]);
    assert.match(rejected[0]?.reason.message ?? "", /bad row/);
    assert.deepEqual(stored(), upTo(count).filter((i) => i !== poison));
    assert.ok(ingest.calls.length <= 3 + Math.ceil(Math.log2(count)), `${ingest.calls.length} streams`);
    await sink[Symbol.asyncDispose]();
  });
}

Deno.test("ZerobusSink does not send again as a whole a half that must hold the refused row", async () => {
  const { sink, ingest } = fakeZerobusSink();
  refuse(ingest, 63);
  await sink.connect(NEVER);
  await sink.send(mqttRows(0, 64), NEVER);
  const refused = ingest.calls.flatMap((call) => call.requests).filter(({ rows }) =>
    rows.some((row) => numberIn(row) === 63)
  );
  assert.deepEqual(refused.map(({ rows }) => rows.length), [64, 1]);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink leaves later sends in doubt when an earlier one is given up", async () => {
  const { sink, ingest } = fakeZerobusSink();
  hold(ingest);
  await sink.connect(NEVER);
  const stop = new AbortController();
  const sends = [sink.send([mqttRow(0)], stop.signal), sink.send([mqttRow(1)], NEVER)];
  stop.abort(new Error("enough"));
  const [first, second] = await Promise.allSettled(sends);
  assert.ok(first?.status === "rejected" && first.reason.message === "enough");
  assert.ok(second?.status === "rejected" && second.reason instanceof ConnectionError);
});

Deno.test("ZerobusSink finds several refused rows among many sends, while others arrive", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  const poison = [3, 4, 250, 999];
  refuse(ingest, ...poison);
  await sink.connect(NEVER);
  const sends = upTo(100).map((i) => sink.send(mqttRows(i * 10, 10), NEVER));
  const results = await Promise.all(sends);
  assert.deepEqual(results.flatMap(({ rejected }) => rejected.map(({ row }) => row.seq)), poison);
  assert.deepEqual(stored(), upTo(1000).filter((i) => !poison.includes(i)));
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink refuses no row that is taken when it is sent alone", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  ingest.received = (call, request) =>
    request.rows.length > 3 ? call.endWith(3, "too many") : ingest.take(call, request);
  await sink.connect(NEVER);
  assert.deepEqual(await sink.send(mqttRows(0, 16), NEVER), { rejected: [] });
  assert.deepEqual(stored(), upTo(16));
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink gives up the search for a refused row when the connection is lost, and leaves all in doubt", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.received = (call) => call.endWith(ingest.calls.length === 1 ? 3 : 14, "no");
  await sink.connect(NEVER);
  await assert.rejects(sink.send(mqttRows(0, 8), NEVER), ConnectionError);
});

Deno.test("ZerobusSink passes on the reason and causes that the service gives for a row", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.received = (call) => call.endWith(3, "invalid", errorDetails());
  await sink.connect(NEVER);
  const { rejected } = await sink.send([mqttRow(0)], NEVER);
  assert.match(rejected[0]?.reason.message ?? "", /SCHEMA_VALIDATION_FAILED, 4024, qos overflows/);
  await sink[Symbol.asyncDispose]();
});

/** `google.rpc.Status` with one `google.rpc.ErrorInfo`. */
function errorDetails(): Uint8Array {
  const writer = new ProtoWriter();
  const entries = Object.entries({ causes: "qos overflows", error_code: "4024" }).map(([key, value]) => {
    writer.string(10, key);
    writer.string(18, value);
    return writer.finish();
  });
  writer.string(10, "SCHEMA_VALIDATION_FAILED");
  for (const entry of entries) writer.bytes(26, entry);
  const info = writer.finish();
  writer.string(10, "type.googleapis.com/google.rpc.ErrorInfo");
  writer.bytes(18, info);
  const any = writer.finish();
  writer.int32(8, 3);
  writer.bytes(26, any);
  return writer.finish();
}

Deno.test("ZerobusSink spreads rows over its streams by tag, each tag in order", async () => {
  const { sink, ingest } = fakeZerobusSink({ shards: 3 });
  await sink.connect(NEVER);
  assert.equal(ingest.calls.length, 3);
  const tags = upTo(20).map((i) => `tag${i}`);
  await Promise.all(upTo(10).map((i) => sink.send(tags.map((tag) => mqttRow(i, tag)), NEVER)));
  const streamsOf = tags.map((tag) =>
    ingest.calls.filter((call) => call.requests.some(({ rows }) => rows.some((row) => topicOf(row) === tag)))
  );
  assert.ok(streamsOf.every((streams) => streams.length === 1));
  assert.equal(new Set(streamsOf.flat()).size, 3);
  for (const tag of tags) {
    const numbers = ingest.stored.filter((row) => topicOf(row) === tag).map(numberIn);
    assert.deepEqual(numbers, upTo(10));
  }
  await sink[Symbol.asyncDispose]();
});

function topicOf(row: Uint8Array): string {
  return new TextDecoder().decode(row).match(/tag\d+/)?.[0] ?? "";
}

Deno.test("ZerobusSink stops all streams of a lane when one is lost", async () => {
  const { sink, ingest } = fakeZerobusSink({ shards: 2 });
  hold(ingest);
  await sink.connect(NEVER);
  const sends = upTo(20).map((i) => sink.send([mqttRow(i, `tag${i}`)], NEVER));
  ingest.last.endWith(14, "gone");
  const outcomes = await Promise.allSettled(sends);
  assert.ok(outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason instanceof EdgeError));
  assert.ok(ingest.calls.every((call) => call.isClosed));
});

Deno.test("ZerobusSink waits for acknowledgements when it is closed, then half-closes", async () => {
  const { sink, ingest, stored } = fakeZerobusSink();
  const held = hold(ingest);
  await sink.connect(NEVER);
  const open = sink.send([mqttRow(0)], NEVER);
  await eventually("it is written", () => ingest.last.requests.length === 1);
  const closing = sink[Symbol.asyncDispose]();
  held.release(ingest.last);
  await open;
  await closing;
  assert.deepEqual(stored(), [0]);
  assert.ok(ingest.last.isHalfClosed && ingest.last.isClosed);
});

Deno.test("ZerobusSink lets other tasks run while it sends", async () => {
  const { sink, ingest } = fakeZerobusSink();
  ingest.received = (call, request) => call.ack(request.offset);
  await sink.connect(NEVER);
  const rows = mqttRows(0, 10_000);
  let turns = 0;
  using _ticker = systemClock.every(0, () => void turns++);
  await Promise.all(upTo(30).map(() => sink.send(rows, NEVER)));
  assert.ok(turns > 3, `${turns} turns`);
  await sink[Symbol.asyncDispose]();
});

Deno.test("ZerobusSink.connect() fails when one stream has ended before the last one was opened", async () => {
  const { sink, ingest } = fakeZerobusSink({ shards: 2 });
  ingest.opened = () => {};
  const connecting = sink.connect(NEVER);
  await eventually("both are asked for", () => ingest.calls.length === 2);
  const [first, second] = ingest.calls;
  first?.created("s0");
  await eventually("the first one is open", () => new Promise((resolve) => setTimeout(resolve, 0, true)));
  first?.endWith(14, "gone");
  await eventually("its end is seen", () => first?.isClosed);
  second?.created("s1");
  await assert.rejects(connecting, ConnectionError);
  await assert.rejects(sink.send(mqttRows(0, 2), NEVER), { code: "zerobus_not_connected" });
});
