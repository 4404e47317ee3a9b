import assert from "node:assert/strict";
import { sourceNow } from "../../../tests/fakes/gui_fixtures.ts";
import { healthTold } from "./levels.ts";

Deno.test("healthTold() calls what has no source to read from by that, and not healthy", () => {
  const reading = { press: sourceNow() };
  assert.equal(healthTold({ status: "ok", sources: reading }).text, "Healthy");
  assert.equal(healthTold({ status: "ok", sources: {} }).text, "No source to read from yet");
  assert.equal(
    healthTold({ status: "ok", sources: { press: sourceNow({ state: "disabled" }) } }).text,
    "No source to read from yet",
  );
  assert.equal(healthTold({ status: "down", sources: {} }).text, "Down");
});
