import { mappingsOf } from "./mapping.ts";
import { planRequests } from "./plan.ts";
import { Schedule } from "./schedule.ts";
import type { ModbusSettings } from "./settings.ts";
import { TagFailures } from "./tag_failures.ts";
import { UnitBreaker } from "./unit_breaker.ts";

/** What is known of a device and outlives a session: whose turn it is, what it refuses, and which tags fail. */
export interface DeviceMemory {
  readonly units: UnitBreaker;
  readonly schedule: Schedule;
  readonly failures: TagFailures;
}

/** Nothing is known yet. */
export function newDeviceMemory(settings: ModbusSettings): DeviceMemory {
  const requests = planRequests(mappingsOf(settings), {
    maxRegisters: settings.max_registers_per_request,
    maxCoils: settings.max_coils_per_request,
    readGap: settings.read_gap,
  });
  const units = new UnitBreaker(settings.timeout_seconds * 1000);
  return { units, schedule: new Schedule(requests, units), failures: new TagFailures() };
}
