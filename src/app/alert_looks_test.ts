import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { Buffer } from "../buffer/buffer.ts";
import { JsonLog, Metrics, StatusBoard } from "../telemetry/mod.ts";
import { AlertLooks } from "./alert_looks.ts";

/** Nothing was ever read. */
const EMPTY = {
  level: () => ({ unsent: 0, maxUnsent: 10, isFull: false, queued: 0, spooledBytes: 0 }),
  ledger: () => ({ total: { received: 0, dead_lettered: 0, purged: 0, dropped: {} }, balanced: true }),
} as unknown as Pick<Buffer, "level" | "ledger">; // what looks need of a buffer

Deno.test("a jump of the host's clock makes no source silent, and hides none that is", async () => {
  const clock = new FakeClock();
  const board = new StatusBoard(clock);
  board.expect({ sources: ["press"], lanes: [] });
  const log = JsonLog.open({ clock, write: () => {}, level: "error", format: "json" });
  const telemetry = { log, board, metrics: new Metrics({ version: "1.2.3", startedUs: 0 }) };
  const certificateDays = () => Promise.resolve(new Map<string, number>());
  const looks = new AlertLooks({ clock, telemetry, buffer: EMPTY, maxSpoolBytes: undefined, certificateDays }, []);
  const silence = async () => (await looks.look()).named.get("source_silent_seconds")?.get("press");
  board.report({
    kind: "source_state",
    source: "press",
    state: { state: "connecting", since: clock.nowUs(), attempt: 1 },
  });
  await clock.advance(10_000);
  clock.jump(50 * 365 * 86_400_000_000);
  assert.equal(await silence(), 10);
  board.report({ kind: "readings_accepted", source: "press", count: 1 });
  assert.equal(await silence(), 0);
  await clock.advance(7000);
  clock.jump(-3_600_000_000);
  assert.equal(await silence(), 7);
});
