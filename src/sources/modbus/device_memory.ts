import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { mappingsOf } from "./mapping.ts";
import { answerTimeoutMs } from "./open_connection.ts";
import { PartMemory } from "./part_memory.ts";
import { planRequests } from "./plan.ts";
import { Schedule } from "./schedule.ts";
import { Abandoned } from "./serial/abandoned.ts";
import type { ModbusSettings } from "./settings.ts";
import { TagFailures } from "./tag_failures.ts";
import { UnitBreaker } from "./unit_breaker.ts";

/** What is known of a device and outlives a session: whose turn it is, what it refuses, and which tags fail. */
export interface DeviceMemory {
  readonly units: UnitBreaker;
  readonly schedule: Schedule;
  readonly failures: TagFailures;
  /** Late answers that may still come, on lines where they bear no number. */
  readonly abandoned: Abandoned;
}

/** Nothing is known yet but what the source's own memory holds of earlier starts. */
export function newDeviceMemory(
  config: SourceConfig<ModbusSettings>,
  deps: SourceDeps,
  failures: TagFailures,
): DeviceMemory {
  const { endpoint, settings } = config;
  const { clock } = deps;
  const requests = planRequests(mappingsOf(settings), {
    maxRegisters: settings.max_registers_per_request,
    maxCoils: settings.max_coils_per_request,
    readGap: settings.read_gap,
  });
  const abandoned = new Abandoned(answerTimeoutMs(config));
  const units = new UnitBreaker(answerTimeoutMs(config));
  const memory = new PartMemory({ memory: deps.memory, clock, endpoint, requests });
  const schedule = new Schedule(requests, { units, memory, nowMs: clock.monotonicMs() });
  return { units, schedule, failures, abandoned };
}
