import assert from "node:assert/strict";
import { abortable, Condition } from "./condition.ts";

Deno.test("Condition.wake() wakes everyone who waits now, and nobody who comes later", async () => {
  const condition = new Condition();
  const woken: string[] = [];
  const first = condition.wait().then(() => woken.push("first"));
  const second = condition.wait().then(() => woken.push("second"));
  condition.wake();
  const late = new AbortController();
  const third = condition.wait(late.signal);
  await Promise.all([first, second]);
  assert.deepEqual(woken, ["first", "second"]);
  late.abort(new Error("still asleep"));
  await assert.rejects(third, /still asleep/);
});

Deno.test("Condition.wait() rejects at once under a signal that has aborted", async () => {
  await assert.rejects(new Condition().wait(AbortSignal.abort(new Error("stopped"))), /stopped/);
});

Deno.test("abortable() gives the promise's own answer when it comes first", async () => {
  assert.equal(await abortable(Promise.resolve(7), new AbortController().signal), 7);
});

Deno.test("Condition.isWoken() tells a wake from an abort", async () => {
  const condition = new Condition();
  const stop = new AbortController();
  const woken = condition.isWoken(stop.signal);
  condition.wake();
  assert.equal(await woken, true);
  const aborted = condition.isWoken(stop.signal);
  stop.abort(new Error("enough"));
  assert.equal(await aborted, false);
});

Deno.test("Condition.wait() that is given up leaves nobody behind, however long nobody wakes", async () => {
  const condition = new Condition();
  for (let i = 0; i < 1000; i++) {
    const over = new AbortController();
    const woken = condition.isWoken(over.signal);
    over.abort();
    assert.equal(await woken, false);
  }
  assert.equal(condition.waiting, 0);
  const kept = condition.isWoken(new AbortController().signal);
  assert.equal(condition.waiting, 1);
  condition.wake();
  assert.equal(await kept, true);
  assert.equal(condition.waiting, 0);
});
