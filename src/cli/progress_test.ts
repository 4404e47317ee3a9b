import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { ProgressBar, progressLine } from "./progress.ts";

const LINES: readonly (readonly [done: number, of: number, elapsedMs: number, line: string])[] = [
  [0, 1000, 0, "[------------------------] 0% 0 of 1k rows"],
  [250, 1000, 1000, "[######------------------] 25% 250 of 1k rows 250/s 0:03 left"],
  [999, 1000, 1000, "[#######################-] 99% 999 of 1k rows 999/s 0:01 left"],
  [1000, 1000, 2000, "[########################] 100% 1k of 1k rows 500/s 0:00 left"],
  [1500, 1000, 1000, "[########################] 100% 1.5k of 1k rows 1.5k/s 0:00 left"],
  [0, 0, 1000, "[------------------------] 0% 0 of 0 rows"],
  [1_234_567, 98_765_432, 10_000, "[------------------------] 1% 1.23M of 98.8M rows 123k/s 13:11 left"],
  [1, 20_000_000_000, 1000, "[------------------------] 0% 1 of 20G rows 1/s 5555555:33:19 left"],
];

for (const [done, of, elapsedMs, line] of LINES) {
  Deno.test(`progressLine() of ${done} of ${of} after ${elapsedMs} ms`, () => {
    assert.equal(progressLine({ done, of, unit: "rows" }, elapsedMs), line);
  });
}

Deno.test("ProgressBar draws ten times a second at most, and takes its line away for other text", async () => {
  const clock = new FakeClock();
  const written: string[] = [];
  const bar = new ProgressBar((text) => void written.push(text), clock);
  bar.clear();
  assert.equal(written.length, 0, "there is nothing to take away");
  for (let done = 0; done < 30; done++) {
    bar.show({ done, of: 30, unit: "rows" });
    await clock.advance(10);
  }
  assert.deepEqual(written.map((text) => text.match(/(\d+) of 30 rows/)?.[1]), ["0", "10", "20"]);
  bar.clear();
  bar.clear();
  assert.deepEqual(written.slice(3), ["\r\u001b[K"]);
});
