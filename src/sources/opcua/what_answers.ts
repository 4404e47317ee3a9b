import { ConnectionError, type EdgeError } from "../../core/error.ts";
import type { SourceDeps } from "../../core/source.ts";
import { withDeadline } from "../../lib/deadline.ts";

const DEFAULT_PORT = 4840;
const LOOK_MS = 2000;

export interface LookOptions {
  readonly endpoint: string;
  readonly clock: SourceDeps["clock"];
  readonly signal: AbortSignal;
}

/**
 * A connection that was not made, as what it is: the library says the same of a port at which nothing is and of one at
 * which something speaks another protocol, so here is looked whether connections are taken there.
 */
export async function asWhatAnswers(error: EdgeError, options: LookOptions): Promise<EdgeError> {
  if (!await takesConnections(options)) return error;
  const why = "something takes connections there and does not answer as an OPC UA server";
  const advice = "check the port, and that the server takes one more client";
  return new ConnectionError("opcua_unreachable", `Cannot connect to ${options.endpoint}: ${why}; ${advice}`, {
    cause: error.cause,
  });
}

async function takesConnections({ endpoint, clock, signal }: LookOptions): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  const address = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || DEFAULT_PORT) };
  const late = () => new Error("no answer");
  try {
    using _connection = await withDeadline((bounded) => Deno.connect({ ...address, signal: bounded }), {
      clock,
      ms: LOOK_MS,
      late,
      signal,
    });
    return true;
  } catch {
    signal.throwIfAborted();
    return false; // nothing does
  }
}
