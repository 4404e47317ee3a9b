import assert from "node:assert/strict";
import { sourceNow, statusAt } from "../../../tests/fakes/gui_fixtures.ts";
import { ratesOf } from "./status.ts";

const SOURCES = { a: sourceNow({ records_read: 100 }) };

Deno.test("ratesOf() counts readings a second between two looks", () => {
  assert.deepEqual([...ratesOf(statusAt(0, SOURCES, 50), statusAt(2, SOURCES, 50))], [["a", 50]]);
});

Deno.test("ratesOf() keeps the rates of before for two looks at the same time", () => {
  const rates = new Map([["a", 7]]);
  assert.equal(ratesOf(statusAt(1, SOURCES), statusAt(1, SOURCES), rates), rates);
});

Deno.test("ratesOf() takes a counter that went back for one that began anew", () => {
  const now = statusAt(1, { a: sourceNow({ records_read: 3 }) }, 0);
  assert.deepEqual([...ratesOf(statusAt(0, SOURCES, 0), now)], [["a", 0]]);
});
