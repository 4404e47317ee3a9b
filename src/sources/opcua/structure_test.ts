import assert from "node:assert/strict";
import { decodeDataValue } from "./decode.ts";
import { builtInReader, enumerationReader, type Field, structureReader } from "./structure.ts";
import { type StructureReaders, WireReader } from "./wire_reader.ts";

function field(name: string, builtIn: number, more: Partial<Field> = {}): Field {
  return { name, read: builtInReader(builtIn) ?? assert.fail(), isArray: false, isOptional: false, ...more };
}

const [BYTE, STRING] = [3, 12];
const POINT = structureReader("all_fields", [field("x", BYTE), field("y", BYTE)]);

/** Text of a DataValue whose value is a structure with this body, of encoding ns=1;i=7. */
function textOf(body: string, read: ReturnType<typeof structureReader>): string | undefined {
  const structures: StructureReaders = { reader: (id) => id === "ns=1;i=7" ? read : undefined };
  const length = (body.length / 2).toString(16).padStart(2, "0") + "000000";
  const bytes = Uint8Array.fromHex("01" + "16" + "01010700" + "01" + length + body);
  return decodeDataValue(new WireReader(bytes, 0, structures)).text;
}

Deno.test("a structure is an object of its fields", () => {
  assert.equal(textOf("0102", POINT), '{"x":1,"y":2}');
});

Deno.test("a structure with arrays, structures and enumerations in it is nested", () => {
  const names = new Map([[1, "Running"]]);
  const read = structureReader("all_fields", [
    { name: "points", read: POINT, isArray: true, isOptional: false },
    { name: "none", read: POINT, isArray: true, isOptional: false },
    { name: "state", read: enumerationReader(names), isArray: false, isOptional: false },
    { name: "other", read: enumerationReader(names), isArray: false, isOptional: false },
  ]);
  const body = "02000000" + "01020304" + "ffffffff" + "01000000" + "09000000";
  assert.equal(
    textOf(body, read),
    '{"points":[{"x":1,"y":2},{"x":3,"y":4}],"none":null,"state":"Running_1","other":9}',
  );
});

Deno.test("optional fields that are left out are not in the object", () => {
  const fields = [field("a", BYTE, { isOptional: true }), field("b", BYTE), field("c", BYTE, { isOptional: true })];
  const read = structureReader("optional_fields", fields);
  assert.equal(textOf("02000000" + "0708", read), '{"b":7,"c":8}');
  assert.equal(textOf("00000000" + "07", read), '{"b":7}');
});

Deno.test("a union is an object of the field that it holds", () => {
  const read = structureReader("union", [field("number", BYTE), field("text", STRING)]);
  assert.equal(textOf("02000000" + "01000000" + "41", read), '{"text":"A"}');
  assert.equal(textOf("00000000", read), "{}");
});

for (const [what, body] of [["longer", "010203"], ["shorter", "01"]] as const) {
  Deno.test(`a structure that is ${what} than its definition stays the bytes that it is`, () => {
    const bytes = Uint8Array.fromHex(body).toBase64();
    assert.equal(textOf(body, POINT), `{"typeId":"ns=1;i=7","body":"${bytes}"}`);
  });
}

Deno.test("a structure that holds itself ends where values are nested too deeply", () => {
  const read: ReturnType<typeof structureReader> = structureReader("all_fields", [
    { name: "next", read: (reader) => read(reader), isArray: true, isOptional: false },
  ]);
  const body = "01000000".repeat(200) + "00000000";
  // More than 127 bytes: the length takes two of its four bytes.
  const bytes = Uint8Array.fromHex("01" + "16" + "01010700" + "01" + "24030000" + body);
  const { text } = decodeDataValue(new WireReader(bytes, 0, { reader: () => read }));
  assert.match(text ?? "", /^\{"typeId":"ns=1;i=7","body":/);
});
