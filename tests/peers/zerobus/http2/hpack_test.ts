import assert from "node:assert/strict";
import { encodeHeaders, type Header, HpackDecoder } from "./hpack.ts";

function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

const FIRST: Header[] = [[":method", "GET"], [":scheme", "http"], [":path", "/"], [":authority", "www.example.com"]];
const SECOND: Header[] = [...FIRST, ["cache-control", "no-cache"]];
const THIRD: Header[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/index.html"],
  [":authority", "www.example.com"],
  ["custom-key", "custom-value"],
];

for (
  const [what, blocks] of [
    ["plain (RFC 7541, C.3)", [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ]],
    ["Huffman-coded (RFC 7541, C.4)", [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ]],
  ] as const
) {
  Deno.test(`HpackDecoder reads three requests of one connection, ${what}`, () => {
    const decoder = new HpackDecoder();
    assert.deepEqual(blocks.map((block) => decoder.decode(bytes(block))), [FIRST, SECOND, THIRD]);
  });
}

Deno.test("HpackDecoder forgets the oldest headers when the table is made smaller", () => {
  const decoder = new HpackDecoder();
  decoder.decode(bytes("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"));
  assert.deepEqual(decoder.decode(bytes("be")), [[":authority", "www.example.com"]]);
  assert.throws(() => decoder.decode(bytes("20 be")), RangeError);
});

for (
  const [what, block] of [
    ["an entry that is not there", "c0"],
    ["a string that is cut short", "0003 6162"],
    ["Huffman padding that is not all ones", "0081 18 00"],
    ["a table larger than allowed", "3fe2 1f"],
  ] as const
) {
  Deno.test(`HpackDecoder refuses ${what}`, () => {
    assert.throws(() => new HpackDecoder().decode(bytes(block)), RangeError);
  });
}

Deno.test("encodeHeaders() writes what HpackDecoder reads, long values too", () => {
  const headers = {
    ":status": "200",
    "grpc-message": "x".repeat(126),
    "x-long": "y".repeat(5000),
    "x-127": "z".repeat(127),
  };
  assert.deepEqual(new HpackDecoder().decode(encodeHeaders(headers)), Object.entries(headers));
});
