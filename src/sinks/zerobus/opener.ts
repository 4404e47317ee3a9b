import { planBundled, planTable, type TablePlan } from "../../bronze/table_plan.ts";
import type { BronzeMessage } from "../../bronze/message.ts";
import type { Clock } from "../../core/clock.ts";
import { TimeoutError } from "../../core/error.ts";
import type { Lane } from "../../core/lane.ts";
import type { OpensCalls } from "./channel.ts";
import type { TableColumns } from "./columns.ts";
import { withDeadline } from "../../lib/deadline.ts";
import type { ReportZerobus } from "./event.ts";
import { Code, streamError } from "./ingest_error.ts";
import { IngestStream, type StreamEvents, StreamRefusal } from "./stream.ts";
import type { TokenCache } from "./token.ts";
import { createStreamRequest } from "./wire.ts";

/** Columns are asked for again after so long, when a stream is opened. */
const COLUMNS_MS = 600_000;

export interface OpenerOptions {
  readonly lane: Lane;
  readonly message: BronzeMessage<unknown>;
  readonly channels: OpensCalls;
  readonly tokens: TokenCache;
  /** Undefined: the published columns are sent without asking. */
  readonly columns: TableColumns | undefined;
  readonly clock: Clock;
  /** Bounds one opening, token and columns included. */
  readonly openMs: number;
  readonly ackTimeoutMs: number;
  readonly report: ReportZerobus;
}

/** Opens the streams of one lane: the table's plan, a token, a connection, the first request. */
export class StreamOpener {
  readonly #options: OpenerOptions;
  #plan: TablePlan | undefined;
  #plannedMs = 0;
  #token: string | undefined;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** How rows go into the table; there is one from the first opening on. */
  get plan(): TablePlan {
    if (!this.#plan) throw new Error("no stream was opened yet");
    return this.#plan;
  }

  /** The token of the newest stream is refused: the next opening asks for another. */
  doubtToken(): void {
    if (this.#token) this.#options.tokens.drop(this.#token);
  }

  /** The columns in use may be wrong: they are asked for again at the next opening. */
  doubtColumns(): void {
    this.#plannedMs = -Infinity;
  }

  /** @throws {ConnectionError} @throws {TimeoutError} @throws {AuthError} @throws {ConfigError} @throws the signal's reason */
  async open<T>(events: StreamEvents<T>, signal: AbortSignal): Promise<IngestStream<T>> {
    const { clock, openMs, lane, report } = this.#options;
    const startMs = clock.monotonicMs();
    const late = () =>
      new TimeoutError(
        "zerobus_open_timeout",
        `No Zerobus stream to ${lane.table} within ${
          openMs / 1000
        } s. Check zerobus.zerobus_endpoint, and that firewall and ` +
          `proxy let TLS and HTTP/2 through.`,
      );
    const stream = await withDeadline((bounded) => this.#attempt(events, bounded), { clock, ms: openMs, late, signal });
    report({ kind: "stream_opened", lane: lane.id, streamId: stream.id, openMs: clock.monotonicMs() - startMs });
    return stream;
  }

  async #attempt<T>(events: StreamEvents<T>, signal: AbortSignal): Promise<IngestStream<T>> {
    const { tokens, lane } = this.#options;
    const retried = new Set<number>();
    await this.#planTable(signal);
    while (true) {
      const token = await tokens.forTable(lane.table, signal);
      try {
        return await this.#open(token, events, signal);
      } catch (error) {
        if (!(error instanceof StreamRefusal)) throw error;
        if (retried.has(error.status.code) || !(await this.#canMend(error, token, signal))) {
          throw streamError(lane.table, error.status, "open");
        }
        retried.add(error.status.code);
      }
    }
  }

  /** Two refusals are tried once more: with a fresh token, and with the columns as they are now. */
  async #canMend({ status }: StreamRefusal, token: string, signal: AbortSignal): Promise<boolean> {
    if (status.code === Code.UNAUTHENTICATED) {
      this.#options.tokens.drop(token);
      return true;
    }
    if (status.code !== Code.INVALID_ARGUMENT || !this.#options.columns) return false;
    this.doubtColumns();
    await this.#planTable(signal);
    return true;
  }

  #open<T>(token: string, events: StreamEvents<T>, signal: AbortSignal): Promise<IngestStream<T>> {
    const { channels, clock, ackTimeoutMs, lane } = this.#options;
    this.#token = token;
    const connection = channels.open(token, lane.table);
    const createRequest = createStreamRequest(lane.table, this.plan.descriptor);
    return IngestStream.open({ connection, createRequest, clock, ackTimeoutMs, events }, signal);
  }

  async #planTable(signal: AbortSignal): Promise<void> {
    const { columns, lane, message, clock } = this.#options;
    if (!columns) {
      this.#plan ??= planBundled(message);
      return;
    }
    const nowMs = clock.monotonicMs();
    if (this.#plan && nowMs - this.#plannedMs < COLUMNS_MS) return;
    const known = await columns.read(lane.table, signal);
    this.#plan = known.from === "bundled" ? planBundled(message) : planTable(lane.table, known.columns, message);
    this.#plannedMs = nowMs;
  }
}
