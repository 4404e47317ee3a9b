import assert from "node:assert/strict";
import fc from "fast-check";
import { type BronzeValue, decodeRow, encodeRow, MQTT, parseValue, TEXT_OF_TYPE, textOfValue } from "./mod.ts";

const row = fc.record({
  event_time: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  topic: fc.string({ unit: "grapheme" }),
  value: fc.double(),
  qos: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  retain: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 9 }),
}, { requiredKeys: [] });

Deno.test("parseValue() reads every value that textOfValue() wrote, of each type", () => {
  fc.assert(fc.property(row, (written) => {
    const decoded = decodeRow(MQTT, encodeRow(MQTT, written));
    const again = Object.entries(decoded).map(([name, value]): [string, BronzeValue | undefined] => {
      const field = MQTT.fields.find((each) => each.name === name) ?? assert.fail(name);
      return [name, parseValue(field.type, textOfValue(value))];
    });
    assert.deepEqual(Object.fromEntries(again), decoded);
  }));
});

const REFUSED = {
  int32: ["", "1.5", "2147483648", "-2147483649", "1e3", "0x1", " 1", "one"],
  int64: ["", "9223372036854775808", "99999999999999999999999", "1n"],
  bool: ["", "1", "TRUE", "yes"],
  double: ["", "1,5", "1e999", "nan", "0x1", "--1"],
  string: [],
  bytes: ["*", "AQ=", "a-b_"],
} as const;

for (const [type, texts] of Object.entries(REFUSED) as [keyof typeof TEXT_OF_TYPE, readonly string[]][]) { // its own keys
  Deno.test(`parseValue() takes for ${type} nothing but ${TEXT_OF_TYPE[type]}`, () => {
    for (const text of texts) assert.equal(parseValue(type, text), undefined, text);
  });
}

Deno.test("parseValue() takes whole numbers as far as their type goes", () => {
  assert.equal(parseValue("int32", "+2147483647"), 2147483647);
  assert.equal(parseValue("int64", "-9223372036854775808"), -(2n ** 63n));
  assert.equal(parseValue("double", ".5e1"), 5);
});
