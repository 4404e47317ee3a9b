import assert from "node:assert/strict";
import { type Arrival, Inbox } from "./inbox.ts";

/** Takes all that it may. */
const ALL = { messages: 1000, bytes: Infinity };

/** With the same bound for both kinds. */
function inboxOf(maxMessages: number, maxBytes: number): Inbox {
  return new Inbox({ maxMessages, maxBytes, maxWithheldBytes: maxBytes });
}

/** A message of this many bytes. */
function arrival(bytes: number, qos: 0 | 1 = 1, topic = "t", order = 0): Arrival {
  const payload = new Uint8Array(bytes);
  const flags = { isRetained: false, isRedelivered: false };
  return { message: { topic, payload, payloadBytes: bytes, qos, packetId: qos, ...flags }, arrivedUs: 0, order };
}

Deno.test("Inbox refuses QoS 0 above its limits and takes QoS 1 all the same, saying that it is overfull", () => {
  const inbox = inboxOf(3, 10_000);
  for (let i = 0; i < 3; i++) assert.equal(inbox.add(arrival(10, 0)), true);
  assert.equal(inbox.add(arrival(10, 0)), false);
  assert.equal(inbox.add(arrival(9000)), true);
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom], [false, false]);
  assert.equal(inbox.add(arrival(9000)), true);
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom], [true, false]);
  assert.equal(inbox.takeWithheld(ALL).length, 2);
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom], [false, true]);
  assert.equal(inbox.takeOpen(ALL).length, 3);
  assert.equal(inbox.isEmpty, true);
});

Deno.test("Inbox counts what empty messages take, so that they fill it too", () => {
  const inbox = inboxOf(10, 10_000);
  while (!inbox.isOverfull) inbox.add(arrival(0));
  assert.equal(inbox.takeWithheld(ALL).length, 39);
});

Deno.test("Inbox has room again when the broker is to send everything again", () => {
  const inbox = inboxOf(10, 1000);
  inbox.add(arrival(2000));
  inbox.dropWithheld();
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom, inbox.isEmpty], [false, true, true]);
});

Deno.test("Inbox counts topics of both kinds, which may be long where payloads are not", () => {
  const inbox = inboxOf(10, 10_000);
  const topic = "t".repeat(9000);
  assert.equal(inbox.add(arrival(0, 0, topic)), true);
  assert.equal(inbox.add(arrival(0, 0, topic)), false);
  inbox.add(arrival(0, 1, topic));
  assert.equal(inbox.isOverfull, false);
  inbox.add(arrival(0, 1, topic));
  assert.equal(inbox.isOverfull, true);
});

Deno.test("Inbox hands over at most so many bytes at a time, one message at least", () => {
  for (const [qos, take] of [[0, "takeOpen"], [1, "takeWithheld"]] as const) {
    const inbox = inboxOf(10, 100_000);
    for (const bytes of [9000, 100, 100, 9000]) inbox.add(arrival(bytes, qos));
    const limit = { messages: 10, bytes: 1000 };
    const taken = () => inbox[take](limit).map(({ message }) => message.payload.length);
    assert.deepEqual([taken(), taken(), taken(), taken()], [[9000], [100, 100], [9000], []]);
    assert.equal(inbox.hasRoom, true);
  }
});

Deno.test("Inbox copies payloads while QoS 0 fills it, so that none keeps what came with it and was refused", () => {
  const inbox = inboxOf(4, 10_000);
  const add = (qos: 0 | 1) => {
    const { message, ...rest } = arrival(0, qos);
    return inbox.add({ ...rest, message: { ...message, payload: new Uint8Array(65_536).subarray(100, 107) } });
  };
  const added = [add(1), add(0), add(0), add(0), add(0), add(1), add(0)];
  assert.deepEqual(added, [true, true, true, true, true, true, false]);
  const kept = (taken: readonly Arrival[]) => taken.map(({ message }) => message.payload.buffer.byteLength);
  assert.deepEqual(kept(inbox.takeOpen(ALL)), [65_536, 65_536, 7, 7]);
  assert.deepEqual(kept(inbox.takeWithheld(ALL)), [65_536, 7]);
});

Deno.test("Inbox gives messages of both kinds in the order in which they came, where that is asked for", () => {
  const inbox = inboxOf(10, 10_000);
  for (const [order, qos] of ([0, 0, 1, 0, 1, 1] as const).entries()) inbox.add(arrival(1, qos, "t", order));
  const taken: number[][] = [];
  while (!inbox.isEmpty) {
    const arrivals = inbox.orderOfOpen < inbox.orderOfWithheld
      ? inbox.takeOpen({ ...ALL, before: inbox.orderOfWithheld })
      : inbox.takeWithheld({ ...ALL, before: inbox.orderOfOpen });
    taken.push(arrivals.map(({ order }) => order));
  }
  assert.deepEqual(taken, [[0, 1], [2], [3], [4, 5]]);
});
