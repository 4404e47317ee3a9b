/** From an entry of the configuration to a source that runs. */
import type { Buffer } from "../buffer/buffer.ts";
import type { Config, SourceEntry } from "../config/mod.ts";
import type { Report } from "../core/event.ts";
import { type Lane, laneTo } from "../core/lane.ts";
import type { SourceConfig, SourceDeps } from "../core/source.ts";
import type { SourceMemory } from "../core/source_memory.ts";
import { type BatchTraces, type Place, type RecentReadings, Supervisor } from "../pipeline/mod.ts";
import { depsFor } from "../service/deps_for.ts";
import { rowFaultOf } from "../service/row_fault.ts";
import { type TargetProtocol, targetTable } from "../sinks/zerobus/spec.ts";
import { reconnectOptions } from "./options.ts";

/** What every source is made with. */
export interface SourceParts {
  readonly buffer: Buffer;
  readonly deps: Omit<SourceDeps, "report" | "pace" | "memory">;
  readonly report: Report;
  readonly traces?: BatchTraces | undefined;
}

/** Where the rows of a source go. */
export function laneOf({ spec, table }: SourceEntry, { zerobus }: Config): Lane {
  return laneTo(targetTable(zerobus.target, spec.type as TargetProtocol, table), spec.message); // a table per spec: the schema says so
}

export interface SuperviseOptions extends SourceParts {
  /** The whole of which the source is a part. */
  readonly config: Config;
  readonly memory: SourceMemory;
  readonly recent?: RecentReadings | undefined;
}

export function supervise(
  source: SourceEntry,
  { config: whole, memory, recent, ...parts }: SuperviseOptions,
): Supervisor {
  const { spec, config, alternates, rateLimit } = source;
  const { buffer, deps, report, traces } = parts;
  const log = deps.log.with({ source: config.name });
  return new Supervisor({
    spec,
    ...placeOf(source, config, whole),
    alternates: alternates.map((alternate) => placeOf(source, alternate, whole)),
    maxReadingsPerSecond: rateLimit.readings_per_second ?? undefined,
    buffer,
    reconnect: reconnectOptions(whole),
    deps: depsFor(source, { ...deps, log, memory }),
    report,
    recent,
    traces,
  });
}

/** The source at one of its endpoints, which its rows may name. */
function placeOf(source: SourceEntry, config: SourceConfig, whole: Config): Place {
  const { spec } = source;
  const encode = spec.encoder(config);
  return {
    config,
    route: { source: config.name, lane: laneOf(source, whole), encode, fault: rowFaultOf(spec, whole) },
  };
}
