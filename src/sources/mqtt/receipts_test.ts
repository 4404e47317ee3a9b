import assert from "node:assert/strict";
import { Receipts } from "./receipts.ts";

function fixture(): { receipts: Receipts; written: string[] } {
  const written: string[] = [];
  const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { receipts: new Receipts((bytes) => written.push(hex(bytes))), written };
}

const atLeastOnce = (packetId: number) => ({ qos: 1, packetId });
const exactlyOnce = (packetId: number) => ({ qos: 2, packetId });

Deno.test("Receipts writes PUBACK and PUBREC of a batch in order of arrival, in one write", () => {
  const { receipts, written } = fixture();
  receipts.owe([atLeastOnce(1), exactlyOnce(0x1234), atLeastOnce(2)])("acked");
  assert.deepEqual(written, ["40020001" + "50021234" + "40020002"]);
});

Deno.test("Receipts holds back a later batch until the earlier one is settled", () => {
  const { receipts, written } = fixture();
  const first = receipts.owe([atLeastOnce(1)]);
  receipts.owe([atLeastOnce(2)])("acked");
  assert.deepEqual(written, []);
  first("acked");
  assert.deepEqual(written, ["40020001" + "40020002"]);
});

Deno.test("Receipts gives none for a batch that was refused, and does not let it hold back others", () => {
  const { receipts, written } = fixture();
  receipts.owe([atLeastOnce(1)])("nacked");
  receipts.owe([atLeastOnce(2)])("acked");
  assert.deepEqual(written, ["40020002"]);
});

Deno.test("Receipts takes a QoS 2 message once, until the broker has released it", () => {
  const { receipts, written } = fixture();
  const message = exactlyOnce(7);
  assert.equal(receipts.isNew(message), true);
  assert.equal(receipts.isNew(message), false);
  assert.deepEqual(written, [], "PUBREC waits until the message is safe");
  receipts.owe([message])("acked");
  assert.equal(receipts.isNew(message), false);
  assert.deepEqual(written, ["50020007", "50020007"], "PUBREC is repeated");
  receipts.release(7);
  assert.equal(written.at(-1), "70020007");
  assert.equal(receipts.isNew(message), true);
});
