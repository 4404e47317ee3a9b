export type { ColumnsFrom, ReportZerobus, StreamEnd, ZerobusEvent } from "./event.ts";
export type { ProxySettings } from "./proxy.ts";
export { type ZerobusDeps, ZerobusWorkspace } from "./workspace.ts";
