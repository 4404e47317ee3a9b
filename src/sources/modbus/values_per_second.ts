import type { ModbusSettings } from "./settings.ts";

/** How many values the entries ask for, where the device answers all of them in time. */
export function valuesPerSecond({ registers, poll_interval_seconds: common }: ModbusSettings): number {
  return registers.reduce((sum, { data_type, count, poll_interval_seconds: own }) => {
    const values = data_type === "string" ? 1 : count; // registers of one text
    return sum + values / (own ?? common);
  }, 0);
}
