export type { BatchLimits } from "./batcher.ts";
export * from "./breaker.ts";
export * from "./forwarder.ts";
export * from "./identity.ts";
export * from "./pipeline.ts";
export * from "./supervisor.ts";
