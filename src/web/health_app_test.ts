import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import type { LaneStatus, SourceStatus, SpoolOutlook } from "../core/status.ts";
import type { HealthReportView } from "./health_report.ts";
import { healthApp } from "./health_app.ts";

const US = 1_700_000_000_000_000;
const lastError = { code: "connection_lost", message: "The broker closed the connection", since: US };

function source(state: SourceStatus["state"], wasTried = true): SourceStatus {
  const none = {
    endpoint: undefined,
    lastReadingUs: undefined,
    quietSinceMs: 0,
    failingTags: 0,
    nextAttemptUs: undefined,
    lastError: undefined,
  };
  return { state, since: US, wasTried, recordsRead: 7, ...none };
}

function lane(breaker: LaneStatus["breaker"]): LaneStatus {
  return {
    breaker,
    breakerSince: US,
    nextAttemptUs: undefined,
    isConnected: breaker === "closed",
    lastError: undefined,
  };
}

interface Situation {
  readonly sources?: Record<string, SourceStatus>;
  readonly lanes?: Record<string, LaneStatus>;
  readonly unsent?: number;
  readonly balanced?: boolean;
  readonly isClockDoubtful?: boolean;
  readonly auditBytes?: number;
  readonly isZerobusEnabled?: boolean;
  readonly spool?: SpoolOutlook;
}

function view(
  {
    sources = {},
    lanes = {},
    unsent = 0,
    balanced = true,
    isClockDoubtful = false,
    auditBytes = 0,
    isZerobusEnabled = true,
    spool,
  }: Situation,
): HealthReportView {
  return {
    version: "1.2.3",
    instanceId: "press-hall",
    nowUs: () => US,
    uptimeMs: () => 61_999,
    sources: () => new Map(Object.entries(sources)),
    lanes: () => new Map(Object.entries(lanes)),
    queue: () => ({ unsent, maxUnsent: 100, isFull: unsent >= 100, queued: unsent + 3, spooledBytes: 9 }),
    spool: () => spool,
    isLedgerBalanced: () => balanced,
    isClockDoubtful: () => isClockDoubtful,
    auditBytes: () => auditBytes,
    ledger: () => ({ total: { received: 3, written: 3 }, balanced }),
    isZerobusEnabled: () => isZerobusEnabled,
    protocolOf: (name) => name === "press" ? "mqtt" : "none",
    recordsDropped: () => 4,
  };
}

function open(situation: Situation = {}) {
  const log = new FakeLogger();
  return { app: healthApp(view(situation), log), log };
}

const SITUATIONS: readonly [name: string, Situation, status: string, causes: string[]][] = [
  ["nothing configured", {}, "healthy", []],
  ["all connected", { sources: { a: source("connected") }, lanes: { t: lane("closed") } }, "healthy", []],
  ["one of two sources lost", { sources: { a: source("connected"), b: source("waiting") } }, "degraded", [
    "source b is waiting",
  ]],
  ["a source that is given up", { sources: { a: source("connected"), b: source("given_up") } }, "degraded", [
    "source b is given up",
  ]],
  ["a connected source whose tags fail", { sources: { a: { ...source("connected"), failingTags: 3 } } }, "degraded", [
    "source a: 3 tags give no value",
  ]],
  ["a wrong clock", { isClockDoubtful: true }, "degraded", ["the host's clock is wrong"]],
  ["the first attempt under way", { sources: { a: source("connecting", false) } }, "degraded", [
    "source a is connecting",
  ]],
  ["no source connected", { sources: { a: source("halted"), b: source("waiting") } }, "unhealthy", [
    "source a is halted",
    "source b is waiting",
  ]],
  ["a breaker open", { sources: { a: source("connected") }, lanes: { t: lane("half_open") } }, "degraded", [
    "the circuit breaker of t is half open",
  ]],
  ["a full queue that is being sent", { lanes: { t: lane("closed") }, unsent: 100 }, "degraded", ["the queue is full"]],
  ["a full queue that cannot be sent", { lanes: { t: lane("open") }, unsent: 100 }, "unhealthy", [
    "the queue is full",
    "the circuit breaker of t is open",
  ]],
  ["a ledger that does not balance", { balanced: false }, "degraded", ["the ledger does not balance"]],
  ["an audit of just 1 GiB", { auditBytes: 2 ** 30 }, "healthy", []],
  ["an audit that fills the disk", { auditBytes: 2 ** 30 + 1 }, "degraded", [
    "the audit has more than 1 GiB on the disk",
  ]],
];

for (const [name, situation, status, causes] of SITUATIONS) {
  Deno.test(`GET /health with ${name} is ${status}`, async () => {
    const response = await open(situation).app.request("/health");
    const answer = await response.json();
    assert.equal(answer.status, status);
    assert.deepEqual(answer.causes, causes);
    assert.equal(response.status, status === "unhealthy" ? 503 : 200);
  });
}

Deno.test("GET /health tells of each source and lane", async () => {
  const { app } = open({
    sources: { press: { ...source("connected"), lastError }, oven: source("connected") },
    lanes: { "main.bronze.t#M": lane("closed") },
    unsent: 4,
  });
  const response = await app.request("/health");
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(await response.json(), {
    status: "healthy",
    causes: [],
    timestamp: "2023-11-14T22:13:20.000Z",
    version: "1.2.3",
    uptime_seconds: 61,
    instance_id: "press-hall",
    zerobus: { enabled: true, connected: true, circuit_breaker_state: "closed", last_error: null },
    sources: [
      {
        name: "press",
        protocol: "mqtt",
        status: "connected",
        since: "2023-11-14T22:13:20.000Z",
        records_read: 7,
        failing_tags: 0,
        last_error: { ...lastError, since: "2023-11-14T22:13:20.000Z" },
      },
      {
        name: "oven",
        protocol: "none",
        status: "connected",
        since: "2023-11-14T22:13:20.000Z",
        records_read: 7,
        failing_tags: 0,
        last_error: null,
      },
    ],
    sinks: {
      "main.bronze.t#M": {
        table: "main.bronze.t",
        connected: true,
        breaker: "closed",
        breaker_since: "2023-11-14T22:13:20.000Z",
      },
    },
    backpressure: { queue_depth: 7, spool_size_mb: 0, records_dropped: 4 },
    queue: { unsent: 4, max_unsent: 100, is_full: false, queued: 7, spooled_bytes: 9 },
    spool: null,
    ledger: { balanced: true },
  });
});

Deno.test("GET /health says of all tables together whether they are reached, the worst breaker and the newest error", async () => {
  const lost = (since: number): LaneStatus => ({ ...lane("open"), lastError: { ...lastError, since } });
  const zerobus = async (situation: Situation) => (await (await open(situation).app.request("/health")).json()).zerobus;
  const halfOpen = { ...lane("half_open"), lastError: { ...lastError, message: "older", since: US - 1e6 } };
  assert.deepEqual(await zerobus({ lanes: { a: lane("closed"), b: halfOpen, c: lost(US) } }), {
    enabled: true,
    connected: false,
    circuit_breaker_state: "open",
    last_error: { ...lastError, since: "2023-11-14T22:13:20.000Z" },
  });
  assert.equal((await zerobus({ lanes: { a: lane("closed"), b: halfOpen } })).circuit_breaker_state, "half_open");
  const unused = { ...lane("closed"), isConnected: false };
  assert.equal((await zerobus({ lanes: { a: lane("closed"), b: unused } })).connected, true);
  assert.equal((await zerobus({ lanes: { a: unused } })).connected, false);
  assert.deepEqual(await zerobus({ lanes: { a: lost(US) }, isZerobusEnabled: false }), {
    enabled: false,
    connected: false,
    circuit_breaker_state: "closed",
    last_error: null,
  });
});

Deno.test("GET /health names the table of a lane, once, since when its breaker is not closed, and when it is tried next", async () => {
  const away = { ...lane("open"), breakerSince: US - 60e6, nextAttemptUs: US + 5e6 };
  const { app } = open({ lanes: { "main.bronze.t#A": away, "main.bronze.t#B": lane("open") } });
  const { causes, sinks } = await (await app.request("/health")).json();
  assert.deepEqual(causes, ["the circuit breaker of main.bronze.t is open"]);
  assert.deepEqual(sinks["main.bronze.t#A"], {
    table: "main.bronze.t",
    connected: false,
    breaker: "open",
    breaker_since: "2023-11-14T22:12:20.000Z",
    next_attempt_at: "2023-11-14T22:13:25.000Z",
  });
});

Deno.test("GET /health says what the spool holds, and when it is full or empty", async () => {
  const level = { rows: 5, bytes: 500, maxBytes: 5000 };
  const found = async (trend: SpoolOutlook["trend"]) => {
    const { spool } = await (await open({ spool: { ...level, trend } }).app.request("/health")).json();
    assert.deepEqual([spool.rows, spool.bytes, spool.max_bytes], [5, 500, 5000]);
    return [spool.full_in_seconds, spool.empty_in_seconds];
  };
  assert.deepEqual(await found({ kind: "filling", fullInSeconds: 90 }), [90, null]);
  assert.deepEqual(await found({ kind: "draining", emptyInSeconds: 30 }), [null, 30]);
  assert.deepEqual(await found({ kind: "steady" }), [null, null]);
});

Deno.test("GET /health cuts a message that a device made long", async () => {
  const long = { ...lastError, message: "x".repeat(999) + "\u{1f642}" + "y".repeat(100_000) };
  const { app } = open({ sources: { press: { ...source("waiting"), lastError: long } } });
  const { sources: [press] } = await (await app.request("/health")).json();
  assert.equal(press?.last_error.message, "x".repeat(999) + "\ufffd…");
});

Deno.test("GET /health/live is 200 even when the connector is down", async () => {
  const { app } = open({ sources: { a: source("halted") } });
  assert.equal((await app.request("/health/live")).status, 200);
});

Deno.test("GET /health/ready is 503 until every source was tried once, and 200 after it", async () => {
  const before = open({ sources: { a: source("connected"), b: source("connecting", false) } });
  assert.equal((await before.app.request("/health/ready")).status, 503);
  const after = open({ sources: { a: source("connected"), b: source("waiting") } });
  assert.equal((await after.app.request("/health/ready")).status, 200);
});

Deno.test("healthApp() answers HEAD without a body", async () => {
  const response = await open().app.request("/health", { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});

Deno.test("healthApp() answers an unknown address with a problem document that repeats nothing of it", async () => {
  const response = await open().app.request("/<script>");
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.deepEqual(await response.json(), {
    type: "about:blank",
    status: 404,
    code: "not_found",
    title: "There is nothing at this address",
  });
});

Deno.test("healthApp() refuses every method but GET and HEAD", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    for (const path of ["/health", "/none"]) {
      const response = await open().app.request(path, { method });
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
      assert.equal((await response.json()).code, "method_not_allowed");
    }
  }
});

Deno.test("healthApp() sends security headers with every answer", async () => {
  const { app } = open();
  for (const [path, method] of [["/health", "GET"], ["/none", "GET"], ["/health", "POST"]] as const) {
    const { headers } = await app.request(path, { method });
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, path);
  }
});

Deno.test("healthApp() does not use the Host header", async () => {
  const { app } = open();
  const here = await app.request("http://127.0.0.1/health", { headers: { host: "127.0.0.1" } });
  const there = await app.request("http://evil.example/health", { headers: { host: "evil.example" } });
  assert.deepEqual(await there.json(), await here.json());
});

Deno.test("healthApp() answers a defect with a problem document and logs it, its text unseen from outside", async () => {
  const log = new FakeLogger();
  const broken = {
    ...view({}),
    queue: () => {
      throw new TypeError("secret detail");
    },
  };
  const response = await healthApp(broken, log).request("/health");
  assert.equal(response.status, 500);
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const text = await response.text();
  assert.equal(JSON.parse(text).code, "internal_error");
  assert.doesNotMatch(text, /secret/);
  assert.match(log.lines[0]?.message ?? "", /secret detail/);
});
