import assert from "node:assert/strict";
import { DecodeError } from "../../core/error.ts";
import { decodeDataValue } from "./decode.ts";
import { Inbox } from "./inbox.ts";
import { type OpcuaReading, toReading } from "./reading.ts";
import { WireReader } from "./wire_reader.ts";

const NEVER = new AbortController().signal;
const TAG = { name: "oven", nodeId: "ns=2;s=Oven", namespace: 2, browsePath: undefined, labels: {} };

/** A reading of a text of so many characters. */
function reading(characters: number): OpcuaReading {
  const bytes = new Uint8Array(6 + characters).fill(0x78);
  bytes.set([1, 0x0c]);
  new DataView(bytes.buffer).setInt32(2, characters, true);
  return toReading(TAG, decodeDataValue(new WireReader(bytes)), 0);
}

function refusal(bytes: number) {
  const reason = new DecodeError("test", "not to be decoded");
  return { tag: "oven", eventTimeUs: 0, payload: new Uint8Array(bytes), reason };
}

const LIMITS = { values: 10, bytes: 10_000 };

Deno.test("Inbox is full at its limit of values, refusals among them", () => {
  const inbox = new Inbox(LIMITS);
  inbox.put(Array.from({ length: 9 }, () => reading(1)));
  assert.equal(inbox.isFull, false);
  inbox.refuse(refusal(1));
  assert.equal(inbox.isFull, true);
});

Deno.test("Inbox is full at its limit of bytes, by text and encoding of values, and by refusals", async () => {
  const inbox = new Inbox(LIMITS);
  inbox.put([reading(4000)]);
  assert.equal(inbox.isFull, false);
  inbox.put([reading(1000)]);
  assert.equal(inbox.isFull, true);
  await inbox.take(LIMITS, NEVER);
  inbox.refuse(refusal(10_000));
  assert.equal(inbox.isFull, true);
  await inbox.take(LIMITS, NEVER);
  assert.equal(inbox.isFull, false);
});

Deno.test("Inbox hands over as much as is asked for, one at least, and keeps the order", async () => {
  const inbox = new Inbox(LIMITS);
  inbox.put([5000, 1, 2, 3, 6000].map(reading));
  inbox.refuse(refusal(1));
  const taken: number[][] = [];
  for (let i = 0; i < 4; i++) {
    const { readings, refusals } = await inbox.take({ values: 2, bytes: 5000 }, NEVER);
    taken.push([...readings.map(({ value }) => value.text?.length ?? NaN), ...refusals.map(() => 0)]);
  }
  assert.deepEqual(taken, [[5000, 0], [1, 2], [3], [6000]]);
});
