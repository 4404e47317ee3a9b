import assert from "node:assert/strict";
import { InFlight } from "./in_flight.ts";

const batch = { rows: [], bytes: 10 };

Deno.test("InFlight.idle() resolves once everything is back, for all who asked, and at once when nothing is away", async () => {
  const inFlight = new InFlight(100);
  await inFlight.idle();
  inFlight.add(batch);
  inFlight.add(batch);
  const asked = [inFlight.idle(), inFlight.idle()];
  inFlight.remove(batch);
  assert.equal(await Promise.race([...asked, Promise.resolve("busy")]), "busy");
  inFlight.remove(batch);
  await Promise.all(asked);
  inFlight.add(batch);
  assert.equal(await Promise.race([inFlight.idle(), Promise.resolve("busy")]), "busy");
});

Deno.test("InFlight keeps one promise for all who ask, however often the way is busy", () => {
  const inFlight = new InFlight(100);
  inFlight.add(batch);
  assert.equal(inFlight.idle(), inFlight.idle());
});
