import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { ClockDoubt } from "../core/clock.ts";
import { laneTo } from "../core/lane.ts";
import type { Stamp } from "../core/reading.ts";
import { Arena } from "./arena.ts";
import { RowMaker } from "./row_maker.ts";

Deno.test("RowMaker stamps rows with what is wrong with the host's clock, from the first one on and no longer", () => {
  let doubt: ClockDoubt | undefined;
  const clock = Object.assign(new FakeClock(), { doubt: () => doubt });
  const arena = new Arena({ isReused: false });
  const limits = { arenaOf: () => arena, maxPackBytes: 1e6, maxRowBytes: 1e6 };
  const rows = new RowMaker({ edgeId: "e", bootEpoch: 1, clock, ...limits });
  const stamps: Stamp[] = [];
  const encode = (_reading: unknown, stamp: Stamp) => {
    stamps.push({ ...stamp });
    return new Uint8Array(1);
  };
  const route = { source: "s", lane: laneTo("a.b.c", "FakeRecord"), encode };
  for (const next of [undefined, "before_release", "went_back", undefined] as const) {
    doubt = next;
    rows.make([{ tag: "t", eventTimeUs: 1 }], route, () => assert.fail("buried"));
  }
  assert.deepEqual(stamps.map(({ clockDoubt }) => clockDoubt), [undefined, "before_release", "went_back", undefined]);
});
