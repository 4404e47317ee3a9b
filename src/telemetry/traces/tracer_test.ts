import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { ConnectionError } from "../../core/error.ts";
import type { FinishedSpan } from "./finished_span.ts";
import { TraceScope } from "./trace_scope.ts";
import { SpanMaker } from "./tracer.ts";

function stand(ratio = 1, random = () => 0.5) {
  const clock = new FakeClock();
  const scope = new TraceScope();
  const spans: FinishedSpan[] = [];
  const maker = new SpanMaker({ ratio, random, clock, scope, finished: (span) => void spans.push(span) });
  const begin = () => maker.begin("batch") ?? assert.fail("not chosen");
  return { clock, scope, spans, maker, begin };
}

Deno.test("SpanMaker makes the part of the traces that the ratio says, none at 0 and all at 1", () => {
  let turn = 0;
  const random = () => (turn++ % 100) / 100;
  const chosen = (ratio: number) => {
    const { maker } = stand(ratio, random);
    return Array.from({ length: 100 }, () => maker.begin("batch")).filter((span) => span !== undefined).length;
  };
  assert.deepEqual([chosen(0), chosen(0.25), chosen(1)], [0, 25, 100]);
});

Deno.test("A jump of the host's clock turns no span of a trace around", async () => {
  const { clock, spans, begin } = stand();
  const batch = begin();
  await clock.advance(10);
  clock.jump(-3600_000_000);
  const commit = batch.child("commit");
  await clock.advance(5);
  commit.end();
  batch.end();
  const [first = assert.fail(), second = assert.fail()] = spans;
  assert.deepEqual([first.startUs - second.startUs, first.endUs - first.startUs], [10_000, 5000]);
  assert.equal(second.startUs, 1_700_000_000_000_000);
});

Deno.test("A span ends once, and of its failure only the code is told", () => {
  const { spans, begin } = stand();
  const span = begin();
  span.end(new ConnectionError("lost", "canary"));
  span.end();
  assert.deepEqual(spans.map(({ hasFailed, attributes }) => [hasFailed, attributes]), [[true, {
    "error.type": "lost",
  }]]);
});

Deno.test("Code is within a span over all that it awaits, and no longer once the span has ended", async () => {
  const { scope, begin } = stand();
  const span = begin();
  const [first, second] = [Promise.withResolvers<unknown>(), Promise.withResolvers<void>()];
  const outlives = span.run(async () => {
    await Promise.resolve();
    first.resolve(scope.current);
    await second.promise;
    return scope.current;
  });
  assert.equal(scope.current, undefined);
  assert.deepEqual(await first.promise, span.context);
  span.end();
  second.resolve();
  assert.equal(await outlives, undefined);
  let told: unknown;
  span.tell(() => void (told = scope.current));
  assert.deepEqual(told, span.context);
});

Deno.test("No two spans have the same id", () => {
  const { spans, begin } = stand();
  for (let i = 0; i < 100; i++) begin().end();
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 100);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 100);
});
