import assert from "node:assert/strict";
import { Secret } from "../lib/secret.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { JsonLog, type LogFormat } from "./json_log.ts";

function openLog(format: LogFormat = "json"): { log: JsonLog; lines: string[] } {
  const lines: string[] = [];
  const clock = new FakeClock(1_700_000_000_123_456);
  return { log: JsonLog.open({ clock, write: (line) => void lines.push(line), level: "info", format }), lines };
}

Deno.test("JsonLog writes one JSON object per line, time first", () => {
  const { log, lines } = openLog();
  log.with({ source: "press" }).log("warn", "It is late", { retry_in_ms: 500, detail: undefined });
  assert.deepEqual(lines, [
    '{"time":"2023-11-14T22:13:20.123Z","level":"warn","message":"It is late","source":"press","retry_in_ms":500}',
  ]);
});

Deno.test("JsonLog leaves out what is below its level, also in the logs made of it before the change", () => {
  const { log, lines } = openLog();
  const child = log.with({ source: "press" });
  child.log("debug", "no");
  log.level = "debug";
  child.log("debug", "yes");
  log.level = "error";
  child.log("warn", "no");
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["yes"]);
});

Deno.test("JsonLog prints secrets as ***", () => {
  for (const format of ["json", "text"] as const) {
    const { log, lines } = openLog(format);
    log.log("info", `password ${new Secret("hunter2")}`, { password: new Secret("hunter2") as unknown as string });
    assert.doesNotMatch(lines[0] ?? "", /hunter2/);
    assert.match(lines[0] ?? "", /password.*\*\*\*.*\*\*\*/);
  }
});

Deno.test("JsonLog does not let a device's text begin a line, move the cursor or turn the direction", () => {
  const hostile = 'a\r\n{"level":"info"}\u001b[2K\u009b1A\u2028\u202egnp\u0000\u007f';
  for (const format of ["json", "text"] as const) {
    const { log, lines } = openLog(format);
    log.log("info", hostile, { topic: hostile });
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/, format);
  }
  const { log, lines } = openLog();
  log.log("info", hostile);
  assert.equal(JSON.parse(lines[0] ?? "").message, hostile); // nothing is lost
});

Deno.test("JsonLog cuts very long text and says how long it was", () => {
  for (const format of ["json", "text"] as const) {
    const { log, lines } = openLog(format);
    log.log("info", "m".repeat(100_000), { payload: "😀".repeat(100_000) });
    assert.ok((lines[0]?.length ?? 0) < 20_000, format);
    assert.match(lines[0] ?? "", /… \(cut, 200000 characters\)/);
  }
});

Deno.test("JsonLog does not let a field replace time, level or message", () => {
  const { log, lines } = openLog();
  log.log("info", "true", { message: "false", level: "error", time: 0 });
  assert.deepEqual(JSON.parse(lines[0] ?? ""), { time: "2023-11-14T22:13:20.123Z", level: "info", message: "true" });
});

Deno.test("JsonLog writes text for terminals with quoted fields", () => {
  const { log, lines } = openLog("text");
  log.log("error", "It failed", { source: "press", reason: 'no "route"', count: 3, nothing: null });
  assert.deepEqual(lines, [
    '2023-11-14T22:13:20.123Z ERROR It failed source=press reason="no \\"route\\"" count=3 nothing=null',
  ]);
});

Deno.test("JsonLog writes whole numbers beyond 2^53 as digits", () => {
  const { log, lines } = openLog();
  log.log("info", "big", { seq: 2n ** 60n as unknown as number });
  assert.equal(JSON.parse(lines[0] ?? "").seq, "1152921504606846976");
});
