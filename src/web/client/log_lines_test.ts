import assert from "node:assert/strict";
import { isWanted, type LogFilter, type LogLine, logQuery, MAX_LINES, merged } from "./log_lines.ts";

const ALL: LogFilter = { level: "debug", source: "", text: "", until: "" };

function line(n: number, change: Partial<LogLine> = {}): LogLine {
  return { n, time: "2026-01-01T00:00:00.000Z", level: "info", message: "Connected", source: "press", ...change };
}

const FILTERS: readonly [name: string, filter: Partial<LogFilter>, wanted: boolean][] = [
  ["all", {}, true],
  ["its level", { level: "info" }, true],
  ["more severe lines", { level: "warn" }, false],
  ["its source", { source: "press" }, true],
  ["another source", { source: "pres" }, false],
  ["a text in it, whatever the case", { text: "CONN" }, true],
  ["another text", { text: "lost" }, false],
  ["lines up to a time", { until: "2030-01-01T00:00" }, false],
];

for (const [name, filter, wanted] of FILTERS) {
  Deno.test(`isWanted() by a filter for ${name} is ${wanted}`, () => {
    assert.equal(isWanted(line(1), { ...ALL, ...filter }), wanted);
  });
}

Deno.test("logQuery() says only what narrows", () => {
  assert.equal(logQuery(ALL).toString(), "");
  assert.equal(logQuery({ ...ALL, level: "warn", text: "a b" }).toString(), "level=warn&text=a+b");
});

Deno.test("merged() shows no line twice, and no more than are kept", () => {
  assert.deepEqual(merged([line(3), line(2)], [line(2), line(1)]).map(({ n }) => n), [3, 2, 1]);
  const many = Array.from({ length: MAX_LINES }, (_, index) => line(MAX_LINES - index));
  const all = merged([line(MAX_LINES + 1)], many);
  assert.deepEqual([all.length, all[0]?.n], [MAX_LINES, MAX_LINES + 1]);
});
