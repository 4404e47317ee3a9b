import type { Clock } from "../../core/clock.ts";
import { ConnectionError, reasonOf } from "../../core/error.ts";
import { abortable } from "../../lib/condition.ts";

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
  const limit = new AbortController();
  const over = new AbortController();
  clock.sleep(timeoutMs, over.signal).then(() => limit.abort(), () => {/* it was connected, or refused, before */});
  const connecting = Deno.connect({ hostname, port, signal: limit.signal }).finally(() => over.abort());
  try {
    const conn = await abortable(connecting, signal);
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    return conn;
  } catch (error) {
    if (signal.aborted) closeLater(connecting);
    signal.throwIfAborted();
    const why = limit.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
    const advice = "check address, port, cabling and firewall, and that the device takes one connection more";
    throw new ConnectionError("modbus_unreachable", `Cannot reach ${hostname}:${port}: ${why}; ${advice}`, {
      cause: error,
    });
  }
}

/** Deno (2.9.6) forgets a connection that is made in the moment in which its signal aborts, and never closes it. */
function closeLater(connecting: Promise<Deno.TcpConn>): void {
  connecting.then((conn) => conn.close(), () => {/* none was made */});
}
