import process from "node:process";
import type { LoadedConfig, SourceEntry } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import type { Report, ReportSink } from "../core/event.ts";
import type { LogLevel } from "../core/logger.ts";
import { VERSION } from "../lib/version.ts";
import {
  JsonLog,
  type LogLine,
  LogRing,
  Metrics,
  type ProcessUse,
  StatusBoard,
  telemetryReport,
  toAll,
  TraceScope,
  watchEventLoop,
} from "../telemetry/mod.ts";
import { openLogOutput } from "./log_output.ts";

const CANNOT = "cannot be written, and is tried again every 5 seconds; lines wait in memory meanwhile, up to 4 MiB";

/** What tells people and machines how the connector is. */
export interface Telemetry extends AsyncDisposable {
  readonly log: JsonLog;
  /** Its last lines. */
  readonly logs: LogRing;
  readonly metrics: Metrics;
  readonly board: StatusBoard;
  readonly report: Report;
  readonly reportSink: ReportSink;
  /** Where the running code is in a trace. Not there: no traces are made. */
  readonly scope: TraceScope | undefined;
  /** The sources that there are from now on. */
  know(sources: readonly SourceEntry[]): void;
  /** These run no more. */
  forget(gone: { readonly sources: readonly string[]; readonly lanes: readonly string[] }): void;
}

export interface TelemetryDeps {
  readonly clock: Clock;
  /** Absolute path of the home directory, for the log file. */
  readonly home: string;
  /** Standard output: takes log lines, without their line feed. */
  readonly write: (line: string) => void;
}

export function openTelemetry({ config, sources }: LoadedConfig, { clock, home, write }: TelemetryDeps): Telemetry {
  const { level, format } = config.monitoring.logging;
  const scope = config.monitoring.tracing.enabled ? new TraceScope() : undefined;
  const logs = new LogRing();
  const metrics = new Metrics({ version: VERSION, startedUs: clock.nowUs(), processUse });
  const keep = (line: LogLine) => {
    logs.add(line);
    metrics.logLines.add({ level: line.level });
  };
  const output = openLogOutput(config, {
    home,
    clock,
    write,
    failed: (path, reason) => log.log("warn", `The log file ${path} ${CANNOT}: ${reason}`, { code: "log_file_failed" }),
    lost: () => metrics.logLinesLost.add({}),
  });
  const log: JsonLog = JsonLog.open({ clock, write: output.write, level: levelOf(level), format, keep, trace: scope });
  const board = new StatusBoard(clock);
  const protocols = new Map<string, string>();
  const know = (known: readonly SourceEntry[]) => {
    for (const { config: { name }, spec } of known) protocols.set(name, spec.type);
  };
  know(sources);
  const protocolOf = (source: string) => protocols.get(source) ?? "none";
  const { report, reportSink } = telemetryReport({ log, metrics, clock, protocolOf });
  const loop = watchEventLoop(clock, metrics);
  return {
    log,
    logs,
    metrics,
    board,
    report: toAll(report, board.report),
    reportSink,
    scope,
    know,
    forget: (gone) => {
      board.forget(gone);
      for (const source of gone.sources) metrics.forgetSource(source);
      for (const lane of gone.lanes) metrics.forgetLane(lane);
    },
    [Symbol.asyncDispose]: async () => {
      loop[Symbol.dispose]();
      await output[Symbol.asyncDispose]();
    },
  };
}

/** The configuration's word for a level, as the log knows it. */
function levelOf(level: string): LogLevel {
  const levels: Readonly<Record<string, LogLevel>> = { DEBUG: "debug", INFO: "info", WARNING: "warn", ERROR: "error" };
  return levels[level] ?? "info";
}

/** What this process uses now. */
export function processUse(): ProcessUse {
  const { rss, heapUsed } = Deno.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { residentBytes: rss, heapBytes: heapUsed, cpuSeconds: (user + system) / 1e6 };
}
