export { collectorAt, type CollectorOptions, type SpanReceiver, tracesUrl } from "./collector.ts";
export type { FinishedSpan } from "./finished_span.ts";
export { MAX_WAITING, SpanQueue } from "./span_queue.ts";
export { TraceScope } from "./trace_scope.ts";
export { SpanMaker } from "./tracer.ts";
