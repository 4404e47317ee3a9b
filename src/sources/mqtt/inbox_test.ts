import assert from "node:assert/strict";
import { type Arrival, Inbox } from "./inbox.ts";

/** A message of this many bytes. */
function arrival(bytes: number, qos: 0 | 1 = 1): Arrival {
  const payload = new Uint8Array(bytes);
  const flags = { isRetained: false, isRedelivered: false };
  return { message: { topic: "t", payload, payloadBytes: bytes, qos, packetId: qos, ...flags }, arrivedUs: 0 };
}

Deno.test("Inbox refuses QoS 0 above its limits and takes QoS 1 all the same, saying that it is overfull", () => {
  const inbox = new Inbox({ maxMessages: 3, maxBytes: 10_000 });
  for (let i = 0; i < 3; i++) assert.equal(inbox.add(arrival(10, 0)), true);
  assert.equal(inbox.add(arrival(10, 0)), false);
  assert.equal(inbox.add(arrival(9000)), true);
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom], [false, false]);
  assert.equal(inbox.add(arrival(9000)), true);
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom], [true, false]);
  assert.equal(inbox.takeWithheld(10).length, 2);
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom], [false, true]);
  assert.equal(inbox.takeOpen(10).length, 3);
  assert.equal(inbox.isEmpty, true);
});

Deno.test("Inbox counts what empty messages take, so that they fill it too", () => {
  const inbox = new Inbox({ maxMessages: 10, maxBytes: 10_000 });
  while (!inbox.isOverfull) inbox.add(arrival(0));
  assert.equal(inbox.takeWithheld(1000).length, 40);
});

Deno.test("Inbox has room again when the broker is to send everything again", () => {
  const inbox = new Inbox({ maxMessages: 10, maxBytes: 1000 });
  inbox.add(arrival(2000));
  inbox.dropWithheld();
  assert.deepEqual([inbox.isOverfull, inbox.hasRoom, inbox.isEmpty], [false, true, true]);
});
