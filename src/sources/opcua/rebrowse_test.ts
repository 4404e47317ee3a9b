import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { isBreak } from "./errors.ts";
import { nodeSettings } from "./node_settings.ts";
import { keepLookingAgain } from "./rebrowse.ts";

/** Paths that are looked through every 10 and every 25 s, as `outcome` says; when, in seconds, and how many. */
function begin(outcome: (at: number) => Promise<void>) {
  const clock = new FakeClock();
  const end = new AbortController();
  const looks: string[] = [];
  const entries = [10, 25, 0].map((seconds) =>
    nodeSettings.parse({ browse_path: "0:Root/0:Objects/1:Area", rebrowse_interval_seconds: seconds })
  );
  const looking = keepLookingAgain([...entries, nodeSettings.parse({ node_id: "i=1" })], {
    clock,
    canAsk: () => true,
    lookAgain(due) {
      const at = clock.monotonicMs() / 1000;
      looks.push(`${at}: ${due.length}`);
      return outcome(at);
    },
    leave(error) {
      if (!isBreak(error)) throw error;
    },
    signal: end.signal,
  });
  return { clock, looks, looking, end };
}

Deno.test("keepLookingAgain() has each path looked through at its own interval", async () => {
  const { clock, looks, looking, end } = begin(() => Promise.resolve());
  await clock.advance(51_000);
  end.abort();
  await looking;
  assert.deepEqual(looks, ["10: 1", "20: 1", "25: 1", "30: 1", "40: 1", "50: 2"]);
});

Deno.test("keepLookingAgain() has a path looked through at once again that a broken connection kept from it", async () => {
  const { clock, looks, looking, end } = begin((at) =>
    at < 12 ? Promise.reject(new Error("Connection Break")) : Promise.resolve()
  );
  await clock.advance(13_000);
  end.abort();
  await looking;
  assert.deepEqual(looks, ["10: 1", "11: 1", "12: 1"]);
});

Deno.test("keepLookingAgain() throws what ends the session", async () => {
  const { clock, looking } = begin(() => Promise.reject(new Error("serviceResult = BadSessionIdInvalid")));
  const ended = assert.rejects(looking, /BadSessionIdInvalid/);
  await clock.advance(11_000);
  await ended;
});
