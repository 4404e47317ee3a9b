import assert from "node:assert/strict";
import { rangeFaults } from "./lab_range.ts";

Deno.test("rangeFaults() says at each field which numbers it takes, and leaves the unit to the source", () => {
  assert.deepEqual(rangeFaults({ unit: "", address: "40001", count: "250" }), {});
  assert.deepEqual(rangeFaults({ unit: "255", address: " 0 ", count: "1" }), {});
  assert.deepEqual(rangeFaults({ unit: "300", address: "abc", count: "999" }), {
    unit: "This must be a whole number from 0 to 255",
    address: "This must be a whole number from 0 to 465536",
    count: "This must be a whole number from 1 to 250",
  });
  assert.deepEqual(Object.keys(rangeFaults({ unit: "1.5", address: "", count: "0" })), ["unit", "address", "count"]);
});
