export type { FaultPlan, StreamFault, WebFault } from "./fault.ts";
export type { Poison } from "./ingest_stream.ts";
export { Code, type ErrorInfo, type GrpcStatus, STREAM_TIMEOUT } from "./status.ts";
export type { Keep } from "./store.ts";
export { BRONZE_TABLES, bronzeTable, type Column, type StoredRow, type StoredValue, type Table } from "./table.ts";
export { type Refusal, startZerobus, type ZerobusOptions, type ZerobusPeer, type ZerobusStats } from "./zerobus.ts";
