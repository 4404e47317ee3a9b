import type { Clock } from "../core/clock.ts";
import type { LogFields, Logger, LogLevel } from "../core/logger.ts";
import type { TraceContext } from "../lib/tracing.ts";
import { jsonLine, type LogLine, textLine } from "./log_line.ts";

/** `json`: one object per line, for machines. `text`: for a terminal. */
export type LogFormat = "json" | "text";

export interface LogOptions {
  readonly clock: Pick<Clock, "nowUs">;
  /** Takes a line, without its line feed. Never throws, never waits. */
  readonly write: (line: string) => void;
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Is told of each line that is written. Never throws, never waits. */
  readonly keep?: (line: LogLine) => void;
  /** Where traces are made: the span that the line is written in. */
  readonly trace?: { readonly current: TraceContext | undefined } | undefined;
}

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log whose lines are text. It and all that `with` made of it share one level. */
export class JsonLog implements Logger {
  readonly #shared: { level: LogLevel; readonly options: LogOptions };
  readonly #fields: LogFields;

  private constructor(shared: { level: LogLevel; readonly options: LogOptions }, fields: LogFields) {
    this.#shared = shared;
    this.#fields = fields;
  }

  static open(options: LogOptions): JsonLog {
    return new JsonLog({ level: options.level, options }, {});
  }

  /** The least severe level that is written. May be set at any time. */
  get level(): LogLevel {
    return this.#shared.level;
  }

  set level(level: LogLevel) {
    this.#shared.level = level;
  }

  log(level: LogLevel, message: string, fields?: LogFields): void {
    const { level: least, options: { clock, write, format, keep, trace } } = this.#shared;
    if (SEVERITY[level] < SEVERITY[least]) return;
    const place = placeOf(trace?.current);
    const line = { timeUs: clock.nowUs(), level, message, fields: { ...this.#fields, ...fields, ...place } };
    write(format === "json" ? jsonLine(line) : textLine(line));
    keep?.(line);
  }

  with(fields: LogFields): JsonLog {
    return new JsonLog(this.#shared, { ...this.#fields, ...fields });
  }
}

/** The names are those of OpenTelemetry ("Trace Context in non-OTLP Log Formats"). */
function placeOf(context: TraceContext | undefined): LogFields | undefined {
  return context && { trace_id: context.traceId, span_id: context.spanId };
}
