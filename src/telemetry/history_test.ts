import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { History, historyFile, type HistoryLook } from "./history.ts";
import type { HistoryFile, Minute } from "./history_file.ts";

const START = 1_700_000_040; // a whole minute

function lookAt(second: number, rate = 10): HistoryLook {
  const counts = { received: second * rate, written: second * rate / 2 };
  return {
    ...counts,
    queue: second - START,
    spoolBytes: 7,
    acks: second * 4,
    ackSeconds: second,
    sources: new Map([["press", counts]]),
  };
}

function newFile(lines: Minute[] = []): HistoryFile {
  return { read: (oldest) => lines.filter(({ minute }) => minute > oldest), add: (line) => void lines.push(line) };
}

function run(history: History, from: number, to: number): void {
  for (let second = from; second <= to; second++) history.note(second * 1e6, lookAt(second));
}

/** The steps that have values: when, and what. */
function found(history: History, nowSecond: number, question: Parameters<History["answer"]>[1]) {
  const { times, values } = history.answer(nowSecond * 1e6, question) ?? assert.fail("nothing is known");
  return times.flatMap((at, index) => {
    const known = Object.entries(values).flatMap(([key, column]) =>
      column[index] === null ? [] : [[key, column[index]]]
    );
    return known.length === 0 ? [] : [{ at, ...Object.fromEntries(known) }];
  });
}

Deno.test("each second has its rates, levels and the mean time to an acknowledgement", () => {
  const history = new History(newFile(), START * 1e6);
  run(history, START, START + 4);
  const [first, ...rest] = found(history, START + 6, { step: "second" });
  assert.deepEqual(first, { at: START + 1, read: 10, written: 5, queue: 1, spool_bytes: 7, ack_ms: 250 });
  assert.deepEqual(rest.map(({ at }) => at), [START + 2, START + 3, START + 4]);
});

Deno.test("a source has its own rates, and one that nobody knows has none", () => {
  const history = new History(newFile(), START * 1e6);
  run(history, START, START + 1);
  assert.deepEqual(found(history, START + 3, { step: "second", source: "press" }), [{
    at: START + 1,
    read: 10,
    written: 5,
  }]);
  assert.equal(history.answer(START * 1e6, { step: "second", source: "oven" }), undefined);
});

Deno.test("seconds without a look are a gap, and a look that came late by less than one is none", () => {
  const history = new History(newFile(), START * 1e6);
  for (const at of [0, 1, 3, 20, 21]) history.note((START + at) * 1e6, lookAt(START + at));
  const times = found(history, START + 25, { step: "second" }).map(({ at }) => at - START);
  assert.deepEqual(times, [1, 2, 3, 20, 21]);
});

Deno.test("an answer covers the last quarter of an hour, or what came since", () => {
  const history = new History(newFile(), START * 1e6);
  run(history, START, START + 2000);
  const times = (since?: number) => history.answer((START + 2002) * 1e6, { step: "second", since })?.times ?? [];
  assert.deepEqual([times().length, times()[0], times().at(-1)], [900, START + 1101, START + 2000]);
  assert.deepEqual(times(START + 1998), [START + 1999, START + 2000]);
  assert.deepEqual(times(START + 2500), []);
});

Deno.test("a minute has the rates over it and the most that waited", () => {
  const history = new History(newFile(), START * 1e6);
  run(history, START, START + 121);
  const minutes = found(history, START + 121, { step: "minute" });
  assert.deepEqual(minutes.map(({ at, read, queue }) => [at - START, read, queue]), [[0, 10, 60], [60, 10, 120]]);
});

Deno.test("minutes outlive a restart, and those of before yesterday are gone", () => {
  const lines: Minute[] = [];
  run(new History(newFile(lines), START * 1e6), START, START + 200);
  const again = new History(newFile(lines), (START + 600) * 1e6);
  run(again, START + 600, START + 661);
  const times = found(again, START + 661, { step: "minute" }).map(({ at }) => at - START);
  assert.deepEqual(times, [0, 60, 120, 600], "while it was stopped nobody knows");
  const later = new History(newFile(lines), (START + 2 * 86_400) * 1e6);
  assert.deepEqual(found(later, START + 2 * 86_400, { step: "minute" }), []);
});

Deno.test("a process that stood still for long tells nothing of that time", () => {
  const lines: Minute[] = [];
  const history = new History(newFile(lines), START * 1e6);
  run(history, START, START + 30);
  history.note((START + 4000) * 1e6, lookAt(START + 4000));
  assert.deepEqual(lines, []);
});

Deno.test("the file keeps its lines bounded, and reads around one that a power cut left half", async () => {
  await using home = await tempHome();
  const path = `${home.path}/metrics_history.jsonl`;
  const file = historyFile(home.path, new FakeLogger());
  const minuteAt = (minute: number): Minute => ({ minute, all: { read: 1 }, sources: { press: { read: 1 } } });
  for (let minute = 1; minute <= 2900; minute++) file.add(minuteAt(minute));
  assert.ok(Deno.readTextFileSync(path).split("\n").length <= 2881);
  Deno.writeTextFileSync(path, '{"minute":29', { append: true });
  const read = historyFile(home.path, new FakeLogger()).read(2897, 2901);
  assert.deepEqual(read, [2898, 2899, 2900].map(minuteAt));
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("minutes of a clock that was ahead are dropped at the next start, and once a day", async () => {
  await using home = await tempHome();
  const path = `${home.path}/metrics_history.jsonl`;
  const minuteAt = (minute: number): Minute => ({ minute, all: { read: 1 / 60 }, sources: {} });
  const file = historyFile(home.path, new FakeLogger());
  for (const minute of [5000, 5001, 10]) file.add(minuteAt(minute));
  assert.match(Deno.readTextFileSync(path), /"minute":10,"all":{"read":0\.017}/);
  assert.deepEqual(historyFile(home.path, new FakeLogger()).read(0, 11).map(({ minute }) => minute), [10]);
  const running = historyFile(home.path, new FakeLogger());
  for (let minute = 9000; minute < 9000 + 2880; minute++) running.add(minuteAt(minute));
  running.add(minuteAt(20));
  assert.equal(Deno.readTextFileSync(path).match(/"minute":\d+/g)?.join(), '"minute":10,"minute":20');
});

Deno.test("a file that has grown too large begins anew", async () => {
  await using home = await tempHome();
  const path = `${home.path}/metrics_history.jsonl`;
  Deno.writeTextFileSync(path, "");
  Deno.truncateSync(path, 64 * 1024 * 1024 + 1);
  const log = new FakeLogger();
  const file = historyFile(home.path, log);
  assert.deepEqual(file.read(0, 100), []);
  file.add({ minute: 7, all: {}, sources: {} });
  assert.equal(Deno.readTextFileSync(path), '{"minute":7,"all":{},"sources":{}}\n');
});
