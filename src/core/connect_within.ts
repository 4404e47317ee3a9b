import { withDeadline } from "../lib/deadline.ts";
import type { Clock } from "./clock.ts";
import { TimeoutError } from "./error.ts";

export interface ConnectLimits {
  /** For people. */
  readonly endpoint: string;
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Connects a source, or a session that looks at one, and gives it up after so long, whatever the protocol's own limits are.
 * @throws {TimeoutError} `source_no_answer` @throws what its `connect` throws
 */
export async function connectWithin(
  session: { connect(signal: AbortSignal): Promise<void> },
  { endpoint, ms, clock, signal }: ConnectLimits,
): Promise<void> {
  const late = () => noAnswer(endpoint, `within ${ms / 1000} s`);
  await withDeadline((bounded) => session.connect(bounded), { clock, ms, late, signal });
}

/** That nothing was heard of a peer. `when`: `within 20 s` */
export function noAnswer(endpoint: string, when: string): TimeoutError {
  const advice = "check address, port and firewall, and that it runs";
  return new TimeoutError("source_no_answer", `Cannot connect to ${endpoint}: no answer ${when}; ${advice}`);
}
