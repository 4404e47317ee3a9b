/** The devices, servers and brokers: can a session with each be opened. */
import type { SourceEntry } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { connectWithin } from "../core/connect_within.ts";
import { EdgeError } from "../core/error.ts";
import type { SourceConfig, SourceDeps } from "../core/source.ts";
import { atAnyEndpoint } from "../service/any_endpoint.ts";
import { asideOf } from "../service/aside.ts";
import { fail, type Finding, ok, type Step } from "./step.ts";

/** For each of a source's endpoints. */
const CONNECT_MS = 8_000;

export interface SourceStepsOptions {
  readonly sources: readonly SourceEntry[];
  readonly clock: Clock;
  /** What a session of its own beside the one that reads is made with. @throws {ConfigError} */
  depsFor(source: SourceEntry): Promise<SourceDeps>;
}

export function sourceSteps({ sources, ...rest }: SourceStepsOptions): Step[] {
  return sources.filter(({ isEnabled }) => isEnabled).map((source) => ({
    id: `source.${source.config.name}`,
    title: `Source ${source.config.name}`,
    isParallel: true,
    run: (signal: AbortSignal) => reached(source, { ...rest, signal }),
  }));
}

type Reaching = Omit<SourceStepsOptions, "sources"> & { readonly signal: AbortSignal };

async function reached(source: SourceEntry, { clock, depsFor, signal }: Reaching): Promise<Finding> {
  const { spec, config, alternates } = source;
  const deps = await depsFor(source);
  const adapter = await spec.load();
  const open = async (place: SourceConfig) => {
    await using session = adapter.create(asideOf(spec, place, deps), deps);
    await connectWithin(session, { endpoint: place.endpoint, ms: CONNECT_MS, clock, signal });
    return place.endpoint;
  };
  try {
    return ok(`connected to ${await atAnyEndpoint([config, ...alternates], open, signal)}`);
  } catch (error) {
    if (signal.aborted || !(error instanceof EdgeError)) throw error;
    return fail({
      measured: `${config.endpoint}: ${error.code}`,
      cause: error.message,
      remedy: { what: "To see more of it:", copy: `iot-connector test-source ${config.name}` },
    });
  }
}
