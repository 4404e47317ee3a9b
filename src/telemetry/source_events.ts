import { codeOf } from "../core/error.ts";
import type { ConnectorEvent, SourceState } from "../core/event.ts";
import type { LogLevel } from "../core/logger.ts";
import type { PollSkipCause, SourceEvent } from "../core/source.ts";
import { nextAttempt, repeated, type Voice } from "./voice.ts";

type Of<K extends ConnectorEvent["kind"]> = Extract<ConnectorEvent, { kind: K }>;

/** Lines a minute about single tags or letters of one source: enough to see which, not enough to fill a disk. */
const DETAIL_LINES = 20;

export function sourceState({ log, metrics, fold }: Voice, { source, state }: Of<"source_state">): void {
  metrics.sourceState.set(source, state.state);
  metrics.sourceUp.set({ source }, state.state === "connected" ? 1 : 0);
  if (state.state === "connected") metrics.sourceConnects.add({ source });
  const total = fold.take(`state ${source} ${state.state}`, { lines: 3 });
  if (total === undefined) return;
  const [level, sentence] = stateLine(state);
  log.log(level, `Source ${source} ${sentence}`, { source, state: state.state, ...repeated(total) });
}

function stateLine(state: SourceState): [LogLevel, string] {
  switch (state.state) {
    case "connected":
      return ["info", "is connected"];
    case "stopped":
      return ["info", "has stopped"];
    case "repairing":
      return ["warn", `gives no data while its session is mended: ${state.reason}`];
    case "connecting":
      return ["debug", `connects, attempt ${state.attempt}`];
    case "given_up":
      return ["debug", "is given up"];
    case "waiting":
    case "halted":
      return ["debug", `is ${state.state}: ${nextAttempt(state.retryInMs)}`];
    default:
      return state satisfies never;
  }
}

export function sourceEndpoint(
  { log, metrics, fold }: Voice,
  { source, endpoint, number, count, before, left }: Of<"source_endpoint">,
): void {
  if (before !== undefined) {
    metrics.endpointInUse.set({ source, endpoint: before }, 0);
    metrics.sourceMoves.add({ source });
  }
  metrics.endpointInUse.set({ source, endpoint }, 1);
  if (count === 1) return;
  const total = fold.take(`endpoint ${source}`, { lines: 3 });
  if (total === undefined) return;
  const why = left ? `: ${left.endpoint} failed (${left.reason})` : "";
  log.log(left ? "warn" : "info", `Source ${source} is read at ${endpoint}, its endpoint ${number} of ${count}${why}`, {
    source,
    endpoint,
    ...repeated(total),
  });
}

export function sourceFailed(
  { log, metrics, fold }: Voice,
  { source, error, retryInMs, goesOn }: Of<"source_failed">,
): void {
  metrics.sourceFailures.add({ source, code: error.code });
  const total = fold.take(`failed ${source} ${error.code} ${goesOn ? "goes on" : ""}`);
  if (total === undefined) return;
  const isHalted = error.disposition === "halt";
  const start = isHalted ? `Source ${source} needs a person` : `Source ${source} is not connected`;
  const next = goesOn ? "another endpoint of it is tried at once" : nextAttempt(retryInMs);
  log.log(isHalted ? "error" : "warn", `${start}: ${error.message} (${next})`, {
    source,
    code: error.code,
    retry_in_ms: retryInMs,
    ...repeated(total),
  });
}

export function sourceBug({ log, metrics, fold }: Voice, { source, error, retryInMs }: Of<"source_bug">): void {
  metrics.sourceFailures.add({ source, code: "bug" });
  const total = fold.take(`bug ${source} ${error.message}`);
  if (total === undefined) return;
  log.log("error", `Source ${source} met a defect of the connector, please report it: ${error.message}`, {
    source,
    code: "bug",
    retry_in_ms: retryInMs,
    stack: error.stack,
    ...repeated(total),
  });
}

export function sourceGivenUp({ log, metrics }: Voice, { source, error, attempts }: Of<"source_given_up">): void {
  const code = codeOf(error);
  metrics.sourceFailures.add({ source, code });
  const end = "it is not tried again before the next start (resilience.reconnect)";
  log.log("error", `Source ${source} is given up after ${attempts} failures in a row: ${error.message}; ${end}`, {
    source,
    code,
    attempts,
  });
}

/** Beyond this a device's clock is wrong, and its time would spoil the sum of all others. */
const MAX_AGE_MS = 86_400_000;

export function readingsAccepted(voice: Voice, { source, count, lastEventUs }: Of<"readings_accepted">): void {
  const { metrics } = voice;
  const protocol = voice.protocolOf(source);
  metrics.recordsRead.add({ source, protocol }, count);
  if (lastEventUs === undefined) return;
  const ageMs = (voice.nowUs() - lastEventUs) / 1000;
  metrics.acceptDelaySeconds.observe(protocol, Math.min(Math.max(0, ageMs), MAX_AGE_MS));
}

export function readingsDropped({ log, metrics, fold }: Voice, event: Of<"readings_dropped">): void {
  const { source, reason, count, fromUs, toUs } = event;
  metrics.recordsDropped.add({ source, reason }, count);
  const total = fold.take(`dropped ${source} ${reason}`, { amount: count });
  if (total === undefined) return;
  log.log("warn", `The queue is full: ${total} readings of source ${source} were dropped`, {
    source,
    reason,
    count: total,
    from: isoTime(fromUs),
    to: isoTime(toUs),
  });
}

export function deadLetter({ log, metrics, fold }: Voice, { source, tag, table, error }: Of<"dead_letter">): void {
  metrics.deadLetters.add({ source, code: error.code });
  const total = fold.take(`letter ${source} ${error.code}`, { lines: DETAIL_LINES });
  if (total === undefined) return;
  log.log("warn", `A reading of source ${source} is now a dead letter: ${error.message}`, {
    source,
    tag,
    table,
    code: error.code,
    ...repeated(total),
  });
}

export function readingFiltered({ log, metrics, fold }: Voice, { source, tag, error }: Of<"reading_filtered">): void {
  const { code, message } = error;
  metrics.recordsFiltered.add({ source, code });
  const total = fold.take(`filtered ${source} ${code}`);
  if (total === undefined) return;
  const start = `What source ${source} sent was counted and let go (processing.validation.drop_invalid)`;
  log.log("warn", `${start}: ${message}`, { source, tag, code, count: total });
}

export function sourceEvent(voice: Voice, { source, event }: Of<"source_event">): void {
  switch (event.kind) {
    case "repairing":
    case "repaired":
      return; // the source's state says so
    case "device_side":
      return deviceSide(voice, source, event);
    case "tag_failed":
      return tagFailed(voice, source, event);
    case "tag_recovered":
      return tagRecovered(voice, source, event);
    default:
      return event satisfies never;
  }
}

type DeviceSide = Extract<SourceEvent, { kind: "device_side" }>;

const DEVICE_SIDE: Readonly<Record<Exclude<DeviceSide["what"], "poll_skipped">, string>> = {
  overflow: "lost values in its own queue: raise queue_size or publish more often",
  redelivered: "sent messages again after an interruption",
  dropped_qos0: "sent QoS 0 messages faster than they could be taken: use QoS 1 where none may be lost",
  sparkplug_gap:
    "missed Sparkplug messages: what comes by alias is Unconfirmed until the node's next birth, which is asked for where sparkplug.rebirth_requests is set",
  sparkplug_no_birth:
    "got Sparkplug data without the births that say what they are: they are asked for where sparkplug.rebirth_requests is set; restart nodes that do not answer, which their dead letters name",
  sparkplug_old_death: "left out the death of a Sparkplug node that was born again since",
  sparkplug_rebirth_request: "asked Sparkplug nodes for their births",
  line_checksum: "gave answers that were damaged on the line: look at cable, shield, termination and earthing",
  line_truncated: "gave answers that broke off: look at the cable, and at the pauses that its gateway makes in frames",
  line_foreign:
    "has frames on its line that answer no request of ours: raise timeout_seconds if its units answer late, look for a second master, or units of one id",
  line_noise: "has bytes on its line that are no frames: look at baudrate and parity, cable, termination and bias",
};

const HARMLESS: ReadonlySet<DeviceSide["what"]> = new Set([
  "redelivered",
  "sparkplug_old_death",
  "sparkplug_rebirth_request",
]);

const POLL_SKIPPED: Readonly<Record<PollSkipCause, string>> = {
  queue_full: "was not polled while the queue was full: see why its rows are not sent",
  silent: "was not polled at its intervals while it, or a unit behind it, did not answer: see which tags give no value",
  too_slow:
    "was polled too slowly to keep its intervals: lengthen them, read less, or raise rate_limit.requests_per_second where it is set",
};

function deviceSide({ log, metrics, fold }: Voice, source: string, { what, count, cause }: DeviceSide): void {
  metrics.deviceSide.add({ source, what }, count);
  const total = fold.take(`device ${source} ${what} ${cause ?? ""}`, { amount: count });
  if (total === undefined) return;
  const level = HARMLESS.has(what) ? "info" : "warn";
  const sentence = what === "poll_skipped" ? POLL_SKIPPED[cause ?? "too_slow"] : DEVICE_SIDE[what];
  log.log(level, `Source ${source} ${sentence}`, { source, what, cause, count: total });
}

function tagFailed(
  { log, metrics, fold }: Voice,
  source: string,
  { tag, reason, wasTold }: Extract<SourceEvent, { kind: "tag_failed" }>,
): void {
  if (wasTold) return;
  metrics.tagFailures.add({ source });
  const total = fold.take(`tag ${source}`, { lines: DETAIL_LINES });
  if (total === undefined) return;
  log.log("warn", `Tag ${tag} of source ${source} gives no value: ${reason}`, { source, tag, ...repeated(total) });
}

function tagRecovered(
  { log, fold }: Voice,
  source: string,
  { tag, isLeft }: Extract<SourceEvent, { kind: "tag_recovered" }>,
): void {
  const total = fold.take(`tag again ${source}`, { lines: DETAIL_LINES });
  if (total === undefined) return;
  const what = isLeft ? "is not at the device any more, and is not read" : "gives values again";
  log.log("info", `Tag ${tag} of source ${source} ${what}`, { source, tag, ...repeated(total) });
}

/** Event times come from devices, which may be far off. */
function isoTime(us: number): string | undefined {
  const time = new Date(us / 1000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
