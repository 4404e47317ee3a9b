import type { EdgeError } from "../../src/core/error.ts";
import type { Row, Rows } from "../../src/core/reading.ts";
import type { RejectedRow, SendResult, Sink } from "../../src/core/sink.ts";
import { abortable } from "../../src/lib/condition.ts";

/** One call of `send` that waits for its answer. */
export interface OpenSend {
  readonly rows: Rows;
  ack(rejected?: readonly RejectedRow[]): void;
  fail(error: EdgeError): void;
}

/** A sink whose answers a test decides. By itself it stores and acknowledges at once. */
export class FakeSink implements Sink {
  /** Every row that arrived, repetitions included. */
  readonly stored: Row[] = [];
  /** Sends that wait: filled while `holds`. */
  readonly open: OpenSend[] = [];
  connects = 0;
  isDisposed = false;
  /** Whether sends wait for the test's answer. */
  holds = false;
  /** What `connect` throws, while there is something. */
  refusal: unknown;
  /** What `send` rejects with, while there is something. */
  failure: unknown;
  mostOpen = 0;

  connect(signal: AbortSignal): Promise<void> {
    this.connects++;
    if (signal.aborted) return Promise.reject(signal.reason);
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }

  send(rows: Rows, signal: AbortSignal): Promise<SendResult> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    // Copies: a buffer may use the memory of acknowledged rows again.
    for (const { lane, source, tag, edgeId, bootEpoch, seq, bytes } of rows) {
      this.stored.push({ lane, source, tag, edgeId, bootEpoch, seq, bytes: bytes.slice() });
    }
    if (!this.holds) return Promise.resolve({ rejected: [] });
    const { promise, resolve, reject } = Promise.withResolvers<SendResult>();
    this.open.push({ rows, ack: (rejected = []) => resolve({ rejected }), fail: reject });
    this.mostOpen = Math.max(this.mostOpen, this.open.length);
    return abortable(promise, signal);
  }

  /** Answers every send that waits, and the later ones at once. */
  release(): void {
    this.holds = false;
    for (const send of this.open.splice(0)) send.ack();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    return Promise.resolve();
  }
}
