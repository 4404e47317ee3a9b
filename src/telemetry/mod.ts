export { watchEventLoop } from "./event_loop.ts";
export { telemetryReport, toAll } from "./events.ts";
export { History, historyFile, type HistoryLook } from "./history.ts";
export { JsonLog, type LogFormat, type LogOptions } from "./json_log.ts";
export { type KeptLine, LogRing } from "./log_ring.ts";
export { type MetricFamily, Metrics, type MetricsOptions } from "./metrics.ts";
export { StatusBoard } from "./status.ts";
export type { TelemetryOptions } from "./voice.ts";
export type { ProcessUse, WatchedBuffer } from "./watched.ts";
