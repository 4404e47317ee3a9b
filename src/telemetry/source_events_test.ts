import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import type { PollSkipCause } from "../core/source.ts";
import { telemetryReport } from "./events.ts";
import { Metrics } from "./metrics.ts";

const SENTENCES: Readonly<Record<PollSkipCause, RegExp>> = {
  queue_full: /was not polled while the queue was full/,
  silent: /was not polled at its intervals while it, or a unit behind it, did not answer/,
  too_slow: /was polled too slowly to keep its intervals: lengthen them, read less, or raise rate_limit/,
};

Deno.test("sourceEvent() says why polls were skipped, each cause in a line of its own", async () => {
  const clock = new FakeClock();
  const log = new FakeLogger();
  const metrics = new Metrics({ version: "1.2.3", startedUs: clock.nowUs() });
  const { report } = telemetryReport({ log, metrics, clock, protocolOf: () => "modbus" });
  for (const cause of ["queue_full", "silent", "too_slow"] as const) {
    report({
      kind: "source_event",
      source: "p",
      event: { kind: "device_side", what: "poll_skipped", count: 5, cause },
    });
    assert.match(log.lines.at(-1)?.message ?? "", SENTENCES[cause]);
    assert.equal(log.lines.at(-1)?.fields.cause, cause);
  }
  assert.equal(log.lines.length, 3);
  assert.match(await metrics.text(), /device_side_records_total\{source="p",what="poll_skipped"\} 15\n/);
});

Deno.test("what is missing of Sparkplug warns and names the setting that helps, and what is done about it is only told", () => {
  const said = (["sparkplug_gap", "sparkplug_no_birth", "sparkplug_old_death", "sparkplug_rebirth_request"] as const)
    .map((what) => {
      const clock = new FakeClock();
      const log = new FakeLogger();
      const metrics = new Metrics({ version: "1.2.3", startedUs: clock.nowUs() });
      const { report } = telemetryReport({ log, metrics, clock, protocolOf: () => "mqtt" });
      report({ kind: "source_event", source: "p", event: { kind: "device_side", what, count: 1 } });
      const { level, message } = log.lines.at(-1) ?? {};
      return [level, /asked for where sparkplug\.rebirth_requests is set/.test(message ?? "")];
    });
  assert.deepEqual(said, [["warn", true], ["warn", true], ["info", false], ["info", false]]);
});
