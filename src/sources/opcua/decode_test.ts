import assert from "node:assert/strict";
import fc from "fast-check";
import { DecodeError } from "../../core/error.ts";
import { decodeDataChange, decodeDataValue } from "./decode.ts";
import { hasOverflow } from "./status.ts";
import { WireReader } from "./wire_reader.ts";

/** A DataValue that holds only this Variant. */
function decodeVariant(hex: string) {
  return decodeDataValue(new WireReader(Uint8Array.fromHex("01" + hex)));
}

/**
 * Name, bytes of the Variant, built-in type, text, number. The bytes of the first group are those that asyncua 2.1.0
 * makes; the rest are written by hand after OPC UA Part 6, 5.2.2.
 */
const VARIANTS: readonly (readonly [string, string, string, string | undefined, number?])[] = [
  ["Boolean true", "0101", "Boolean", "true", 1],
  ["SByte minimum", "0280", "SByte", "-128", -128],
  ["Byte maximum", "03ff", "Byte", "255", 255],
  ["Int16 minimum", "040080", "Int16", "-32768", -32768],
  ["UInt16 maximum", "05ffff", "UInt16", "65535", 65535],
  ["Int32 minimum", "0600000080", "Int32", "-2147483648", -2147483648],
  ["UInt32 maximum", "07ffffffff", "UInt32", "4294967295", 4294967295],
  ["Int64 minimum", "080000000000000080", "Int64", "-9223372036854775808", -9223372036854775808],
  ["UInt64 maximum", "09ffffffffffffffff", "UInt64", "18446744073709551615", 18446744073709551615],
  ["Float", "0a0000003f", "Float", "0.5", 0.5],
  ["Double", "0b9a9999999999b93f", "Double", "0.1", 0.1],
  ["Double not a number", "0b000000000000f87f", "Double", "NaN", NaN],
  ["String beyond ASCII", "0c0d0000004772c3b6c39f65203520c2b56d", "String", "Größe 5 µm"],
  ["String empty", "0c00000000", "String", ""],
  ["DateTime with ticks", "0d1258b058283dda01", "DateTime", "2024-01-02T03:04:05.6789010Z"],
  ["Guid", "0e912b967275fae64a8d28b404dc7daf63", "Guid", "72962b91-fa75-4ae6-8d28-b404dc7daf63"],
  ["ByteString", "0f040000000001feff", "ByteString", "AAH+/w=="],
  ["XmlElement", "10080000003c613e313c2f613e", "XmlElement", "<a>1</a>"],
  ["NodeId of text", "11030200050000004d6f746f72", "NodeId", "ns=2;s=Motor"],
  ["ExpandedNodeId of two bytes", "120055", "ExpandedNodeId", "i=85"],
  ["StatusCode", "1300003480", "StatusCode", "BadNodeIdUnknown"],
  ["QualifiedName", "140200050000005370656564", "QualifiedName", "Speed"],
  [
    "DataValue[] of an array and of text",
    "9702000000038102000000010000000000030c010000002200000000",
    "DataValue[]",
    '[{"value":{"type":"Boolean[]","value":[true,false]},"status":"Good"},' +
    '{"value":{"type":"String","value":"\\""},"status":"Good"}]',
  ],
  [
    "Variant[] of a matrix",
    "9801000000c3020000000102020000000200000001000000",
    "Variant[]",
    '[{"type":"Byte[]","value":[[1],[2]]}]',
  ],

  ["Null", "00", "Null", undefined],
  ["Boolean of any byte but zero", "0102", "Boolean", "true", 1],
  ["Double minus zero", "0b0000000000000080", "Double", "-0", -0],
  ["Double minus infinity", "0b000000000000f0ff", "Double", "-Infinity", -Infinity],
  ["String null", "0cffffffff", "String", undefined],
  ["DateTime before 1970", "0d0100000000000000", "DateTime", "1601-01-01T00:00:00.0000001Z"],
  ["DateTime latest", "0dffffffffffffff7f", "DateTime", "+030828-09-14T02:48:05.4775807Z"],
  ["ByteString null", "0fffffffff", "ByteString", undefined],
  ["NodeId of four bytes", "1101020500", "NodeId", "ns=2;i=5"],
  ["NodeId of a number", "1102030000000100", "NodeId", "ns=3;i=65536"],
  [
    "NodeId of a Guid",
    "11040100912b967275fae64a8d28b404dc7daf63",
    "NodeId",
    "ns=1;g=72962b91-fa75-4ae6-8d28-b404dc7daf63",
  ],
  ["NodeId of bytes", "1105010002000000cafe", "NodeId", "ns=1;b=yv4="],
  [
    "ExpandedNodeId with URI and server",
    "12c1000700" + "03000000753b76" + "02000000",
    "ExpandedNodeId",
    "svr=2;nsu=u%3Bv;i=7",
  ],
  ["StatusCode with info bits", "1380040000", "StatusCode", "0x00000480"],
  ["LocalizedText without locale", "15020100000061", "LocalizedText", "a"],
  ["LocalizedText null", "1500", "LocalizedText", undefined],
  [
    "ExtensionObject with a body",
    "1601007603" + "01" + "02000000cafe",
    "ExtensionObject",
    '{"typeId":"i=886","body":"yv4="}',
  ],
  ["ExtensionObject null", "16000000", "ExtensionObject", undefined],
  [
    "DataValue",
    "17" + "0f" + "0605000000" + "00003480" + "1258b058283dda01" + "1258b058283dda01",
    "DataValue",
    '{"value":{"type":"Int32","value":5},"status":"BadNodeIdUnknown",' +
    '"sourceTimestamp":"2024-01-02T03:04:05.6789010Z","serverTimestamp":"2024-01-02T03:04:05.6789010Z"}',
  ],
  [
    "Variant[] keeps types",
    "98" + "02000000" + "0605000000" + "0101",
    "Variant[]",
    '[{"type":"Int32","value":5},{"type":"Boolean","value":true}]',
  ],
  [
    "Variant[] of an array and a matrix",
    "98" + "02000000" + "8602000000" + "01000000" + "02000000" + "c302000000" + "0102" + "02000000" +
    "0200000001000000",
    "Variant[]",
    '[{"type":"Int32[]","value":[1,2]},{"type":"Byte[]","value":[[1],[2]]}]',
  ],
  [
    "Variant[] of a structure and of what has none",
    "98" + "03000000" + "1601007603" + "01" + "02000000cafe" + "16000000" + "00",
    "Variant[]",
    '[{"type":"ExtensionObject","value":{"typeId":"i=886","body":"yv4="}},{"type":"ExtensionObject","value":null},null]',
  ],
  [
    "Variant[] of a Variant[]",
    "98" + "01000000" + "98" + "01000000" + "8602000000" + "01000000" + "02000000",
    "Variant[]",
    '[{"type":"Variant[]","value":[{"type":"Int32[]","value":[1,2]}]}]',
  ],
  [
    "DataValue[] of an array, of text in quotes and of a DataValue",
    "97" + "03000000" + "01" + "8102000000" + "0100" + "01" + "0c01000000" + "22" + "01" + "17" + "01" + "0101",
    "DataValue[]",
    '[{"value":{"type":"Boolean[]","value":[true,false]}},{"value":{"type":"String","value":"\\""}},' +
    '{"value":{"type":"DataValue","value":{"value":{"type":"Boolean","value":true}}}}]',
  ],
  [
    "ExtensionObject[] of XML and without a body",
    "96" + "02000000" + "01007603" + "02" + "040000003c612f3e" + "01007603" + "00",
    "ExtensionObject[]",
    '[{"typeId":"i=886","xml":"<a/>"},{"typeId":"i=886"}]',
  ],
  ["DiagnosticInfo", "1911" + "07000000" + "0100000078", "DiagnosticInfo", '{"symbolicId":7,"additionalInfo":"x"}'],

  ["Int32[]", "8602000000" + "01000000" + "feffffff", "Int32[]", "[1,-2]"],
  ["Double[] with what JSON has no number for", "8b01000000" + "000000000000f87f", "Double[]", '["NaN"]'],
  ["Int64[] as text", "8801000000" + "0000000000000080", "Int64[]", '["-9223372036854775808"]'],
  ["String[] with null", "8c02000000" + "ffffffff" + "0100000061", "String[]", '[null,"a"]'],
  ["Boolean[] empty", "8100000000", "Boolean[]", "[]"],
  ["Byte[] null", "83ffffffff", "Byte[]", undefined],
  [
    "Byte matrix of 2 x 3, the last dimension fastest",
    "c306000000" + "010203040506" + "02000000" + "0200000003000000",
    "Byte[]",
    "[[1,2,3],[4,5,6]]",
  ],
  ["matrix without elements", "c300000000" + "02000000" + "ffffff7f00000000", "Byte[]", "[]"],
  [
    "Byte cube",
    "c308000000" + "0102030405060708" + "03000000" + "020000000200000002000000",
    "Byte[]",
    "[[[1,2],[3,4]],[[5,6],[7,8]]]",
  ],
];

for (const [name, hex, type, text, number] of VARIANTS) {
  Deno.test(`decodeDataValue() reads ${name}`, () => {
    const value = decodeVariant(hex);
    assert.deepEqual([value.valueType, value.text, value.number], [type, text, number]);
    assert.equal(value.raw?.toHex(), hex, "raw is the server's own encoding");
  });
}

Deno.test("decodeDataValue() truncates 100 ns ticks to microseconds and leaves picoseconds out", () => {
  const value = decodeDataValue(
    new WireReader(Uint8Array.fromHex("3c" + "1958b058283dda01" + "ffff" + "1258b058283dda01" + "0100")),
  );
  assert.equal(value.sourceTimeUs, 1_704_164_645_678_901);
  assert.equal(value.serverTimeUs, 1_704_164_645_678_901);
});

Deno.test("decodeDataValue() takes the earliest and the latest time as not known", () => {
  const value = decodeDataValue(new WireReader(Uint8Array.fromHex("0c" + "0000000000000000" + "ffffffffffffff7f")));
  assert.equal(value.sourceTimeUs, undefined);
  assert.equal(value.serverTimeUs, undefined);
});

Deno.test("decodeDataValue() gives any time to the microsecond", () => {
  fc.assert(fc.property(fc.bigInt({ min: 1n, max: 2_650_467_743_990_000_000n }), (ticks) => {
    const bytes = new Uint8Array(9);
    bytes[0] = 4;
    new DataView(bytes.buffer).setBigInt64(1, ticks, true);
    const expected = ticks / 10n - 11_644_473_600_000_000n;
    assert.equal(decodeDataValue(new WireReader(bytes)).sourceTimeUs, Number(expected));
  }));
});

Deno.test("decodeDataValue() keeps a bad value, its whole status code and its name", () => {
  const value = decodeDataValue(new WireReader(Uint8Array.fromHex("02" + "80043480")));
  assert.equal(value.statusCode, 0x80340480);
  assert.equal(value.status, "BadNodeIdUnknown");
  assert.deepEqual([value.valueType, value.text, value.raw], [undefined, undefined, undefined]);
  assert.ok(hasOverflow(value.statusCode));
});

Deno.test("decodeDataValue() keeps a status code that the standard does not name", () => {
  const value = decodeDataValue(new WireReader(Uint8Array.fromHex("02" + "2301ff8f")));
  assert.equal(value.statusCode, 0x8fff0123);
  assert.equal(value.status, "0x8FFF0000");
});

Deno.test("hasOverflow() wants the info type DataValue beside the bit", () => {
  assert.equal(hasOverflow(0x00000480), true);
  assert.equal(hasOverflow(0x00000080), false);
  assert.equal(hasOverflow(0x00000400), false);
});

Deno.test("decodeDataChange() reads values by handle and ends after the diagnostics", () => {
  const message = "ee" + "02000000" + "07000000" + "010101" + "08000000" + "010100" + "01000000" + "0107000000" + "ff";
  const { values, end } = decodeDataChange(Uint8Array.fromHex(message), 1);
  assert.deepEqual(values.map(({ handle, value }) => [handle, value.text]), [[7, "true"], [8, "false"]]);
  assert.equal(end, message.length / 2 - 1);
});

const MALFORMED = {
  "ends too early": "0b0000",
  "has an array that cannot fit": "86ffffff7f",
  "has a type that does not exist": "20",
  "has dimensions that do not fit": "c302000000" + "0102" + "02000000" + "0200000003000000",
  "has a negative dimension": "c301000000" + "01" + "02000000" + "ffffffffffffffff",
  "has dimensions without number": "c301000000" + "01" + "21000000" + "01000000".repeat(33),
  "is nested without end": "18".repeat(200) + "00",
  "has a node id of no known kind": "1106",
  "is an array without a type": "8001000000",
};

for (const [what, hex] of Object.entries(MALFORMED)) {
  Deno.test(`decodeDataValue() throws DecodeError when a value ${what}`, () => {
    assert.throws(() => decodeVariant(hex), DecodeError);
  });
}

/** A DataChangeNotification of these values, handles 1, 2, 3 …, each Variant in hexadecimal. */
function notificationOf(variants: readonly string[]): Uint8Array {
  const int32 = (value: number) => new Uint8Array(Int32Array.of(value).buffer).toHex();
  const items = variants.map((hex, i) => int32(i + 1) + "01" + hex);
  return Uint8Array.fromHex(int32(variants.length) + items.join("") + "ffffffff");
}

for (
  const what of ["has dimensions that do not fit", "has a negative dimension", "is an array without a type"] as const
) {
  Deno.test(`decodeDataChange() refuses a value alone that ${what}`, () => {
    const bytes = notificationOf(["0101", MALFORMED[what], "0100"]);
    const { values, refusals, end } = decodeDataChange(bytes, 0);
    assert.deepEqual(values.map(({ handle, value }) => [handle, value.text]), [[1, "true"], [3, "false"]]);
    assert.deepEqual(refusals.map(({ handle, bytes }) => [handle, bytes.toHex()]), [[2, "01" + MALFORMED[what]]]);
    assert.equal(refusals[0]?.reason.code, "opcua_malformed");
    assert.equal(end, bytes.length);
  });
}

Deno.test("decodeDataChange() keeps what came before a value whose end cannot be found", () => {
  const bytes = notificationOf(["0101", "20", "0100"]);
  const { values, refusals, end } = decodeDataChange(bytes, 0);
  assert.deepEqual(values.map(({ handle }) => handle), [1]);
  assert.deepEqual(refusals.map(({ handle, bytes }) => [handle, bytes.length]), [[2, 2 + 4 + 3 + 4]]);
  assert.match(
    refusals[0]?.reason.message ?? "",
    /32 is not the number of a type; values after it that cannot be found: 1$/,
  );
  assert.equal(end, bytes.length);
});

Deno.test("decodeDataChange() makes no text of arrays without a type, however many a message claims", () => {
  const count = 6500;
  const bytes = new Uint8Array(8 + count * 10);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, count, true);
  for (let i = 0, at = 4; i < count; i++, at += 10) {
    view.setUint32(at, i, true);
    view.setUint16(at + 4, 0x8001, true);
    view.setInt32(at + 6, bytes.length - at - 10, true);
  }
  view.setInt32(bytes.length - 4, -1, true);
  const { values, refusals } = decodeDataChange(bytes, 0);
  assert.deepEqual([values.length, refusals.length], [0, count]);
});

Deno.test("decodeDataChange() makes at most 64 MiB of text of one message", () => {
  const nested = "98" + "00000300" + "0101".repeat(0x30000); // 19 MB: twice 6 MB of text, and 6 MB for objects
  const { values, refusals } = decodeDataChange(notificationOf([nested, nested, nested, nested, nested]), 0);
  assert.deepEqual([values.length, refusals.length], [3, 1]);
  assert.match(refusals[0]?.reason.message ?? "", /more than 67108864 characters/);
});

Deno.test("decodeDataValue() counts the brackets of a matrix as text", () => {
  const elements = 0x200000;
  const hex = "c3" + "00002000" + "00".repeat(elements) + "20000000" + "00002000" + "01000000".repeat(31);
  assert.throws(() => decodeVariant(hex), /more than 67108864 characters/);
});

Deno.test("decodeDataChange() of any bytes accounts for all of them and never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const { refusals, end } = decodeDataChange(bytes, 0);
      assert.ok(end <= bytes.length);
      for (const { reason } of refusals) assert.ok(reason instanceof DecodeError, String(reason));
    }),
    { numRuns: 2000 },
  );
});
