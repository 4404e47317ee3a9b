import type { SinkEvent } from "../core/event.ts";
import { inWords, repeated, type Voice } from "./voice.ts";

type Of<K extends SinkEvent["kind"]> = Extract<SinkEvent, { kind: K }>;

export function streamOpened({ log, metrics }: Voice, { lane, streamId, openMs }: Of<"stream_opened">): void {
  metrics.streamsOpened.add({ lane });
  metrics.streamOpenSeconds.observe(lane, openMs);
  log.log("debug", `A stream to ${lane} is open`, { lane, stream: streamId, open_ms: Math.round(openMs) });
}

export function streamEnded({ log, metrics }: Voice, { lane, streamId, why }: Of<"stream_ended">): void {
  metrics.streamsEnded.add({ lane, reason: why });
  log.log("debug", `A stream to ${lane} has ended`, { lane, stream: streamId, reason: why });
}

export function rotation({ log, metrics }: Voice, { lane, graceMs }: Of<"rotation">): void {
  metrics.rotations.add({ lane });
  log.log("debug", `The service will end a stream to ${lane} in ${inWords(graceMs)}; the next one is opened`, {
    lane,
    grace_ms: graceMs,
  });
}

export function requestAcked({ metrics }: Voice, { lane, ackMs }: Of<"request_acked">): void {
  metrics.requestSeconds.observe(lane, ackMs);
}

export function poisonFound({ log, metrics, fold }: Voice, { lane, streams }: Of<"poison_found">): void {
  metrics.poisonFound.add({ lane });
  const total = fold.take(`poison ${lane}`);
  if (total === undefined) return;
  log.log("warn", `A row that ${lane} refuses was found and put aside; the dead letters have it`, {
    lane,
    streams,
    ...repeated(total),
  });
}

export function tokenRefreshed({ log, metrics }: Voice, { table }: Of<"token_refreshed">): void {
  metrics.tokenRefreshes.add({ result: "success" });
  log.log("debug", "A new access token is there", { table });
}

export function tokenRefreshFailed({ log, metrics, fold }: Voice, event: Of<"token_refresh_failed">): void {
  const { table, reason } = event;
  metrics.tokenRefreshes.add({ result: "failure" });
  const total = fold.take(`token ${table}`);
  if (total === undefined) return;
  log.log("warn", `The access token could not be renewed; the present one serves on until it ends: ${reason}`, {
    table,
    ...repeated(total),
  });
}

const COLUMNS_FROM: Readonly<Record<Of<"columns_read">["from"], string>> = {
  unity_catalog: "read from Unity Catalog",
  disk: "known from an earlier start, since Unity Catalog did not answer",
  bundled: "taken to be the published bronze columns",
};

export function columnsRead({ log }: Voice, { table, from, count }: Of<"columns_read">): void {
  log.log("info", `The columns of ${table} are ${COLUMNS_FROM[from]}`, { table, from, count });
}

export function rowsPruned({ log, metrics, fold }: Voice, { table, count }: Of<"rows_pruned">): void {
  metrics.recordsPruned.add({ table }, count);
  const total = fold.take(`pruned ${table}`, { amount: count });
  if (total === undefined) return;
  log.log("info", `The local file is at its size limit: the ${total} oldest rows of ${table} were deleted`, {
    table,
    count: total,
  });
}

export function fileReplaced({ log }: Voice, { path, kept, reason }: Of<"file_replaced">): void {
  log.log("error", `${path} cannot be read, so a new one was begun and the old one kept as ${kept}: ${reason}`, {
    path,
    kept,
  });
}
