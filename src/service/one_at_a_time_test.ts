import assert from "node:assert/strict";
import { OneAtATime } from "./one_at_a_time.ts";

Deno.test("OneAtATime does one task after the other, failed ones included", async () => {
  const turn = new OneAtATime();
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const first = turn.run(async () => {
    seen.push("first begins");
    await gate.promise;
    seen.push("first ends");
    throw new Error("no");
  });
  const second = turn.run(() => Promise.resolve(seen.push("second")));
  gate.resolve();
  await assert.rejects(first, /no/);
  await second;
  assert.deepEqual(seen, ["first begins", "first ends", "second"]);
});

Deno.test("OneAtATime sends away who comes when too many wait, and takes them again later", async () => {
  const turn = new OneAtATime();
  const gate = Promise.withResolvers<void>();
  const running = Array.from({ length: 9 }, () => turn.run(() => gate.promise));
  await assert.rejects(turn.run(() => Promise.resolve()), { code: "change_busy" });
  gate.resolve();
  await Promise.all(running);
  await turn.run(() => Promise.resolve());
});
