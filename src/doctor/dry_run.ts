import type { Clock } from "../core/clock.ts";
import type { OpensCalls } from "../sinks/zerobus/channel.ts";
import { streamError } from "../sinks/zerobus/ingest_error.ts";
import { IngestStream, StreamRefusal } from "../sinks/zerobus/stream.ts";
import { createStreamRequest } from "../sinks/zerobus/wire.ts";

/** Nothing is sent, so nothing is waited for. */
const ACK_TIMEOUT_MS = 60_000;

export interface DryRunOptions {
  readonly channels: OpensCalls;
  readonly token: string;
  readonly table: string;
  readonly descriptor: Uint8Array;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Opens a stream and closes it: the service has then checked the token, the table, the grants and the columns. It offers no
 * way to check a row without writing it.
 * @throws {AuthError} @throws {ConfigError} @throws {ConnectionError} as the sink would
 */
export async function dryRun({ channels, token, table, descriptor, clock, signal }: DryRunOptions): Promise<void> {
  const connection = channels.open(token, table);
  const createRequest = createStreamRequest(table, descriptor);
  const events = { acked: () => {}, changed: () => {} };
  try {
    const options = { connection, createRequest, clock, ackTimeoutMs: ACK_TIMEOUT_MS, events };
    const stream = await IngestStream.open<never>(options, signal);
    stream.halfClose();
    stream.drop();
  } catch (error) {
    if (!(error instanceof StreamRefusal)) throw error;
    throw streamError(table, error.status, "open");
  } finally {
    connection.close();
  }
}
