import type { ConnectorEvent, Report, ReportSink, SinkEvent } from "../core/event.ts";
import * as clock from "./clock_events.ts";
import * as lane from "./lane_events.ts";
import * as limit from "./limit_events.ts";
import * as sink from "./sink_events.ts";
import * as source from "./source_events.ts";
import * as spool from "./spool_events.ts";
import { type TelemetryOptions, type Voice, voiceOf } from "./voice.ts";

/** A function per kind of event: it writes the event's log line and its metrics. */
type Tellers<E extends { kind: string }> = {
  readonly [K in E["kind"]]: (voice: Voice, event: Extract<E, { kind: K }>) => void;
};

const CONNECTOR: Tellers<ConnectorEvent> = {
  source_state: source.sourceState,
  source_endpoint: source.sourceEndpoint,
  source_failed: source.sourceFailed,
  source_bug: source.sourceBug,
  source_given_up: source.sourceGivenUp,
  source_held_back: limit.sourceHeldBack,
  source_event: source.sourceEvent,
  readings_accepted: source.readingsAccepted,
  readings_dropped: source.readingsDropped,
  dead_letter: source.deadLetter,
  reading_filtered: source.readingFiltered,
  queue_level: lane.queueLevel,
  sink_connected: lane.sinkConnected,
  sink_failed: lane.sinkFailed,
  sink_bug: lane.sinkBug,
  breaker: lane.breaker,
  rows_sent: lane.rowsSent,
  rows_written: lane.rowsWritten,
  copy_dropped: lane.copyDropped,
  copy_failed: lane.copyFailed,
  spool_restored: spool.spoolRestored,
  spool_level: spool.spoolLevel,
  spool_stalled: spool.spoolStalled,
  spill: spool.spill,
  lost_at_crash: spool.lostAtCrash,
  spool_resumed: spool.spoolResumed,
  spool_salvage_begun: spool.spoolSalvageBegun,
  spool_remains_deleted: spool.spoolRemainsDeleted,
  spool_replaced: spool.spoolReplaced,
  spool_salvaged: spool.spoolSalvaged,
  spool_salvage_failed: spool.spoolSalvageFailed,
  spool_damaged: spool.spoolDamaged,
  rows_quarantined: spool.rowsQuarantined,
  host_clock_doubted: clock.hostClockDoubted,
  host_clock_trusted: clock.hostClockTrusted,
  host_clock_jumped: clock.hostClockJumped,
  ledger_unbalanced: lane.ledgerUnbalanced,
};

const SINK: Tellers<SinkEvent> = {
  stream_opened: sink.streamOpened,
  stream_ended: sink.streamEnded,
  rotation: sink.rotation,
  request_acked: sink.requestAcked,
  poison_found: sink.poisonFound,
  token_refreshed: sink.tokenRefreshed,
  token_refresh_failed: sink.tokenRefreshFailed,
  columns_read: sink.columnsRead,
  rows_pruned: sink.rowsPruned,
  file_replaced: sink.fileReplaced,
};

/** Turns events into log lines and metrics. The two functions never throw and never wait. */
export function telemetryReport(options: TelemetryOptions): { report: Report; reportSink: ReportSink } {
  const voice = voiceOf(options);
  return {
    report: (event) => tell(CONNECTOR, voice, event),
    reportSink: (event) => tell(SINK, voice, event),
  };
}

function tell<E extends { kind: string }>(tellers: Tellers<E>, voice: Voice, event: E): void {
  // The teller of its own kind: the compiler cannot pair the two.
  const teller = tellers[event.kind as E["kind"]] as (voice: Voice, event: E) => void;
  teller(voice, event);
}

/** One report that goes to all of these. */
export function toAll<E>(...reports: readonly ((event: E) => void)[]): (event: E) => void {
  return (event) => {
    for (const report of reports) report(event);
  };
}
