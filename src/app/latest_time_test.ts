import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { readLatestTime, writeLatestTime } from "./latest_time.ts";

async function inHome(task: (home: string, log: FakeLogger) => void): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "home_" });
  try {
    task(home, new FakeLogger());
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("readLatestTime() gives what the last run left, to the millisecond", () =>
  inHome((home, log) => {
    assert.equal(readLatestTime(home), undefined);
    writeLatestTime(home, 1_700_000_000_123_456, log);
    writeLatestTime(home, 1_700_000_001_123_456, log);
    assert.equal(readLatestTime(home), 1_700_000_001_123_000);
    assert.deepEqual(log.lines, []);
  }));

Deno.test("readLatestTime() takes a damaged file for none", () =>
  inHome((home) => {
    Deno.writeTextFileSync(`${home}/latest_time`, "\0\0");
    assert.equal(readLatestTime(home), undefined);
  }));

Deno.test("writeLatestTime() says that it cannot write, and goes on", () =>
  inHome((home, log) => {
    Deno.mkdirSync(`${home}/latest_time`);
    writeLatestTime(home, 1, log);
    assert.equal(log.lines[0]?.fields.code, "latest_time_unwritable");
  }));
