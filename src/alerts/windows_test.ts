import assert from "node:assert/strict";
import { Window } from "./windows.ts";

Deno.test("a window tells what was counted within it, in all and per second", () => {
  const window = new Window(60);
  assert.equal(window.change("window"), undefined);
  for (let second = 0; second <= 600; second += 5) window.note(second * 1000, second * 2);
  assert.deepEqual([window.change("window"), window.change("second")], [120, 2]);
});

Deno.test("a counter that begins anew goes on from 0", () => {
  const window = new Window(60);
  for (const [at, value] of [[0, 100], [5, 110], [10, 3], [15, 5]] as const) window.note(at * 1000, value);
  assert.equal(window.change("window"), 15);
});

Deno.test("a window of a day is looked at every five seconds, and still knows its beginning", () => {
  const window = new Window(86_400);
  for (let second = 0; second <= 86_400; second += 5) window.note(second * 1000, second);
  const change = window.change("window") ?? 0;
  assert.ok(change > 80_000 && change <= 86_400, String(change));
});
