import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger, type LogLine } from "../../tests/fakes/logger.ts";
import { AuthError, ConnectionError, DecodeError } from "../core/error.ts";
import type { ConnectorEvent, SinkEvent } from "../core/event.ts";
import type { LogLevel } from "../core/logger.ts";
import { telemetryReport } from "./events.ts";
import { Metrics } from "./metrics.ts";

const LANE = "main.bronze.t#MQTTBronzeRecord";
const lost = new ConnectionError("connection_lost", "The broker closed the connection");
const refused = new AuthError("login_refused", "The broker refuses the user: check username and password");
const broken = new DecodeError("not_json", "The payload is not JSON");
const bug = new TypeError("x is undefined");

function open() {
  const clock = new FakeClock();
  const log = new FakeLogger();
  const metrics = new Metrics({ version: "1.2.3", startedUs: clock.nowUs() });
  return { clock, log, metrics, ...telemetryReport({ log, metrics, clock, protocolOf: () => "mqtt" }) };
}

/** One of each kind: its event, the level of its line (none: metrics alone), a metric it moves. */
const CONNECTOR: readonly [ConnectorEvent, LogLevel | "none", string | undefined][] = [
  [
    { kind: "source_state", source: "p", state: { state: "connected", since: 0 } },
    "info",
    'connector_source_up{source="p"} 1',
  ],
  [
    { kind: "source_state", source: "p", state: { state: "repairing", since: 0, reason: "no route" } },
    "warn",
    'connector_source_state{source="p",state="repairing"} 1',
  ],
  [
    { kind: "source_state", source: "p", state: { state: "waiting", since: 0, retryInMs: 5 } },
    "debug",
    'connector_source_state{source="p",state="connected"} 0',
  ],
  [{ kind: "source_held_back", source: "p", perSecond: 10, waitMs: 1000 }, "warn", undefined],
  [
    { kind: "source_failed", source: "p", error: lost, retryInMs: 5000 },
    "warn",
    'connector_source_failures_total{source="p",code="connection_lost"} 1',
  ],
  [
    { kind: "source_failed", source: "p", error: refused, retryInMs: 60_000 },
    "error",
    'connector_source_failures_total{source="p",code="login_refused"} 1',
  ],
  [
    {
      kind: "source_endpoint",
      source: "p",
      endpoint: "mqtt://b",
      number: 2,
      count: 2,
      before: "mqtt://a",
      left: { endpoint: "mqtt://a", reason: "lost" },
    },
    "warn",
    'connector_source_endpoint_in_use{source="p",endpoint="mqtt://b"} 1',
  ],
  [
    { kind: "source_bug", source: "p", error: bug, retryInMs: 60_000 },
    "error",
    'connector_source_failures_total{source="p",code="bug"} 1',
  ],
  [
    { kind: "source_event", source: "p", event: { kind: "device_side", what: "overflow", count: 7 } },
    "warn",
    'connector_device_side_records_total{source="p",what="overflow"} 7',
  ],
  [
    { kind: "source_event", source: "p", event: { kind: "tag_failed", tag: "t", reason: "gone" } },
    "warn",
    'connector_tag_failures_total{source="p"} 1',
  ],
  [
    { kind: "source_event", source: "p", event: { kind: "tag_failed", tag: "t", reason: "gone", wasTold: true } },
    "none",
    undefined,
  ],
  [{ kind: "source_event", source: "p", event: { kind: "tag_recovered", tag: "t" } }, "info", undefined],
  [{ kind: "source_event", source: "p", event: { kind: "repaired" } }, "none", undefined],
  [
    { kind: "readings_accepted", source: "p", count: 500 },
    "none",
    'connector_records_read_total{source="p",protocol="mqtt"} 500',
  ],
  [{ kind: "queue_level", isHigh: true, unsent: 8, maxUnsent: 10 }, "warn", undefined],
  [
    { kind: "readings_dropped", source: "p", reason: "queue_full_oldest", count: 3, fromUs: 0, toUs: 1e30 },
    "warn",
    'connector_records_dropped_total{source="p",reason="queue_full_oldest"} 3',
  ],
  [
    { kind: "dead_letter", source: "p", tag: "t", table: "main.bronze.t", error: broken },
    "warn",
    'connector_dead_letters_total{source="p",code="not_json"} 1',
  ],
  [
    { kind: "reading_filtered", source: "p", tag: "t", error: broken },
    "warn",
    'connector_records_filtered_total{source="p",code="not_json"} 1',
  ],
  [{ kind: "sink_connected", lane: LANE }, "info", `connector_sink_connects_total{lane="${LANE}"} 1`],
  [
    { kind: "sink_failed", lane: LANE, error: refused, retryInMs: 60_000 },
    "error",
    `connector_sink_failures_total{lane="${LANE}",code="login_refused"} 1`,
  ],
  [
    { kind: "sink_bug", lane: LANE, error: bug, retryInMs: 60_000 },
    "error",
    `connector_sink_failures_total{lane="${LANE}",code="bug"} 1`,
  ],
  [
    { kind: "breaker", lane: LANE, state: "open" },
    "warn",
    `connector_breaker_state{lane="${LANE}",state="open"} 1`,
  ],
  [
    { kind: "rows_sent", lane: LANE, count: 10, bytes: 900 },
    "none",
    `connector_sent_bytes_total{lane="${LANE}"} 900`,
  ],
  [
    { kind: "rows_written", lane: LANE, count: 10, ackMs: 40 },
    "none",
    `connector_delivery_seconds_bucket{le="0.05",lane="${LANE}"} 1`,
  ],
  [{ kind: "copy_dropped", lane: LANE, count: 4 }, "warn", `connector_copy_dropped_total{lane="${LANE}"} 4`],
  [
    { kind: "copy_failed", lane: LANE, error: lost, retryInMs: 1000 },
    "warn",
    `connector_copy_failures_total{lane="${LANE}",code="connection_lost"} 1`,
  ],
  [{ kind: "spool_restored", rows: 7, bytes: 900 }, "info", undefined],
  [{ kind: "spool_level", isHigh: true, bytes: 90, maxBytes: 100 }, "warn", undefined],
  [{ kind: "spool_stalled", reason: "disk is full" }, "error", "connector_spool_stalls_total 1"],
  [{ kind: "spool_resumed" }, "info", undefined],
  [{ kind: "spill", lane: LANE, reason: "sink_away" }, "info", undefined],
  [{ kind: "spill", lane: LANE, reason: undefined }, "info", undefined],
  [
    { kind: "lost_at_crash", table: "main.bronze.t", firstSeq: 11, lastSeq: 15 },
    "error",
    'connector_lost_at_crash_records_total{table="main.bronze.t"} 5',
  ],
  [{ kind: "spool_salvage_begun", bytes: 4e6, reason: "malformed" }, "warn", undefined],
  [{ kind: "spool_remains_deleted", path: "spool.db.corrupt-w" }, "warn", undefined],
  [
    { kind: "spool_replaced", kept: "spool.db.corrupt-x", reason: "malformed" },
    "error",
    "connector_spool_replaced_total 1",
  ],
  [{ kind: "spool_salvaged", rows: 7, letters: 1, lost: 0 }, "warn", "connector_spool_salvaged_records_total 7"],
  [{ kind: "spool_salvaged", rows: 7, letters: 1, lost: 2 }, "error", "connector_spool_salvage_lost_records_total 2"],
  [{ kind: "spool_salvaged", rows: 7, letters: 1, lost: 0, failure: "disk is full" }, "error", undefined],
  [{ kind: "spool_salvage_failed", reason: "no names" }, "error", undefined],
  [{ kind: "spool_damaged", reason: "malformed" }, "error", undefined],
  [
    { kind: "rows_quarantined", lane: LANE, count: 5, reason: "does not open" },
    "error",
    `connector_quarantined_records_total{lane="${LANE}"} 5`,
  ],
  [
    { kind: "host_clock_doubted", doubt: "before_release", nowUs: 12_000_000, behindUs: 0 },
    "error",
    "connector_host_clock_doubtful 1",
  ],
  [
    { kind: "host_clock_doubted", doubt: "went_back", nowUs: 12_000_000, behindUs: 60_000_000 },
    "error",
    "connector_host_clock_doubtful 1",
  ],
  [{ kind: "host_clock_trusted", why: "right", nowUs: 12_000_000 }, "info", "connector_host_clock_doubtful 0"],
  [{ kind: "host_clock_jumped", aheadUs: 60_000_000 }, "warn", undefined],
  [{ kind: "ledger_unbalanced", difference: 1 }, "error", "connector_ledger_imbalances_total 1"],
];

const SINK: readonly [SinkEvent, LogLevel | "none", string | undefined][] = [
  [
    { kind: "stream_opened", lane: LANE, streamId: "s", openMs: 20 },
    "debug",
    `connector_sink_streams_opened_total{lane="${LANE}"} 1`,
  ],
  [
    { kind: "stream_ended", lane: LANE, streamId: "s", why: "rotated" },
    "debug",
    `connector_sink_streams_ended_total{lane="${LANE}",reason="rotated"} 1`,
  ],
  [{ kind: "rotation", lane: LANE, graceMs: 5000 }, "debug", `connector_sink_rotations_total{lane="${LANE}"} 1`],
  [
    { kind: "request_acked", lane: LANE, rows: 5, bytes: 10, ackMs: 20 },
    "none",
    `connector_sink_request_seconds_count{lane="${LANE}"} 1`,
  ],
  [{ kind: "poison_found", lane: LANE, streams: 9 }, "warn", `connector_sink_poison_records_total{lane="${LANE}"} 1`],
  [
    { kind: "token_refreshed", table: undefined },
    "debug",
    'connector_sink_token_refreshes_total{result="success"} 1',
  ],
  [
    { kind: "token_refresh_failed", table: "a.b.c", reason: "503" },
    "warn",
    'connector_sink_token_refreshes_total{result="failure"} 1',
  ],
  [{ kind: "columns_read", table: "a.b.c", from: "disk", count: 16 }, "info", undefined],
  [{ kind: "rows_pruned", table: "a.b.c", count: 6 }, "info", 'connector_local_records_pruned_total{table="a.b.c"} 6'],
  [{ kind: "file_replaced", path: "d/l.db", kept: "d/l.db.corrupt-1", reason: "no database" }, "error", undefined],
];

for (const [event, level, metric] of CONNECTOR) {
  const name = "event" in event ? event.event.kind : "state" in event ? JSON.stringify(event.state) : "";
  Deno.test(`telemetryReport() tells of ${event.kind} ${name} at level ${level}`, async () => {
    const { report, log, metrics } = open();
    report(event);
    assert.deepEqual(log.lines.map((line) => line.level), level === "none" ? [] : [level]);
    if (metric !== undefined) assert.ok((await metrics.text()).split("\n").includes(metric), await metrics.text());
  });
}

for (const [event, level, metric] of SINK) {
  Deno.test(`telemetryReport() tells of ${event.kind} at level ${level}`, async () => {
    const { reportSink, log, metrics } = open();
    reportSink(event);
    assert.deepEqual(log.lines.map((line) => line.level), level === "none" ? [] : [level]);
    if (metric !== undefined) assert.ok((await metrics.text()).split("\n").includes(metric), await metrics.text());
  });
}

Deno.test("telemetryReport() says why a source halted, in the words of its error", () => {
  const { report, log } = open();
  report({ kind: "source_failed", source: "p", error: refused, retryInMs: 60_000 });
  assert.deepEqual(log.lines, [{
    level: "error",
    message: "Source p needs a person: The broker refuses the user: check username and password (next attempt in 60 s)",
    fields: { source: "p", code: "login_refused", retry_in_ms: 60_000 },
  }]);
});

Deno.test("telemetryReport() says which of several endpoints a source is read at, and what came of the one before", async () => {
  const { report, log, metrics } = open();
  const event = { kind: "source_endpoint", source: "p", count: 2 } as const;
  report({ ...event, endpoint: "mqtt://a", number: 1, before: undefined, left: undefined });
  const left = { endpoint: "mqtt://a", reason: "the broker closed the connection" };
  report({ kind: "source_failed", source: "p", error: lost, retryInMs: 0, goesOn: true });
  report({ ...event, endpoint: "mqtt://b", number: 2, before: "mqtt://a", left });
  assert.deepEqual(log.lines.map(({ level, message }) => [level, message]), [
    ["info", "Source p is read at mqtt://a, its endpoint 1 of 2"],
    ["warn", `Source p is not connected: ${lost.message} (another endpoint of it is tried at once)`],
    ["warn", "Source p is read at mqtt://b, its endpoint 2 of 2: mqtt://a failed (the broker closed the connection)"],
  ]);
  const text = await metrics.text();
  assert.match(text, /source_endpoint_in_use\{source="p",endpoint="mqtt:\/\/a"\} 0\n/);
  assert.match(text, /source_moves_total\{source="p"\} 1\n/);
});

Deno.test("telemetryReport() says what is wrong with the host's clock, what that means, and when it is right", () => {
  const { report, log } = open();
  report({ kind: "host_clock_doubted", doubt: "before_release", nowUs: 12_000_000, behindUs: 0 });
  report({ kind: "host_clock_doubted", doubt: "went_back", nowUs: 12_000_000, behindUs: 90_000_000 });
  report({ kind: "host_clock_trusted", why: "steady", nowUs: 12_000_000 });
  const [unset, behind, trusted] = log.lines.map(({ message }) => message);
  assert.equal(
    unset,
    "The host's clock says 1970-01-01T00:00:12.000Z, which is before this version of the connector was made: set it, " +
      "best by a time service (NTP). Times that come from it are wrong until it is set, and rows with such times have " +
      "host_clock before_release in the column labels; their order and identity do not depend on it",
  );
  assert.match(behind ?? "", /^The host's clock is 90 seconds behind where it already was: set it, .* until it has/);
  assert.match(
    trusted ?? "",
    /^The host's clock has run for a day since it went back and is believed now: it says 1970/,
  );
});

Deno.test("telemetryReport() makes no line of the one endpoint that a source has", () => {
  const { report, log } = open();
  const only = { endpoint: "mqtt://a", number: 1, count: 1, before: undefined, left: undefined };
  report({ kind: "source_endpoint", source: "p", ...only });
  assert.equal(log.lines.length, 0);
});

Deno.test("telemetryReport() says when no further attempt will be made", () => {
  const { report, log } = open();
  report({ kind: "source_failed", source: "p", error: lost, retryInMs: 0 });
  assert.match(log.lines[0]?.message ?? "", /no further attempt/);
});

Deno.test("telemetryReport() writes one line a minute for a failure that repeats, and counts all", async () => {
  const { report, log, metrics, clock } = open();
  for (let i = 0; i < 130; i++) {
    report({ kind: "source_failed", source: "p", error: lost, retryInMs: 1000 });
    await clock.advance(1000);
  }
  assert.deepEqual(repeats(log.lines), [undefined, 60, 60]);
  assert.match(await metrics.text(), /source_failures_total\{source="p",code="connection_lost"\} 130\n/);
});

Deno.test("telemetryReport() does not hide another failure, or another source's, behind one that repeats", () => {
  const { report, log } = open();
  for (const [source, error] of [["p", lost], ["p", refused], ["q", lost], ["p", lost]] as const) {
    report({ kind: "source_failed", source, error, retryInMs: 1000 });
  }
  assert.equal(log.lines.length, 3);
});

Deno.test("telemetryReport() adds up the amounts of what it folds", async () => {
  const { report, log, clock } = open();
  const drop = () => report({ kind: "copy_dropped", lane: LANE, count: 10 });
  drop();
  drop();
  drop();
  await clock.advance(60_000);
  drop();
  assert.deepEqual(log.lines.map((line) => line.fields.count), [10, 30]);
});

Deno.test("telemetryReport() writes one line a minute for what validation lets go of a source, with its number", async () => {
  const { report, log, metrics, clock } = open();
  const filter = () => report({ kind: "reading_filtered", source: "p", tag: "t", error: broken });
  for (let i = 0; i < 500; i++) filter();
  await clock.advance(60_000);
  filter();
  assert.deepEqual(log.lines.map((line) => line.fields.count), [1, 500]);
  assert.match(log.lines[0]?.message ?? "", /^What source p sent was counted and let go .*: The payload is not JSON$/);
  assert.match(await metrics.text(), /records_filtered_total\{source="p",code="not_json"\} 501\n/);
});

Deno.test("telemetryReport() bounds the lines about single tags, and goes on counting them", async () => {
  const { report, log, metrics } = open();
  for (let i = 0; i < 5000; i++) {
    report({ kind: "source_event", source: "p", event: { kind: "tag_failed", tag: `t${i}`, reason: "gone" } });
  }
  assert.equal(log.lines.length, 20);
  assert.match(await metrics.text(), /tag_failures_total\{source="p"\} 5000\n/);
});

Deno.test("telemetryReport() writes the stack of a bug", () => {
  const { report, log } = open();
  report({ kind: "sink_bug", lane: LANE, error: bug, retryInMs: 1 });
  assert.match(String(log.lines[0]?.fields.stack), /events_test/);
});

function repeats(lines: readonly LogLine[]): unknown[] {
  return lines.map((line) => line.fields.repeated);
}
