import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { ConnectionError } from "../core/error.ts";
import { StatusBoard } from "./status.ts";

const lost = new ConnectionError("connection_lost", "The broker closed the connection");

function open() {
  const clock = new FakeClock(5_000_000);
  const board = new StatusBoard(clock);
  board.expect({ sources: ["press"], lanes: ["t#M"] });
  return { clock, board };
}

Deno.test("StatusBoard knows what it expects before anything happened", () => {
  const { board } = open();
  assert.deepEqual(board.sources.get("press"), {
    state: "stopped",
    since: 5_000_000,
    wasTried: false,
    endpoint: undefined,
    recordsRead: 0,
    lastReadingUs: undefined,
    quietSinceMs: 0,
    failingTags: 0,
    nextAttemptUs: undefined,
    lastError: undefined,
  });
  assert.deepEqual(board.lanes.get("t#M"), {
    breaker: "closed",
    breakerSince: 5_000_000,
    nextAttemptUs: undefined,
    isConnected: false,
    lastError: undefined,
  });
});

Deno.test("StatusBoard keeps a source's state, what it read, and its last error after it recovered", () => {
  const { board } = open();
  board.report({ kind: "source_state", source: "press", state: { state: "connecting", since: 1, attempt: 1 } });
  assert.equal(board.sources.get("press")?.wasTried, false);
  board.report({ kind: "source_failed", source: "press", error: lost, retryInMs: 1 });
  assert.equal(board.sources.get("press")?.wasTried, true);
  board.report({ kind: "source_state", source: "press", state: { state: "connected", since: 2 } });
  board.report({ kind: "readings_accepted", source: "press", count: 3 });
  board.report({ kind: "readings_accepted", source: "press", count: 4 });
  assert.deepEqual(board.sources.get("press"), {
    state: "connected",
    since: 2,
    wasTried: true,
    endpoint: undefined,
    recordsRead: 7,
    lastReadingUs: 5_000_000,
    quietSinceMs: 0,
    failingTags: 0,
    nextAttemptUs: undefined,
    lastError: { code: "connection_lost", message: "The broker closed the connection", since: 5_000_000 },
  });
});

Deno.test("StatusBoard knows a source that connects again and again and never reads as quiet since the first time", async () => {
  const { board, clock } = open();
  const move = async (state: "connecting" | "connected" | "stopped") => {
    await clock.advance(1000);
    const moved = state === "connecting" ? { state, since: 1, attempt: 1 } : { state, since: 1 };
    board.report({ kind: "source_state", source: "press", state: moved });
    return board.sources.get("press")?.quietSinceMs;
  };
  assert.equal(await move("connecting"), 1000);
  assert.equal(await move("connected"), 2000);
  assert.equal(await move("connecting"), 2000);
  assert.equal(await move("connected"), 2000);
  assert.equal(await move("stopped"), 5000);
  assert.equal(await move("connected"), 6000);
});

Deno.test("StatusBoard keeps whether a lane can send, its breaker and its last error", () => {
  const { board } = open();
  board.report({ kind: "sink_connected", lane: "t#M" });
  assert.equal(board.lanes.get("t#M")?.isConnected, true);
  board.report({ kind: "sink_bug", lane: "t#M", error: new TypeError("x"), retryInMs: 1 });
  board.report({ kind: "breaker", lane: "t#M", state: "open" });
  assert.deepEqual(board.lanes.get("t#M"), {
    breaker: "open",
    breakerSince: 5_000_000,
    nextAttemptUs: 5_001_000,
    isConnected: false,
    lastError: { code: "bug", message: "x", since: 5_000_000 },
  });
  board.report({ kind: "rows_written", lane: "t#M", count: 1, ackMs: 1 });
  assert.equal(board.lanes.get("t#M")?.isConnected, true);
});

Deno.test("StatusBoard knows since when a breaker is not closed, however often it tries, and when it tries next", async () => {
  const { board, clock } = open();
  const seen = () => {
    const { breakerSince, nextAttemptUs } = board.lanes.get("t#M") ?? assert.fail("no lane");
    return [breakerSince, nextAttemptUs];
  };
  const fail = () => {
    board.report({ kind: "breaker", lane: "t#M", state: "open" });
    board.report({ kind: "sink_failed", lane: "t#M", error: lost, retryInMs: 30_000 });
  };
  await clock.advance(1000);
  fail();
  assert.deepEqual(seen(), [6_000_000, 36_000_000]);
  await clock.advance(30_000);
  board.report({ kind: "breaker", lane: "t#M", state: "half_open" });
  assert.deepEqual(seen(), [6_000_000, undefined]);
  await clock.advance(2000);
  fail();
  assert.deepEqual(seen(), [6_000_000, 68_000_000]);
  board.report({ kind: "breaker", lane: "t#M", state: "closed" });
  assert.deepEqual(seen(), [38_000_000, undefined]);
});

Deno.test("StatusBoard counts the tags that give no value, once each, and anew in each session", () => {
  const { board } = open();
  const tell = (kind: "tag_failed" | "tag_recovered", tag: string) =>
    board.report({ kind: "source_event", source: "press", event: { kind, tag, reason: "illegal data address" } });
  for (const tag of ["a", "b", "b", "c"]) tell("tag_failed", tag);
  tell("tag_recovered", "c");
  assert.equal(board.sources.get("press")?.failingTags, 2);
  board.report({ kind: "source_state", source: "press", state: { state: "connecting", since: 1, attempt: 1 } });
  assert.equal(board.sources.get("press")?.failingTags, 0);
});

Deno.test("StatusBoard knows when a source is tried again, and that a given-up one is not", () => {
  const { board } = open();
  board.report({
    kind: "source_state",
    source: "press",
    state: { state: "waiting", since: 1_000_000, retryInMs: 500 },
  });
  assert.equal(board.sources.get("press")?.nextAttemptUs, 1_500_000);
  board.report({ kind: "source_state", source: "press", state: { state: "given_up", since: 2_000_000 } });
  assert.equal(board.sources.get("press")?.nextAttemptUs, undefined);
});

Deno.test("StatusBoard shows where a source was last connected", () => {
  const board = new StatusBoard(new FakeClock());
  board.expect({ sources: ["p"], lanes: [] });
  const event = { kind: "source_endpoint", source: "p", count: 2, before: undefined, left: undefined } as const;
  board.report({ ...event, endpoint: "mqtt://a", number: 1 });
  board.report({ ...event, endpoint: "mqtt://b", number: 2 });
  board.report({ kind: "source_state", source: "p", state: { state: "stopped", since: 1 } });
  assert.equal(board.sources.get("p")?.endpoint, "mqtt://b");
});
