/** Registers of a device as they are now, understood in every way. */
import type { SourceEntry } from "../config/mod.ts";
import { connectWithin } from "../core/connect_within.ts";
import { ConfigError, EdgeError } from "../core/error.ts";
import type { LabRange, LabReading } from "../core/register_lab.ts";
import type { SourceConfig } from "../core/source.ts";
import { asideOf } from "./aside.ts";
import { atAnyEndpoint } from "./any_endpoint.ts";
import { type LookError, lookError, type SourceLooks } from "./source_looks.ts";

const CONNECT_MS = 15_000;

export interface RegistersRead {
  /** Where it was read; null: nowhere. */
  readonly endpoint: string | null;
  /** null where it could not be read. */
  readonly reading: LabReading | null;
  readonly error: LookError | null;
}

/**
 * Reads them with a session of its own. That the device cannot be reached, or refuses, is part of what is told.
 * @throws {ConfigError} `lab_unsupported`, or `too_many_looks`
 */
export async function readRegisters(
  entry: SourceEntry,
  range: LabRange,
  { looks, signal }: { readonly looks: SourceLooks; readonly signal: AbortSignal },
): Promise<RegistersRead> {
  const { lab } = await entry.spec.load();
  if (!lab) throw new ConfigError("lab_unsupported", `Sources of protocol ${entry.spec.type} have no registers`);
  using _turn = looks.turn();
  const deps = looks.depsOf(entry, () => {});
  const open = async (config: SourceConfig) => {
    const { endpoint } = config;
    const session = lab(asideOf(entry.spec, config, deps), deps);
    try {
      await connectWithin(session, { endpoint, ms: CONNECT_MS, clock: deps.clock, signal });
      return { session, endpoint };
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  };
  let at: string | null = null;
  try {
    const { session, endpoint } = await atAnyEndpoint([entry.config, ...entry.alternates], open, signal);
    at = endpoint;
    await using reading = session;
    return { endpoint, reading: await reading.read(range, signal), error: null };
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    return { endpoint: at, reading: null, error: lookError(error, entry) };
  }
}
