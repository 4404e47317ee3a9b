import assert from "node:assert/strict";
import { sourceItem } from "../../../tests/fakes/gui_fixtures.ts";
import { filterIn, isWanted, searchFor } from "./source_filter.ts";

const ERROR = { code: "x", message: "Cannot connect: the device refuses", since: "2026-01-01T00:00:00.000Z" };
const ITEMS = [
  sourceItem("press_4"),
  sourceItem("oven", { protocol: "mqtt", endpoint: "mqtts://10.0.0.7:8883" }),
  sourceItem("meters", { protocol: "modbus", state: "waiting", last_error: ERROR }),
  sourceItem("old_line", { enabled: false, state: "disabled", last_error: ERROR }),
];
const found = (text: string, state = "") =>
  ITEMS.filter((item) => isWanted(item, { text, state })).map(({ name }) => name);

Deno.test("isWanted() finds sources by words of name, protocol, address, and of what is wrong now", () => {
  assert.deepEqual(found(""), ["press_4", "oven", "meters", "old_line"]);
  assert.deepEqual(found("PRESS"), ["press_4"]);
  assert.deepEqual(found(" mqtt 10.0 "), ["oven"]);
  assert.deepEqual(found("refuses"), ["meters"]);
  assert.deepEqual(found("press oven"), []);
});

Deno.test("isWanted() finds sources by how they stand", () => {
  assert.deepEqual(found("", "trouble"), ["meters"]);
  assert.deepEqual(found("", "connected"), ["press_4", "oven"]);
  assert.deepEqual(found("", "disabled"), ["old_line"]);
});

Deno.test("A filter is in the address of the page, and what is none there is left out", () => {
  const filter = { text: "line 4", state: "trouble" };
  assert.deepEqual(filterIn(searchFor(filter)), filter);
  assert.equal(searchFor({ text: "", state: "" }), "");
  assert.deepEqual(filterIn("?state=nonsense"), { text: "", state: "" });
});
