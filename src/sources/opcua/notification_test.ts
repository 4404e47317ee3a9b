import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { DataChangeNotification } from "node-opcua-client";
import { decodedBy } from "./notification.ts";

await hostNameAsked();

/** What the library hands to `decode`. */
interface Stream {
  readonly buffer: Uint8Array;
  length: number;
}

/** A notification of one Boolean, with the length that its ExtensionObject writes before it. */
const ONE = "0f000000" + "01000000" + "07000000" + "010101" + "ffffffff";

/** Reads the notification whose length stands at `stream.length`. */
function readNext(stream: Stream): DataChangeNotification {
  stream.length += 4;
  const notification = new DataChangeNotification();
  // The stream's type is not exported.
  (notification as unknown as { decode(stream: Stream): void }).decode(stream);
  return notification;
}

Deno.test("DataChangeNotification copies no more of a message than itself", () => {
  const stream = { buffer: Uint8Array.fromHex(ONE.repeat(100)), length: 0 };
  let copied = 0;
  for (let i = 0; i < 100; i++) {
    const [item] = decodedBy(readNext(stream)).values ?? [];
    assert.deepEqual([item?.handle, item?.value.text], [7, "true"]);
    assert.notEqual(item?.value.raw?.buffer, stream.buffer.buffer);
    copied += item?.value.raw?.buffer.byteLength ?? NaN;
  }
  assert.equal(stream.length, stream.buffer.length);
  assert.ok(copied <= stream.buffer.length, `${copied} bytes`);
});

Deno.test("DataChangeNotification ends where its length says, whatever is in it", () => {
  const stream = { buffer: Uint8Array.fromHex("03000000" + "0000ff" + ONE), length: 0 };
  assert.deepEqual(decodedBy(readNext(stream)).refusals?.map(({ bytes }) => bytes.length), [3]);
  assert.deepEqual(decodedBy(readNext(stream)).values?.map(({ handle }) => handle), [7]);
});

Deno.test("DataChangeNotification whose length is beyond the message ends with it", () => {
  const stream = { buffer: Uint8Array.fromHex("ffffffff" + ONE.slice(8)), length: 0 };
  assert.equal(decodedBy(readNext(stream)).values?.length, 1);
  assert.equal(stream.length, stream.buffer.length);
});
