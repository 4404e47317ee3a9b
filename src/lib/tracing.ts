/** What the parts of the connector that are traced know of traces. Where none are made there is no tracer, and nothing else. */

/** What a span says of itself: words and numbers of the connector, never what a device or a person sent. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A place in a trace, as it is named to others (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** How a span stands to others (OpenTelemetry, "SpanKind"). */
export type SpanKind = "internal" | "server" | "client" | "consumer";

export interface SpanOptions {
  readonly attributes?: Attributes;
  /** When it began, by the clock that never jumps; without it, now. */
  readonly startedMs?: number;
  /** Without it: internal. */
  readonly kind?: SpanKind;
}

/** A part of a trace that is under way. None of its functions throws. */
export interface Span {
  readonly context: TraceContext;
  /** A part of it, which may outlast it. */
  child(name: string, options?: SpanOptions): Span;
  set(attributes: Attributes): void;
  /** Where only its end knows what it was. */
  rename(name: string): void;
  /** `failure`: what kept it from being done; its code is told, its message is not. A second call does nothing. */
  end(failure?: unknown): void;
  /** Log lines of `work`, and of all that it awaits, name this span until it ends. */
  run<T>(work: () => T): T;
  /** The same for `work` that tells of what the span met, when it may be over already. */
  tell(work: () => void): void;
}

export interface TraceOptions extends SpanOptions {
  /** The place in somebody else's trace that it belongs to: then it is traced in any case. */
  readonly parent?: TraceContext | undefined;
}

/** Begins traces. */
export interface Tracer {
  /** Undefined: not one of those that are traced. */
  begin(name: string, options?: TraceOptions): Span | undefined;
}

/** Version, trace id, parent id, flags; a later version may have more behind them (W3C Trace Context, 3.2). */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** What a caller sent with its request. */
export interface RemoteContext extends TraceContext {
  /** The caller's own trace has this call. */
  readonly isSampled: boolean;
}

/** Reads the header `traceparent`; undefined where there is none, or it is not right: then a trace of its own is begun. */
export function parseTraceparent(header: string | null): RemoteContext | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = TRACEPARENT.exec(header ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The same header for a place in a trace that is made. */
export function traceparentOf({ traceId, spanId }: TraceContext): string {
  return `00-${traceId}-${spanId}-01`;
}
