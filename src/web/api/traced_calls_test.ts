import assert from "node:assert/strict";
import { apiStand, type ApiStandOptions } from "../../../tests/fakes/api_stand.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { type FinishedSpan, SpanMaker, TraceScope } from "../../telemetry/mod.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;

async function stand(ratio: number, more: Omit<ApiStandOptions, "tracer" | "clock"> = {}) {
  const clock = new FakeClock();
  const spans: FinishedSpan[] = [];
  const scope = new TraceScope();
  const finished = (span: FinishedSpan) => void spans.push(span);
  const tracer = new SpanMaker({ ratio, random: () => 0.5, clock, scope, finished });
  const api = await apiStand({ clock, tracer, ...more });
  return { ...api, spans, scope };
}

Deno.test("A call has a span named by its route, and the answer says where it is in the trace", async () => {
  await using api = await stand(1);
  const viewer = await api.login("viewer");
  const answer = await viewer("GET", "/api/sources/meters/status?search=canary");
  const [span = assert.fail("no span")] = api.spans;
  assert.equal(answer.headers.get("traceparent"), `00-${span.traceId}-${span.spanId}-01`);
  assert.deepEqual([span.name, span.kind, span.parentId], ["GET /api/sources/:name/status", "server", undefined]);
  assert.doesNotMatch(JSON.stringify(api.spans), /canary|meters|viewer1/);
});

Deno.test("A call of somebody who is logged in goes on with the caller's trace, whatever the ratio", async () => {
  await using api = await stand(0);
  const viewer = await api.login("viewer");
  const answer = await viewer("GET", "/api/status", { headers: { traceparent: TRACEPARENT } });
  assert.match(answer.headers.get("traceparent") ?? "", new RegExp(`^00-${TRACE}-`));
  assert.deepEqual(api.spans.map(({ traceId, parentId }) => [traceId, parentId]), [[TRACE, PARENT]]);
});

for (
  const [who, header] of [
    ["a stranger", TRACEPARENT],
    ["a caller who is not traced itself", `00-${TRACE}-${PARENT}-00`],
    ["a caller with a header that is not right", "00-1-2-01"],
  ] as const
) {
  Deno.test(`The traceparent of ${who} makes no span`, async () => {
    await using api = await stand(0);
    const client = who === "a stranger" ? api.anybody : await api.login("viewer");
    const answer = await client("GET", "/api/status", { headers: { traceparent: header } });
    assert.equal(answer.headers.get("traceparent"), null);
    assert.deepEqual(api.spans, []);
  });
}

Deno.test("A refused call, and one of an address that is not there, have spans without what was asked for", async () => {
  await using api = await stand(1);
  await api.anybody("GET", "/api/dlq/canary");
  const viewer = await api.login("viewer");
  await viewer("GET", "/api/canary");
  const told = api.spans.map(({ name, attributes, hasFailed }) => [
    name,
    attributes["http.response.status_code"],
    hasFailed,
  ]);
  assert.deepEqual(told, [["GET /api/dlq/:id", 401, false], ["GET /api", 404, false]]);
});

Deno.test("A call that meets a defect has a span that failed, and its log line names the span", async () => {
  await using api = await stand(1, {
    workplace: () => {
      throw new Error("canary");
    },
  });
  const places: unknown[] = [];
  const { log } = api;
  log.log = () => void places.push(api.scope.current);
  const viewer = await api.login("viewer");
  const { status } = await viewer("GET", "/api/dlq");
  assert.equal(status, 500);
  const [span = assert.fail("no span")] = api.spans;
  assert.deepEqual(places, [{ traceId: span.traceId, spanId: span.spanId }]);
  assert.deepEqual([span.hasFailed, span.attributes["error.type"]], [true, "bug"]);
  assert.doesNotMatch(JSON.stringify(api.spans), /canary/);
});
