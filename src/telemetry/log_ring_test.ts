import assert from "node:assert/strict";
import { JsonLog } from "./json_log.ts";
import { LogRing } from "./log_ring.ts";

const line = (message: string) => ({ timeUs: 1e15, level: "info" as const, message, fields: {} });

Deno.test("LogRing keeps the last 10,000 lines", () => {
  const ring = new LogRing();
  for (let i = 1; i <= 25_000; i++) ring.add(line(`m${i}`));
  const lines = ring.lines();
  assert.equal(lines.length, 10_000);
  assert.deepEqual([lines[0]?.n, lines.at(-1)?.n], [15_001, 25_000]);
});

Deno.test("LogRing keeps 8 MiB, however long lines are", () => {
  const ring = new LogRing();
  for (let i = 0; i < 3000; i++) ring.add(line("x".repeat(8000)));
  assert.ok(ring.lines().reduce((sum, { text }) => sum + text.length, 0) <= 8 * 1024 * 1024);
  assert.equal(ring.lines().at(-1)?.n, 3000);
});

Deno.test("LogRing is told each line that a log writes, and tells it on until nobody follows", () => {
  const ring = new LogRing();
  const heard: string[] = [];
  const follower = ring.follow(({ text }) => heard.push(JSON.parse(text).message));
  const log = JsonLog.open({
    clock: { nowUs: () => 1e15 },
    write: () => {},
    level: "info",
    format: "text",
    keep: ring.add,
  });
  log.log("debug", "too little");
  log.with({ source: "press" }).log("warn", "one");
  follower[Symbol.dispose]();
  log.log("warn", "two");
  assert.deepEqual(heard, ["one"]);
  assert.equal(JSON.parse(ring.lines()[0]!.text).source, "press");
});
