import type { ConnectorEvent, SpillReason } from "../core/event.ts";
import { repeated, type Voice } from "./voice.ts";

type Of<K extends ConnectorEvent["kind"]> = Extract<ConnectorEvent, { kind: K }>;

export function spoolRestored({ log }: Voice, { rows, bytes }: Of<"spool_restored">): void {
  log.log("info", `The spool holds ${rows} rows of an earlier start: they are sent first`, { rows, bytes });
}

export function spoolLevel({ log, fold }: Voice, { isHigh, bytes, maxBytes }: Of<"spool_level">): void {
  const total = fold.take(`spool ${isHigh}`, { lines: 3 });
  if (total === undefined) return;
  const sentence = isHigh
    ? "The spool is nearly full: rows cannot be sent as fast as they arrive"
    : "The spool has room again";
  log.log(isHigh ? "warn" : "info", sentence, { bytes, max_bytes: maxBytes, ...repeated(total) });
}

const SPILL_REASONS: Readonly<Record<SpillReason, string>> = {
  queue_high: "many wait",
  sink_away: "the sink is away",
  slow_acknowledgement: "the sink is slow",
  command: "a command works with it",
  stop: "the connector stops",
};

export function spill({ log, fold }: Voice, { lane, reason }: Of<"spill">): void {
  const total = fold.take(`spill ${lane} ${reason}`, { lines: 3 });
  if (total === undefined) return;
  const sentence = reason === undefined
    ? `Rows to ${lane} wait in memory again`
    : `Rows to ${lane} go to the spool: ${SPILL_REASONS[reason]}`;
  log.log("info", sentence, { lane, ...repeated(total) });
}

export function lostAtCrash({ log, metrics }: Voice, { table, firstSeq, lastSeq }: Of<"lost_at_crash">): void {
  const count = lastSeq - firstSeq + 1;
  metrics.lostAtCrash.add({ table }, count);
  const which = `those with the numbers ${firstSeq} to ${lastSeq} that did not arrive`;
  log.log("error", `The last end was a kill, and rows to ${table} were in memory alone: lost are ${which}`, {
    code: "lost_at_crash",
    table,
    at_most: count,
  });
}

export function spoolStalled({ log, metrics, fold }: Voice, { reason }: Of<"spool_stalled">): void {
  metrics.spoolStalls.add({});
  const total = fold.take("spool stalled", { lines: 3 });
  if (total === undefined) return;
  log.log("error", `The spool cannot be written, so sources wait; what was accepted is kept: ${reason}`, {
    code: "spool_stalled",
    ...repeated(total),
  });
}

export function spoolResumed({ log, fold }: Voice): void {
  const total = fold.take("spool resumed", { lines: 3 });
  if (total === undefined) return;
  log.log("info", "The spool can be written again: sources go on", repeated(total));
}

export function spoolSalvageBegun({ log }: Voice, { bytes, reason }: Of<"spool_salvage_begun">): void {
  const size = `${Math.ceil(bytes / 1e6)} MB`;
  log.log("warn", `The spool's file cannot be read: what is left of its ${size} is looked for now: ${reason}`, {
    code: "spool_salvage_begun",
    bytes,
  });
}

export function spoolRemainsDeleted({ log }: Voice, { path }: Of<"spool_remains_deleted">): void {
  log.log("warn", `A damaged spool file of an earlier time was deleted, as only the newest three stay: ${path}`, {
    code: "spool_remains_deleted",
    path,
  });
}

export function spoolReplaced({ log, metrics }: Voice, { kept, reason }: Of<"spool_replaced">): void {
  metrics.spoolReplaced.add({});
  log.log(
    "error",
    `The spool's file cannot be read, so a new one was begun and the old one kept as ${kept}: ${reason}`,
    {
      code: "spool_replaced",
      kept,
    },
  );
}

export function spoolSalvaged({ log, metrics }: Voice, { rows, letters, lost, failure }: Of<"spool_salvaged">): void {
  metrics.salvagedRows.add({}, rows);
  metrics.salvageLost.add({}, lost);
  const found = `${rows} rows and ${letters} dead letters were read back from the spool's damaged file`;
  const rest = lost === 0 ? "nothing is missing" : `${lost} are missing and count as quarantined`;
  const end = failure === undefined ? "" : `. Not all was read: ${failure}`;
  log.log(lost === 0 && failure === undefined ? "warn" : "error", `${found}; ${rest}${end}`, {
    code: "spool_salvaged",
    rows,
    letters,
    lost,
  });
}

export function spoolSalvageFailed({ log }: Voice, { reason }: Of<"spool_salvage_failed">): void {
  log.log("error", `Nothing could be read back from the spool's damaged file, and the ledger begins anew: ${reason}`, {
    code: "spool_salvage_failed",
  });
}

export function spoolDamaged({ log }: Voice, { reason }: Of<"spool_damaged">): void {
  const sentence =
    "The spool's file is damaged: the connector starts anew, puts it aside and reads back what is left of it";
  log.log("error", `${sentence}: ${reason}`, { code: "spool_damaged" });
}

export function rowsQuarantined(
  { log, metrics, fold }: Voice,
  { lane, count, reason }: Of<"rows_quarantined">,
): void {
  metrics.quarantined.add({ lane }, count);
  const total = fold.take(`quarantine ${lane}`, { amount: count, lines: 3 });
  if (total === undefined) return;
  log.log("error", `${total} rows of ${lane} in the spool cannot be read; they were put aside: ${reason}`, {
    code: "rows_quarantined",
    lane,
    count: total,
  });
}
