import assert from "node:assert/strict";
import { iso, statusAt } from "../../../tests/fakes/gui_fixtures.ts";
import { nextTry, outageTold, sinceWhen, spoolHolds, spoolLeads, type SpoolNow, tablesAway } from "./outage.ts";
import type { TableNow } from "./status.ts";
import { clockTime } from "./format.ts";

const NOW = Date.parse(iso());
const AWAY: TableNow = { table: "c.s.t", connected: false, breaker: "open", breaker_since: iso(-260) };
const SPOOL: SpoolNow = {
  rows: 4913,
  bytes: 18_437_112,
  max_bytes: 1_000_000_000,
  full_in_seconds: null,
  empty_in_seconds: null,
};

Deno.test("tablesAway() names each table once, and none that takes rows", () => {
  const closed = { ...AWAY, table: "c.s.fine", breaker: "closed" };
  const sinks = { "c.s.t#A": AWAY, "c.s.t#B": { ...AWAY, breaker: "half_open" }, "c.s.fine#A": closed };
  assert.deepEqual(tablesAway({ ...statusAt(0), sinks }).map(({ table }) => table), ["c.s.t"]);
});

Deno.test("an outage is told by when it began, and how long ago in minutes", () => {
  assert.equal(sinceWhen(AWAY, NOW), `since ${clockTime(iso(-260))} (4 min)`);
  assert.equal(sinceWhen({ ...AWAY, breaker_since: iso(-59) }, NOW), `since ${clockTime(iso(-59))} (under a minute)`);
});

Deno.test("the next try is told by its time, or as being made", () => {
  assert.equal(nextTry({ ...AWAY, next_attempt_at: iso(40) }), `Tried again at ${clockTime(iso(40))}`);
  assert.equal(nextTry(AWAY), "Being tried now");
});

Deno.test("what the spool holds is told roughly", () => {
  assert.equal(spoolHolds(SPOOL), "About 4,900 rows, 18 MB: 1.8 % of 1 GB");
  assert.equal(spoolHolds({ ...SPOOL, bytes: 12 }), "About 4,900 rows, 12 B: under 0.1 % of 1 GB");
  assert.equal(spoolHolds({ ...SPOOL, rows: 0 }), "Empty; it may hold 1 GB");
});

Deno.test("where the spool's level leads is told while it leads anywhere", () => {
  assert.equal(spoolLeads(SPOOL), undefined);
  assert.equal(spoolLeads({ ...SPOOL, full_in_seconds: 9340 }), "full in about 2.5 h");
  assert.equal(spoolLeads({ ...SPOOL, full_in_seconds: 0 }), "full");
  assert.equal(spoolLeads({ ...SPOOL, empty_in_seconds: 90 }), "empty in about 2 min");
});

Deno.test("outageTold() says first that nothing more is kept, then that rows wait, then that they go", () => {
  const usual = { ...statusAt(0), sinks: {}, spool: SPOOL };
  const away = { ...usual, sinks: { "c.s.t#A": AWAY } };
  assert.equal(outageTold(usual), undefined);
  assert.equal(
    outageTold({ ...usual, spool: { ...SPOOL, empty_in_seconds: 9 } })?.title,
    "Rows that waited are being sent",
  );
  assert.match(outageTold(away)?.text ?? "", /sent by themselves/);
  const full = { ...away, queue: { ...away.queue, is_full: true } };
  assert.equal(outageTold(full)?.title, "The spool is full");
  assert.match(outageTold(full)?.text ?? "", /Nothing more finds room/);
  assert.equal(outageTold({ ...full, spool: null })?.title, "The queue is full");
});
