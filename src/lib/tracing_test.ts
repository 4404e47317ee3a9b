import assert from "node:assert/strict";
import { parseTraceparent, traceparentOf } from "./tracing.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

Deno.test("parseTraceparent() reads the example of the standard, and traceparentOf() writes it", () => {
  const header = `00-${TRACE}-${SPAN}-01`;
  assert.deepEqual(parseTraceparent(header), { traceId: TRACE, spanId: SPAN, isSampled: true });
  assert.equal(traceparentOf({ traceId: TRACE, spanId: SPAN }), header);
});

Deno.test("parseTraceparent() takes a later version with more behind it, and flags that it does not know", () => {
  assert.deepEqual(parseTraceparent(`01-${TRACE}-${SPAN}-fe-more`), { traceId: TRACE, spanId: SPAN, isSampled: false });
});

const WRONG = [
  ["nothing", null],
  ["version ff", `ff-${TRACE}-${SPAN}-01`],
  ["more behind version 00", `00-${TRACE}-${SPAN}-01-more`],
  ["a trace id of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
  ["a parent id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["capitals", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ["a second line", `00-${TRACE}-${SPAN}-01\r\nx: y`],
] as const;

for (const [what, header] of WRONG) {
  Deno.test(`parseTraceparent() lets ${what} go`, () => {
    assert.equal(parseTraceparent(header), undefined);
  });
}
