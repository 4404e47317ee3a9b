import type { ConnectorEvent } from "../core/event.ts";
import { repeated, type Voice } from "./voice.ts";

type Of<K extends ConnectorEvent["kind"]> = Extract<ConnectorEvent, { kind: K }>;

const SAFE = "their order and identity do not depend on it";

export function hostClockDoubted({ log, metrics, fold }: Voice, event: Of<"host_clock_doubted">): void {
  const { doubt, nowUs, behindUs } = event;
  metrics.hostClockDoubtful.set(1);
  const total = fold.take(`clock ${doubt}`);
  if (total === undefined) return;
  const seconds = Math.round(behindUs / 1_000_000);
  const what = doubt === "went_back"
    ? `is ${seconds} seconds behind where it already was`
    : `says ${new Date(nowUs / 1000).toISOString()}, which is before this version of the connector was made`;
  const until = doubt === "went_back" ? "until it has caught up" : "until it is set";
  log.log(
    "error",
    `The host's clock ${what}: set it, best by a time service (NTP). Times that come from it are wrong ${until}, and ` +
      `rows with such times have host_clock ${doubt} in the column labels; ${SAFE}`,
    { code: `clock_${doubt}`, ...(doubt === "went_back" ? { seconds } : {}), ...repeated(total) },
  );
}

export function hostClockTrusted({ log, metrics, fold }: Voice, { why, nowUs }: Of<"host_clock_trusted">): void {
  metrics.hostClockDoubtful.set(0);
  const total = fold.take("clock trusted");
  if (total === undefined) return;
  const time = new Date(nowUs / 1000).toISOString();
  const sentence = why === "right"
    ? `The host's clock is right again: it says ${time}`
    : `The host's clock has run for a day since it went back and is believed now: it says ${time}`;
  log.log("info", `${sentence}. Rows have no host_clock in the column labels from now on`, {
    code: "clock_trusted",
    ...repeated(total),
  });
}

export function hostClockJumped({ log, fold }: Voice, { aheadUs }: Of<"host_clock_jumped">): void {
  const total = fold.take("clock jumped");
  if (total === undefined) return;
  const seconds = Math.round(aheadUs / 1_000_000);
  log.log(
    "warn",
    `The host's clock was set ahead by ${seconds} seconds: times that came from it before may be behind by as much`,
    { code: "clock_set_ahead", seconds, ...repeated(total) },
  );
}
