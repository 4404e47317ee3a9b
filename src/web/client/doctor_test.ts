import assert from "node:assert/strict";
import { partedSteps, type ShownStep, type TestLine, withLine } from "./doctor.ts";

Deno.test("withLine() shows a step while it runs, and then what it found in its place", () => {
  const lines: TestLine[] = [
    { kind: "begun", id: "a", title: "A" },
    { kind: "begun", id: "b", title: "B" },
    { kind: "done", result: { id: "a", title: "A", state: "ok", measured: "well" } },
    { kind: "done", result: { id: "c", title: "C", state: "skipped", measured: "not tried" } },
    { kind: "end", healthy: false },
  ];
  const shown = lines.reduce(withLine, [] as readonly ShownStep[]);
  assert.deepEqual(shown.map(({ id, state }) => `${id} ${state}`), ["a ok", "b running", "c skipped"]);
});

Deno.test("partedSteps() puts what was not tried apart, and leaves the order of both", () => {
  const step = (id: string, state: "ok" | "fail" | "skipped"): ShownStep => ({ id, title: id, state, measured: "" });
  const { tried, untried } = partedSteps([
    step("a", "ok"),
    step("b", "skipped"),
    step("c", "fail"),
    step("d", "skipped"),
  ]);
  assert.deepEqual([tried.map(({ id }) => id), untried.map(({ id }) => id)], [["a", "c"], ["b", "d"]]);
});
