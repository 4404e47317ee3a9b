import assert from "node:assert/strict";
import { sleep } from "./sleep.ts";

Deno.test("sleep() rejects with the signal's reason and leaves no timer behind", async () => {
  const stop = new AbortController();
  const slept = sleep(60_000, stop.signal);
  stop.abort(new Error("stopped"));
  await assert.rejects(slept, /stopped/);
  await assert.rejects(sleep(60_000, stop.signal), /stopped/);
});
