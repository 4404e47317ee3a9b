import { MESSAGES } from "../bronze/mod.ts";
import type { Buffer } from "../buffer/buffer.ts";
import { MemoryBuffer } from "../buffer/memory_buffer.ts";
import { SpoolBuffer } from "../buffer/spool/mod.ts";
import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import type { Lane } from "../core/lane.ts";
import type { Report } from "../core/event.ts";
import type { InstallationIdentity } from "../pipeline/mod.ts";
import { spoolPlace } from "../service/spool_admin.ts";
import type { Targets } from "./targets.ts";

const MEGABYTE = 1024 * 1024;

export interface BufferDeps {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly identity: InstallationIdentity;
  readonly clock: Clock;
  readonly report: Report;
  readonly tap: Targets["tap"];
  /** Told of a lane that rows come to by other ways than from a source. */
  readonly onLane?: (lane: string) => void;
  /** Told once when what is on disk turns out damaged: only a new start can mend it. */
  readonly damaged?: (error: Error) => void;
}

/** The buffer that the configuration asks for: on disk, or in memory alone. @throws {ConfigError} when the spool cannot be used */
export async function openBuffer(config: Config, { identity, tap, ...deps }: BufferDeps): Promise<Buffer> {
  const { durability, memory_queue, disk_spool } = config.backpressure;
  const { validation, dead_letter_queue } = config.processing;
  const common = {
    ...identity,
    ...deps,
    maxUnsent: memory_queue.max_size,
    maxUnsentBytes: memory_queue.max_mb * MEGABYTE,
    warningThreshold: memory_queue.warning_threshold,
    maxRowBytes: disk_spool.max_record_mb * MEGABYTE,
    maxDeadLetterBytes: dead_letter_queue.max_size_mb * MEGABYTE,
    isInvalidLetGo: validation.enabled && validation.drop_invalid,
    ...(tap ? { tap } : {}),
  };
  if (!disk_spool.enabled) return new MemoryBuffer({ ...common, dropPolicy: memory_queue.drop_policy });
  return await SpoolBuffer.open({
    ...common,
    ...spoolPlace(config, deps.home),
    isCompressed: disk_spool.compression,
    maxBytes: disk_spool.max_size_mb * MEGABYTE,
    dropPolicy: disk_spool.drop_policy,
    commitIntervalMs: disk_spool.commit_interval_ms,
    reserveMb: disk_spool.reserve_mb,
    mayImport: (lane) => isOurs(lane, config),
    ...(durability === "memory" ? { spillThreshold: memory_queue.spill_threshold } : {}),
  });
}

/** Whether rows of another connector may come into this lane: into a schema that this one writes to, and as rows it knows. */
function isOurs({ table, message }: Lane, { zerobus: { target } }: Config): boolean {
  const isKnown = MESSAGES.some(({ name }) => name === message);
  return isKnown && table.startsWith(`${target.catalog}.${target.schema}.`);
}
