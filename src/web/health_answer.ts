import type { LaneStatus, LastError, SourceStatus, SpoolOutlook } from "../core/status.ts";

/** No line of the audit is dropped for room: beyond so much somebody has to look. Years of daily work have a part of it. */
const MAX_AUDIT_BYTES = 1024 ** 3;
/** Characters of a message that are shown at most. */
const MAX_MESSAGE = 1000;

/** What health is told from. Each function looks at the present. */
export interface HealthView {
  readonly version: string;
  /** `deployment.instance_id`: a label. */
  readonly instanceId: string;
  /** Microseconds since 1970-01-01 UTC. */
  nowUs(): number;
  /** Time since the process started. */
  uptimeMs(): number;
  /** The enabled sources, by name. */
  sources(): ReadonlyMap<string, SourceStatus>;
  /** The lanes in use, by id. */
  lanes(): ReadonlyMap<string, LaneStatus>;
  queue(): {
    readonly unsent: number;
    readonly maxUnsent: number;
    readonly isFull: boolean;
    readonly queued: number;
    readonly spooledBytes: number;
  };
  /** Undefined while nothing is kept on disk. */
  spool(): SpoolOutlook | undefined;
  isLedgerBalanced(): boolean;
  /** The host's time is known to be wrong. */
  isClockDoubtful(): boolean;
  /** What the files of the audit have on the disk. */
  auditBytes(): number;
  /** What became of everything received, in total and by source, as JSON shows it. */
  ledger(): object;
}

/**
 * `ok`: data flows. `degraded`: a part of it does not, or rows wait. `down`: nothing flows, either because no source is
 * connected or because the queue is full and cannot be sent.
 */
export type HealthStatus = "ok" | "degraded" | "down";

interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly since: string;
}

interface SourceAnswer {
  readonly state: string;
  readonly since: string;
  readonly endpoint?: string;
  readonly records_read: number;
  readonly failing_tags: number;
  readonly last_reading_at?: string;
  readonly next_attempt_at?: string;
  readonly last_error?: ErrorAnswer;
}

interface SinkAnswer {
  /** Where its rows go: `catalog.schema.table`. */
  readonly table: string;
  readonly connected: boolean;
  readonly breaker: string;
  /** When the breaker was last closed or ceased to be. */
  readonly breaker_since: string;
  /** Absent while rows are sent or a try is made. */
  readonly next_attempt_at?: string;
  readonly last_error?: ErrorAnswer;
}

interface SpoolAnswer {
  readonly rows: number;
  readonly bytes: number;
  readonly max_bytes: number;
  /** At the pace of the last minutes; null while it does not fill. */
  readonly full_in_seconds: number | null;
  /** At the pace of the last minutes; null while it does not drain. */
  readonly empty_in_seconds: number | null;
}

/** What the API answers to `GET /api/status`, and `/health` is made of. Times are ISO 8601. */
export interface HealthAnswer {
  readonly status: HealthStatus;
  /** Why it is not `ok`, in words. */
  readonly causes: readonly string[];
  readonly timestamp: string;
  readonly version: string;
  readonly uptime_seconds: number;
  readonly instance_id: string;
  readonly sources: Readonly<Record<string, SourceAnswer>>;
  readonly sinks: Readonly<Record<string, SinkAnswer>>;
  readonly queue: {
    readonly unsent: number;
    readonly max_unsent: number;
    /** Nothing more is taken: sources are held back, or rows dropped by `drop_policy`. */
    readonly is_full: boolean;
    readonly queued: number;
    readonly spooled_bytes: number;
  };
  /** Null while nothing is kept on disk. */
  readonly spool: SpoolAnswer | null;
  readonly ledger: { readonly balanced: boolean };
}

export function healthAnswer(view: HealthView): HealthAnswer {
  const { unsent, maxUnsent, isFull, queued, spooledBytes } = view.queue();
  const balanced = view.isLedgerBalanced();
  return {
    ...judge(view, { isFull, balanced }),
    timestamp: isoTime(view.nowUs()),
    version: view.version,
    uptime_seconds: Math.floor(view.uptimeMs() / 1000),
    instance_id: view.instanceId,
    sources: Object.fromEntries([...view.sources()].map(([name, status]) => [name, sourceAnswer(status)])),
    sinks: Object.fromEntries([...view.lanes()].map(([lane, status]) => [lane, laneAnswer(lane, status)])),
    queue: { unsent, max_unsent: maxUnsent, is_full: isFull, queued, spooled_bytes: spooledBytes },
    spool: spoolAnswer(view.spool()),
    ledger: { balanced },
  };
}

/** Whether the connector has begun its work: every source was tried once, well or not. */
export function isReady(view: HealthView): boolean {
  return [...view.sources().values()].every((source) => source.wasTried);
}

function judge(
  view: HealthView,
  { isFull, balanced }: { isFull: boolean; balanced: boolean },
): { status: HealthStatus; causes: string[] } {
  // What may lose data stands first.
  const causes: string[] = isFull ? ["the queue is full"] : [];
  for (const [name, { state, failingTags }] of view.sources()) {
    if (state !== "connected") causes.push(`source ${name} is ${state.replace("_", " ")}`);
    else if (failingTags > 0) causes.push(`source ${name}: ${failingTags} tags give no value`);
  }
  causes.push(...new Set(breakerCauses(view)));
  if (view.isClockDoubtful()) causes.push("the host's clock is wrong");
  if (!balanced) causes.push("the ledger does not balance");
  if (view.auditBytes() > MAX_AUDIT_BYTES) causes.push("the audit has more than 1 GiB on the disk");
  const isDown = hasNoSource(view) || (isFull && cannotSend(view));
  return { status: isDown ? "down" : causes.length > 0 ? "degraded" : "ok", causes };
}

/** Two lanes may be of one table: people know the table. */
function* breakerCauses(view: HealthView): Generator<string> {
  for (const [lane, { breaker }] of view.lanes()) {
    if (breaker !== "closed") yield `the circuit breaker of ${tableOf(lane)} is ${breaker.replace("_", " ")}`;
  }
}

/** No source is connected although each was tried. */
function hasNoSource(view: HealthView): boolean {
  const sources = [...view.sources().values()];
  return sources.length > 0 && isReady(view) && !sources.some(({ state }) => state === "connected");
}

function cannotSend(view: HealthView): boolean {
  const lanes = [...view.lanes().values()];
  return lanes.length > 0 && !lanes.some(({ breaker }) => breaker === "closed");
}

function sourceAnswer(status: SourceStatus): SourceAnswer {
  const { state, since, endpoint, recordsRead, lastReadingUs, failingTags, nextAttemptUs, lastError } = status;
  return {
    state,
    since: isoTime(since),
    ...(endpoint === undefined ? {} : { endpoint }),
    records_read: recordsRead,
    failing_tags: failingTags,
    ...(lastReadingUs === undefined ? {} : { last_reading_at: isoTime(lastReadingUs) }),
    ...(nextAttemptUs === undefined ? {} : { next_attempt_at: isoTime(nextAttemptUs) }),
    ...lastErrorAnswer(lastError),
  };
}

function laneAnswer(lane: string, status: LaneStatus): SinkAnswer {
  const { isConnected, breaker, breakerSince, nextAttemptUs, lastError } = status;
  return {
    table: tableOf(lane),
    connected: isConnected,
    breaker,
    breaker_since: isoTime(breakerSince),
    ...(nextAttemptUs === undefined ? {} : { next_attempt_at: isoTime(nextAttemptUs) }),
    ...lastErrorAnswer(lastError),
  };
}

/** A lane is a table and the message of its rows: `catalog.schema.table#Message`. */
function tableOf(lane: string): string {
  return lane.split("#", 1)[0] ?? lane;
}

function spoolAnswer(spool: SpoolOutlook | undefined): SpoolAnswer | null {
  if (!spool) return null;
  const { rows, bytes, maxBytes, trend } = spool;
  return {
    rows,
    bytes,
    max_bytes: maxBytes,
    full_in_seconds: trend.kind === "filling" ? trend.fullInSeconds : null,
    empty_in_seconds: trend.kind === "draining" ? trend.emptyInSeconds : null,
  };
}

function lastErrorAnswer(error: LastError | undefined): { last_error?: ErrorAnswer } {
  if (!error) return {};
  return { last_error: { code: error.code, message: cut(error.message), since: isoTime(error.since) } };
}

/** A device's words may stand in a message. */
function cut(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE).toWellFormed()}…`;
}

function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}
