import type { Clock } from "../../core/clock.ts";
import { ConnectionError, reasonOf } from "../../core/error.ts";

export interface DialOptions {
  readonly hostname: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Bounds the attempt to connect. */
  readonly signal: AbortSignal;
}

/** Connects to a device or gateway. @throws {ConnectionError} when nothing answers there in time @throws the signal's reason */
export async function dial({ hostname, port, timeoutMs, clock, signal }: DialOptions): Promise<Deno.TcpConn> {
  signal.throwIfAborted();
  // Deno closes the connection when the signal it got aborts later: one that ends with the attempt.
  using attempt = attemptSignal(signal, { timeoutMs, clock });
  try {
    const conn = await Deno.connect({ hostname, port, signal: attempt.signal });
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  } catch (error) {
    signal.throwIfAborted();
    const why = attempt.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
    const advice = "check address, port, cabling and firewall, and that the device takes one connection more";
    throw new ConnectionError("modbus_unreachable", `Cannot reach ${hostname}:${port}: ${why}; ${advice}`, {
      cause: error,
    });
  }
}

/** Aborts with `signal` or after `timeoutMs`; neither once it is disposed of. */
function attemptSignal(
  signal: AbortSignal,
  { timeoutMs, clock }: { timeoutMs: number; clock: Clock },
): Disposable & { signal: AbortSignal } {
  const attempt = new AbortController();
  const over = new AbortController();
  const onAbort = () => attempt.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  clock.sleep(timeoutMs, over.signal).then(() => attempt.abort(), () => {});
  return {
    signal: attempt.signal,
    [Symbol.dispose]() {
      over.abort();
      signal.removeEventListener("abort", onAbort);
    },
  };
}
