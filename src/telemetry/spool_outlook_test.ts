import assert from "node:assert/strict";
import type { SpoolTrend } from "../core/status.ts";
import { History } from "./history.ts";
import { spoolTrend } from "./spool_outlook.ts";

const START = 1_700_000_040;
const MAX_BYTES = 1_000_000;

/** What waits, at each second from the start on. */
type Course = (second: number) => { readonly rows: number; readonly bytes: number };

/** 100 readings a second come; seconds may be missing. */
function after(seconds: number, course: Course, isMissing = (_second: number) => false): History {
  const history = new History({ read: () => [], add: () => {} }, START * 1e6);
  for (let second = 0; second <= seconds; second++) {
    if (isMissing(second)) continue;
    const { rows, bytes } = course(second);
    const counts = { received: second * 100, written: 0 };
    history.note((START + second) * 1e6, {
      ...counts,
      queue: rows,
      spoolBytes: bytes,
      acks: 0,
      ackSeconds: 0,
      sources: new Map(),
    });
  }
  return history;
}

function trend(history: History, second: number, changed = -1000): SpoolTrend {
  return spoolTrend(history, {
    nowUs: (START + second) * 1e6,
    maxBytes: MAX_BYTES,
    changedUs: (START + changed) * 1e6,
  });
}

const filling: Course = (second) => ({ rows: second * 100, bytes: second * 1000 });
/** 40,000 rows at the start, 200 fewer each second. */
const draining: Course = (second) => ({ rows: 40_000 - second * 200, bytes: 400_000 - second * 2000 });
/** Rows go as they come, until a table is lost after 100 seconds. */
const lostAt100: Course = (second) => second < 100 ? { rows: 500, bytes: 0 } : filling(second - 100);

const CASES: readonly (readonly [what: string, found: SpoolTrend, wanted: SpoolTrend])[] = [
  [
    "that fills is full when the rest is used up at the pace of the last minutes",
    trend(after(300, filling), 302),
    { kind: "filling", fullInSeconds: 700 },
  ],
  [
    "that drains is empty when all rows are gone",
    trend(after(100, draining), 102),
    { kind: "draining", emptyInSeconds: 100 },
  ],
  [
    "is judged by what came after a table was lost, not by the quiet before",
    trend(after(150, lostAt100), 152, 100),
    { kind: "filling", fullInSeconds: 950 },
  ],
  ["is not judged by a few seconds", trend(after(110, lostAt100), 112, 100), { kind: "steady" }],
  [
    "is steady while about as much goes as comes",
    trend(after(100, (second) => ({ rows: 500 + second % 7, bytes: 9 })), 102),
    {
      kind: "steady",
    },
  ],
  ["that was not looked at says nothing", trend(after(0, filling), 300), { kind: "steady" }],
  [
    "that stopped being looked at for a while is judged by what is known",
    trend(after(100, filling, (second) => second > 40 && second < 60), 102),
    {
      kind: "filling",
      fullInSeconds: 900,
    },
  ],
  [
    "with few rows left has no time to tell",
    trend(after(30, (second) => ({ rows: 900 - second * 20, bytes: 9000 })), 32),
    {
      kind: "steady",
    },
  ],
  ["over its limit is full now", trend(after(100, (second) => ({ rows: second * 100, bytes: second * 20_000 })), 102), {
    kind: "filling",
    fullInSeconds: 0,
  }],
];

for (const [what, found, wanted] of CASES) {
  Deno.test(`a spool ${what}`, () => assert.deepEqual(found, wanted));
}

Deno.test("the estimate stays the same for ten seconds", () => {
  const history = after(200, filling);
  const found = Array.from({ length: 11 }, (_, second) => trend(history, 182 + second));
  const [first, ...next] = found.slice(0, 10);
  for (const each of next) assert.deepEqual(each, first);
  assert.notDeepEqual(first, found.at(-1));
});
