import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { Events } from "./events.ts";
import { EventStream } from "./event_stream.ts";
import type { LogsView, ShownLine } from "./log_routes.ts";

const utf8 = new TextDecoder();

/** The events that come with the next read. */
async function read(body: ReadableStream<Uint8Array>): Promise<string[]> {
  const reader = body.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return utf8.decode(value).split("\n\n").filter(Boolean).map((text) => text.replace(/^event: (\w+)\ndata: /, "$1 "));
}

Deno.test("EventStream keeps of a state the newest, and the last 256 of what happens", async () => {
  const stream = new EventStream(undefined, () => {});
  stream.push("logs", "0", false); // goes at once: nobody has read yet, and one piece may wait
  for (let i = 1; i <= 300; i++) stream.push("logs", String(i), false);
  for (let i = 0; i < 10; i++) stream.push("status", String(i), true);
  assert.deepEqual(await read(stream.body), ["logs 0"]);
  const events = await read(stream.body);
  assert.equal(events.length, 257);
  assert.deepEqual([events[0], events[1], events.at(-1)], ['dropped {"messages":45}', "logs 46", "status 9"]);
});

Deno.test("EventStream holds half a mebibyte, however long messages are", () => {
  const stream = new EventStream(undefined, () => {});
  stream.push("logs", "first", false);
  for (let i = 0; i < 100; i++) stream.push("logs", "x".repeat(20_000), false);
  assert.ok(stream.dropped >= 70, String(stream.dropped));
});

Deno.test("EventStream tells what was asked for, and pings", async () => {
  const stream = new EventStream(new Set(["status"]), () => {});
  stream.push("ping", "{}", true);
  stream.push("logs", "1", false);
  stream.push("status", "2", true);
  assert.deepEqual([await read(stream.body), await read(stream.body)], [["ping {}"], ["status 2"]]);
});

Deno.test("EventStream tells a message once to whoever waits for it", async () => {
  const stream = new EventStream(undefined, () => {});
  const reader = stream.body.getReader();
  const came = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0)); // a turn, so that it waits
  stream.push("logs", "1", false);
  stream.push("logs", "2", false);
  stream.end();
  const texts = [utf8.decode((await came).value), utf8.decode((await reader.read()).value)];
  assert.deepEqual(texts, ["event: logs\ndata: 1\n\n", "event: logs\ndata: 2\n\n"]);
  assert.equal((await reader.read()).done, true);
});

const ADA = { user: "ada", isStillAllowed: () => true };

function stand() {
  const clock = new FakeClock();
  const followers = new Set<(line: ShownLine) => void>();
  const logs: LogsView = {
    lines: () => [],
    follow: (listener) => {
      followers.add(listener);
      return { [Symbol.dispose]: () => void followers.delete(listener) };
    },
    level: "info",
  };
  let asked = 0;
  const status = () => ({ n: ++asked });
  const events = new Events({ clock, logs, status, metrics: () => Promise.resolve({ m: 1 }), alerts: () => ({}) });
  return { clock, followers, events, asked: () => asked };
}

Deno.test("Events tells status, metrics and pings by one timer for all, and rests when nobody listens", async () => {
  const { clock, events, followers } = stand();
  const one = events.open(undefined, ADA)!;
  const other = events.open(new Set(["metrics"]), ADA)!;
  assert.deepEqual([clock.sleeping, followers.size], [1, 1]);
  assert.deepEqual([await read(one), await read(other)], [["ping {}"], ["ping {}"]]);
  assert.match((await read(one)).join(), /^status /);
  await clock.advance(2000);
  assert.deepEqual(await read(other), ['metrics {"m":1}']);
  await clock.advance(13_000);
  const names = (await read(other)).map((event) => event.split(" ")[0]);
  assert.deepEqual(names, ["metrics"]);
  assert.match((await read(other)).join(), /ping/);
  await one.cancel();
  await other.cancel();
  await clock.advance(1000);
  assert.deepEqual([events.size, clock.sleeping, followers.size], [0, 0, 0]);
});

Deno.test("Events ends the stream of whoever may not listen any more", async () => {
  const { clock, events } = stand();
  let isAllowed = true;
  const body = events.open(new Set(["logs"]), { user: "ada", isStillAllowed: () => isAllowed })!;
  await read(body);
  isAllowed = false;
  await clock.advance(1000);
  assert.equal(events.size, 0);
  const { done } = await body.getReader().read();
  assert.equal(done, true);
});

Deno.test("Events ends the oldest of a user's streams for the user's twenty-first, and leaves room for others", async () => {
  const { events } = stand();
  const opened = Array.from({ length: 40 }, () => events.open(new Set([]), ADA)!);
  assert.equal(events.size, 20);
  const other = events.open(undefined, { ...ADA, user: "bob" });
  assert.ok(other);
  await read(opened[19]!);
  assert.equal((await opened[19]!.getReader().read()).done, true);
  for (const body of [...opened.slice(20), other]) await body.cancel();
  assert.equal(events.size, 0);
});

Deno.test("Events has 200 clients at most", () => {
  const { events } = stand();
  const opened = Array.from({ length: 210 }, (_, i) => events.open(undefined, { ...ADA, user: `user${i}` }));
  assert.equal(opened.filter((body) => body !== undefined).length, 200);
  for (const body of opened) body?.cancel();
});
