/** Feeds the history that the charts show. */
import type { Buffer } from "../buffer/buffer.ts";
import type { Clock } from "../core/clock.ts";
import { History, historyFile, type HistoryLook, type Metrics } from "../telemetry/mod.ts";
import type { Telemetry } from "./telemetry.ts";

const STEP_MS = 1000;
const ACKS = ["connector_sink_request_seconds_count", "connector_sink_request_seconds_sum"] as const;

export interface HistoryDeps {
  readonly home: string;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "log" | "metrics">;
  readonly buffer: Pick<Buffer, "level" | "ledger">;
}

/** A history, and the timer that feeds it. */
export interface RunningHistory extends Disposable {
  readonly history: History;
}

export function openHistory({ home, clock, telemetry: { log, metrics }, buffer }: HistoryDeps): RunningHistory {
  const history = new History(historyFile(home, log), clock.nowUs());
  const timer = clock.every(STEP_MS, async () => history.note(clock.nowUs(), await lookAt(buffer, metrics)));
  return { history, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

async function lookAt(buffer: HistoryDeps["buffer"], metrics: Metrics): Promise<HistoryLook> {
  const [acks = 0, ackSeconds = 0] = await metrics.counted(ACKS.map((name) => ({ name, labels: {} })));
  const { queued, spooledBytes } = buffer.level();
  const { total, sources } = buffer.ledger();
  return {
    received: total.received,
    written: total.written,
    queue: queued,
    spoolBytes: spooledBytes,
    acks,
    ackSeconds,
    sources: new Map(Object.entries(sources)),
  };
}
