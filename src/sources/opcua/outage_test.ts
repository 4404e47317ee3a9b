import assert from "node:assert/strict";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { Outage } from "./outage.ts";

const us = (time: string) => Date.parse(time) * 1000;

Deno.test("Outage tells once from when to when no data came, from the first of several losses", () => {
  const log = new FakeLogger();
  const outage = new Outage();
  outage.begin(us("2026-03-01T17:39:02.7Z"));
  outage.begin(us("2026-03-01T17:39:40Z"));
  for (let session = 0; session < 2; session++) outage.end(us("2026-03-01T17:40:03Z"), log);
  assert.deepEqual(log.lines, [{
    level: "warn",
    message: "No data from 17:39:02 to 17:40:03 (UTC); what the server had queued is lost",
    fields: { from: "2026-03-01T17:39:02Z", to: "2026-03-01T17:40:03Z" },
  }]);
});

Deno.test("Outage tells the days too where there are two", () => {
  const log = new FakeLogger();
  const outage = new Outage();
  outage.begin(us("2026-03-01T23:59:00Z"));
  outage.end(us("2026-03-02T00:01:00Z"), log);
  assert.match(log.lines[0]?.message ?? "", /^No data from 2026-03-01T23:59:00Z to 2026-03-02T00:01:00Z/);
});
