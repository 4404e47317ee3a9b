export { BatchTraces } from "./batch_traces.ts";
export type { BatchLimits } from "./batcher.ts";
export * from "./breaker.ts";
export * from "./forwarder.ts";
export * from "./identity.ts";
export * from "./pipeline.ts";
export { RecentReadings } from "./recent_readings.ts";
export * from "./supervisor.ts";
