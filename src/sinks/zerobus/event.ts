/** What the Zerobus sink reports, under the names it has here. */
export type {
  ColumnsFrom,
  ReportSink as ReportZerobus,
  SinkEvent as ZerobusEvent,
  StreamEnd,
} from "../../core/event.ts";
