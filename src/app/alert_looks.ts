import type { AlertValues } from "../alerts/mod.ts";
import type { Buffer } from "../buffer/buffer.ts";
import { ALERT_NAMES } from "../core/alert.ts";
import type { Clock } from "../core/clock.ts";
import type { LaneStatus, SourceStatus } from "../core/status.ts";
import type { NamedValue } from "../lib/expression.ts";
import type { Telemetry } from "./telemetry.ts";

/** Certificates are read from disk: once an hour is enough for days. */
const CERTIFICATES_MS = 3_600_000;
/** `failure_rate` is taken over so many looks. */
const FAILURE_LOOKS = 60;

export interface AlertLooksDeps {
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "log" | "metrics" | "board">;
  readonly buffer: Pick<Buffer, "level" | "ledger">;
  /** Bytes that the spool may have; undefined without one. */
  readonly maxSpoolBytes: number | undefined;
  /** Days until each certificate ends, by where it is. */
  readonly certificateDays: () => Promise<ReadonlyMap<string, number>>;
}

type Numbers = ReadonlyMap<string, number>;

/** Finds what rules speak of. */
export class AlertLooks {
  readonly #deps: AlertLooksDeps;
  readonly #metrics: readonly NamedValue[];
  readonly #wantsCertificates: boolean;
  readonly #startedMs: number;
  readonly #failures: { readonly received: number; readonly refused: number }[] = [];
  #certificates: Numbers = new Map();
  #certificatesAtMs = -Infinity;

  constructor(deps: AlertLooksDeps, names: readonly NamedValue[]) {
    this.#deps = deps;
    this.#startedMs = deps.clock.monotonicMs();
    this.#metrics = names.filter(({ name }) => !Object.hasOwn(ALERT_NAMES, name));
    this.#wantsCertificates = names.some(({ name }) => ALERT_NAMES[name]?.of === "certificate");
  }

  async look(): Promise<AlertValues> {
    const { clock, telemetry: { metrics } } = this.#deps;
    await this.#readCertificates();
    const sums = await metrics.sums(this.#metrics);
    const known = new Map(this.#metrics.map((of, at) => [JSON.stringify(of), sums[at]]));
    return {
      atMs: clock.monotonicMs(),
      named: new Map([...this.#whole(), ...this.#bySource(), ...this.#byTable(), ...this.#byCertificate()]),
      metric: (of) => known.get(JSON.stringify(of)),
    };
  }

  #whole(): [string, Numbers][] {
    const { clock, buffer, maxSpoolBytes, telemetry: { board } } = this.#deps;
    const { unsent, maxUnsent, isFull, queued, spooledBytes } = buffer.level();
    const { total, balanced } = buffer.ledger();
    const values: Record<string, number | undefined> = {
      queue_depth: unsent,
      max_queue_size: maxUnsent,
      queue_full: isFull ? 1 : 0,
      queued_rows: queued,
      spool_bytes: spooledBytes,
      max_spool_bytes: maxSpoolBytes,
      dead_letters: total.dead_lettered,
      failure_rate: this.#failureRate(),
      ledger_balanced: balanced ? 1 : 0,
      clock_doubtful: board.clockDoubt === undefined ? 0 : 1,
      uptime_seconds: (clock.monotonicMs() - this.#startedMs) / 1000,
    };
    // What is not known decides nothing.
    return Object.entries(values).map((
      [name, value],
    ) => [name, new Map([["", value ?? NaN]])]);
  }

  /** Of the last five minutes; nothing is known while nothing comes. */
  #failureRate(): number | undefined {
    const { total } = this.#deps.buffer.ledger();
    const dropped = Object.values(total.dropped).reduce((sum, rows) => sum + rows, 0);
    const now = { received: total.received, refused: total.dead_lettered + total.purged + dropped };
    this.#failures.push(now);
    if (this.#failures.length > FAILURE_LOOKS + 1) this.#failures.shift();
    const [first = now] = this.#failures;
    const received = now.received - first.received;
    return received > 0 ? Math.max(0, now.refused - first.refused) / received : undefined;
  }

  #bySource(): [string, Numbers][] {
    const { clock, telemetry: { board } } = this.#deps;
    const nowMs = clock.monotonicMs();
    const of = (value: (status: SourceStatus) => number) =>
      new Map([...board.sources].map(([name, status]) => [name, value(status)]));
    const silence = ({ quietSinceMs }: SourceStatus) => (nowMs - quietSinceMs) / 1000;
    return [
      ["source_up", of(({ state }) => state === "connected" ? 1 : 0)],
      ["source_silent_seconds", of(silence)],
      ["failing_tags", of(({ failingTags }) => failingTags)],
    ];
  }

  #byTable(): [string, Numbers][] {
    const { lanes } = this.#deps.telemetry.board;
    return [["connection_status", new Map([...lanes].map(([lane, status]) => [lane, getsThrough(status) ? 1 : 0]))]];
  }

  #byCertificate(): [string, Numbers][] {
    return [["certificate_days_left", this.#certificates]];
  }

  async #readCertificates(): Promise<void> {
    const { clock, certificateDays, telemetry: { log } } = this.#deps;
    if (!this.#wantsCertificates || clock.monotonicMs() - this.#certificatesAtMs < CERTIFICATES_MS) return;
    this.#certificatesAtMs = clock.monotonicMs();
    try {
      this.#certificates = await certificateDays();
    } catch (error) {
      log.log("warn", `Cannot look at the certificates for alerts: ${String(error)}`, { code: "certificates_unread" });
    }
  }
}

/** A table that nothing was sent to yet is well. */
function getsThrough({ isConnected, breaker, lastError }: LaneStatus): boolean {
  return breaker === "closed" && (isConnected || lastError === undefined);
}
