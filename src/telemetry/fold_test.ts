import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { Fold } from "./fold.ts";

Deno.test("Fold writes the first line of a minute, and the next one says how many it stands for", async () => {
  const clock = new FakeClock();
  const fold = new Fold(clock);
  assert.deepEqual([fold.take("a"), fold.take("a"), fold.take("a")], [1, undefined, undefined]);
  await clock.advance(60_000);
  assert.equal(fold.take("a"), 3);
});

Deno.test("Fold keeps a thousand keys apart and folds the rest together, however many there are", async () => {
  const clock = new FakeClock();
  const fold = new Fold(clock);
  let lines = 0;
  for (let round = 0; round < 3; round++) {
    for (let key = 0; key < 5000; key++) if (fold.take(`k${key}`) !== undefined) lines++;
  }
  assert.equal(lines, 1001);
  await clock.advance(60_000);
  assert.equal(fold.take("k0"), 3);
});
