import { EdgeError } from "../core/error.ts";
import type { BreakerState, ConnectorEvent } from "../core/event.ts";
import type { LogLevel } from "../core/logger.ts";
import { nextAttempt, repeated, type Voice } from "./voice.ts";

type Of<K extends ConnectorEvent["kind"]> = Extract<ConnectorEvent, { kind: K }>;

export function sinkConnected({ log, metrics, fold }: Voice, { lane }: Of<"sink_connected">): void {
  metrics.sinkConnects.add({ lane });
  const total = fold.take(`connected ${lane}`, { lines: 3 });
  if (total === undefined) return;
  log.log("info", `Rows can be sent to ${lane}`, { lane, ...repeated(total) });
}

export function sinkFailed({ log, metrics, fold }: Voice, { lane, error, retryInMs }: Of<"sink_failed">): void {
  metrics.sinkFailures.add({ lane, code: error.code });
  const total = fold.take(`failed ${lane} ${error.code}`);
  if (total === undefined) return;
  const isHalted = error.disposition === "halt";
  const start = isHalted ? `Sending to ${lane} needs a person` : `Rows cannot be sent to ${lane} now`;
  log.log(isHalted ? "error" : "warn", `${start}: ${error.message} (they are kept; ${nextAttempt(retryInMs)})`, {
    lane,
    code: error.code,
    retry_in_ms: retryInMs,
    ...repeated(total),
  });
}

export function sinkBug({ log, metrics, fold }: Voice, { lane, error, retryInMs }: Of<"sink_bug">): void {
  metrics.sinkFailures.add({ lane, code: "bug" });
  const total = fold.take(`bug ${lane} ${error.message}`);
  if (total === undefined) return;
  log.log("error", `Sending to ${lane} met a defect of the connector, please report it: ${error.message}`, {
    lane,
    code: "bug",
    retry_in_ms: retryInMs,
    stack: error.stack,
    ...repeated(total),
  });
}

const BREAKER: Readonly<Record<BreakerState, [LogLevel, string]>> = {
  closed: ["info", "The circuit breaker is closed: rows are sent again"],
  open: ["warn", "The circuit breaker is open: rows wait in the buffer"],
  half_open: ["debug", "The circuit breaker is half open: one send tries whether the table can be reached"],
};

export function breaker({ log, metrics, fold }: Voice, { lane, state }: Of<"breaker">): void {
  metrics.breakerState.set(lane, state);
  const total = fold.take(`breaker ${lane} ${state}`, { lines: 3 });
  if (total === undefined) return;
  const [level, sentence] = BREAKER[state];
  log.log(level, sentence, { lane, state, ...repeated(total) });
}

export function rowsSent({ metrics }: Voice, { lane, count, bytes }: Of<"rows_sent">): void {
  metrics.recordsSent.add({ lane }, count);
  metrics.bytesSent.add({ lane }, bytes);
}

export function rowsWritten({ metrics }: Voice, { lane, count, ackMs }: Of<"rows_written">): void {
  metrics.recordsWritten.add({ lane }, count);
  metrics.deliverySeconds.observe(lane, ackMs);
}

export function queueLevel({ log, fold }: Voice, { isHigh, unsent, maxUnsent }: Of<"queue_level">): void {
  const total = fold.take(`queue ${isHigh}`, { lines: 3 });
  if (total === undefined) return;
  const sentence = isHigh
    ? "The queue is nearly full: rows arrive faster than they are sent"
    : "The queue has room again";
  log.log(isHigh ? "warn" : "info", sentence, { unsent, max_unsent: maxUnsent, ...repeated(total) });
}

export function copyDropped({ log, metrics, fold }: Voice, { lane, count }: Of<"copy_dropped">): void {
  metrics.copyDropped.add({ lane }, count);
  const total = fold.take(`copy ${lane}`, { amount: count });
  if (total === undefined) return;
  log.log("warn", `The local copy of ${lane} misses ${total} rows; sending to Databricks is not concerned`, {
    lane,
    count: total,
  });
}

export function copyFailed({ log, metrics, fold }: Voice, { lane, error, retryInMs }: Of<"copy_failed">): void {
  const code = error instanceof EdgeError ? error.code : "bug";
  metrics.copyFailures.add({ lane, code });
  const total = fold.take(`copy failed ${lane} ${code}`);
  if (total === undefined) return;
  log.log("warn", `The local copy of ${lane} cannot be written: ${error.message} (${nextAttempt(retryInMs)})`, {
    lane,
    code,
    retry_in_ms: retryInMs,
    ...(code === "bug" ? { stack: error.stack } : {}),
    ...repeated(total),
  });
}

export function ledgerUnbalanced({ log, metrics, fold }: Voice, { difference }: Of<"ledger_unbalanced">): void {
  metrics.imbalances.add({});
  const total = fold.take("ledger");
  if (total === undefined) return;
  log.log(
    "error",
    "The ledger does not balance: records are unaccounted for. Please report this with the log before it",
    {
      difference,
      ...repeated(total),
    },
  );
}
