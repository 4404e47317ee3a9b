import assert from "node:assert/strict";
import { sourceNow } from "../../../tests/fakes/gui_fixtures.ts";
import { healthTold, isOver } from "./levels.ts";

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

Deno.test("isOver() takes an error for over once a reading came, not once the device took a connection", () => {
  const since = "2026-03-01T12:00:00Z";
  assert.equal(isOver({ state: "connected", since, lastReading: null }), false);
  assert.equal(isOver({ state: "connected", since, lastReading: "2026-03-01T11:59:00Z" }), false);
  assert.equal(isOver({ state: "waiting", since, lastReading: "2026-03-01T12:01:00Z" }), false);
  assert.equal(isOver({ state: "connected", since, lastReading: "2026-03-01T12:01:00Z" }), true);
});
