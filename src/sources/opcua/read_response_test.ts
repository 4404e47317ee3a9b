import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { WriteValue } from "node-opcua-client";
import { decodeReadResponse, perform } from "./read_response.ts";

await hostNameAsked();

/** A ResponseHeader: time, request 7, Good, no diagnostics, a string table of one, nothing added. */
const HEADER = "0080bb1c4c8cda01" + "07000000" + "00000000" + "00" + "01000000" + "02000000" + "6869" + "000000";

Deno.test("decodeReadResponse() gives values the handles in whose order they were asked for", () => {
  const bytes = Uint8Array.fromHex(HEADER + "02000000" + "010101" + "0200003480" + "ffffffff");
  const { values, refusals, end } = decodeReadResponse(bytes, [4, 9]);
  assert.deepEqual(values.map(({ handle, value: { text, status } }) => [handle, text, status]), [
    [4, "true", "Good"],
    [9, undefined, "BadNodeIdUnknown"],
  ]);
  assert.deepEqual([refusals, end], [[], bytes.length]);
});

Deno.test("decodeReadResponse() refuses a value that it cannot decode, and keeps those before it", () => {
  const bytes = Uint8Array.fromHex(HEADER + "02000000" + "010101" + "013f");
  const { values, refusals } = decodeReadResponse(bytes, [4, 9]);
  assert.deepEqual(values.map(({ handle }) => handle), [4]);
  assert.deepEqual(refusals.map(({ handle }) => handle), [9]);
});

Deno.test("perform() sends nothing that is no ReadRequest", () => {
  let sent = 0;
  const session = { performMessageTransaction: () => sent++ };
  const request = new WriteValue(); // what could hold a write
  assert.throws(() => perform(session as never, request as never), TypeError);
  assert.equal(sent, 0);
});
