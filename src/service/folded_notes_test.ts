import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import type { AuditNote } from "../security/mod.ts";
import { FoldedNotes } from "./folded_notes.ts";

const NOTE: AuditNote = { who: "ada", from: "10.0.0.1", action: "dlq.read", target: "dlq", detail: {} };

function stand() {
  const clock = new FakeClock(1_700_000_000e6);
  const lines: AuditNote[] = [];
  return { clock, lines, notes: new FoldedNotes((note) => void lines.push(note), clock) };
}

Deno.test("FoldedNotes writes the first, and the others as one line with how many they were", async () => {
  const { clock, lines, notes } = stand();
  for (let i = 0; i < 60; i++) {
    notes.note(NOTE);
    await clock.advance(1000);
  }
  assert.deepEqual(lines, [NOTE]);
  await clock.advance(300_000);
  notes.flush();
  assert.deepEqual(lines[1]?.detail, { more_times: 59, since: "2023-11-14T22:13:20.000Z" });
  notes.note(NOTE);
  assert.equal(lines.length, 3);
});

Deno.test("FoldedNotes keeps users, addresses and reasons apart", () => {
  const { lines, notes } = stand();
  for (const more of [{}, { who: "bob" }, { from: "10.0.0.2" }, { detail: { code: "x" } }, {}]) {
    notes.note({ ...NOTE, ...more });
  }
  assert.equal(lines.length, 4);
});

Deno.test("FoldedNotes writes all counts at the end, and holds no more than some", () => {
  const { lines, notes } = stand();
  for (let i = 0; i < 2; i++) notes.note(NOTE);
  notes.flush({ isLast: true });
  assert.equal(lines.at(-1)?.detail.more_times, 1);
  for (let i = 0; i < 2000; i++) notes.note({ ...NOTE, who: `user${i}` });
  for (let i = 0; i < 2; i++) notes.note({ ...NOTE, who: "user0" });
  assert.equal(lines.filter(({ who }) => who === "user0").length, 2, "it was not held any more");
});
