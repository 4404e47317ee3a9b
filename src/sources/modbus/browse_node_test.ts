import assert from "node:assert/strict";
import { browseNode, type Found } from "./browse_node.ts";
import { browsePlaceText, parseBrowsePlace } from "./browse_place.ts";
import { modbusSettings } from "./settings.ts";

const SETTINGS = modbusSettings.parse({ slave_id: 3 });

/** 12.5 as a float32 in the order CDAB. */
const FOUND: Found = {
  place: parseBrowsePlace("holding:40", 3),
  address: 40,
  value: 0x0000,
  next: 0x4148,
  timeUs: 1_700_000_000_000_000,
};

/** `float32 CDAB: 12.5`, for each alternative. */
function alternativesOf(found: Found): string[] {
  const { alternatives = [] } = browseNode(found, SETTINGS);
  return alternatives.map(({ dataType, sample }) => `${dataType}: ${sample?.value}`);
}

Deno.test("browseNode() shows a register as it is, with its bits, and the entry that reads it", () => {
  const { alternatives: _, ...node } = browseNode({ ...FOUND, value: 0x4148 }, SETTINGS);
  assert.deepEqual(node, {
    id: "holding:40",
    name: "40",
    kind: "register",
    hasChildren: false,
    dataType: "uint16",
    sample: { value: "16712", timeUs: 1_700_000_000_000_000 },
    configure: { list: "registers", entry: { name: "holding_40", address: 40 } },
    facts: { hex: "0x4148", bits: "0100000101001000" },
  });
});

Deno.test("browseNode() shows a register and the one behind it in every order", () => {
  assert.deepEqual(alternativesOf(FOUND), [
    "int16: 0",
    "bcd16: 0",
    "float16: 0",
    "int32 ABCD: 16712",
    "int32 CDAB: 1095237632",
    "int32 BADC: 18497",
    "int32 DCBA: 1212219392",
    "float32 ABCD: 2.3418499935796343e-41",
    "float32 CDAB: 12.5",
    "float32 BADC: 2.591981769461614e-41",
    "float32 DCBA: 197632",
  ]);
});

Deno.test("browseNode() shows 32 bits as unsigned where that makes a difference", () => {
  const shown = alternativesOf({ ...FOUND, value: 0xffff, next: 0x0001 }).filter((text) => text.includes("int32"));
  assert.deepEqual(shown, [
    "int32 ABCD: -65535",
    "int32 CDAB: 131071",
    "int32 BADC: -65280",
    "int32 DCBA: 16842751",
    "uint32 ABCD: 4294901761",
    "uint32 BADC: 4294902016",
  ]);
});

Deno.test("browseNode() gives the entry that reads what an alternative shows", () => {
  const { alternatives = [] } = browseNode(FOUND, SETTINGS);
  const chosen = alternatives.find(({ dataType }) => dataType === "float32 CDAB");
  assert.deepEqual(chosen?.configure.entry, {
    name: "holding_40",
    address: 40,
    data_type: "float32",
    word_order: "little",
  });
});

Deno.test("browseNode() shows a register alone where the one behind it is not there, and no BCD where it is none", () => {
  assert.deepEqual(alternativesOf({ ...FOUND, value: 0xfffe, next: undefined }), ["int16: -2", "float16: NaN"]);
});

Deno.test("browseNode() gives an entry that means this address, table and unit in this source", () => {
  const place = parseBrowsePlace("7/coil:40001", 3);
  const { configure, id } = browseNode({ ...FOUND, place, address: 40_001, value: 1 }, SETTINGS);
  assert.equal(id, "7/coil:40001");
  assert.deepEqual(configure?.entry, {
    name: "unit_7_coil_40001",
    address: 40_001,
    addressing: "zero_based",
    register_type: "coil",
    slave_id: 7,
  });
});

for (const text of ["holding", "coil:0", "input:100-199", "7/discrete:65535", "0/holding"]) {
  Deno.test(`parseBrowsePlace() reads ${text}`, () => {
    assert.equal(browsePlaceText(parseBrowsePlace(text, 1), 1), text);
  });
}

for (const text of ["", "registers", "holding:", "holding:9-3", "holding:65536", "256/holding", "1/2/holding"]) {
  Deno.test(`parseBrowsePlace() says how places are written where it gets ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseBrowsePlace(text, 1), {
      code: "browse_no_place",
      message: /write a table \(holding, input/,
    });
  });
}
