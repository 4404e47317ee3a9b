import { MESSAGES } from "../bronze/mod.ts";
import type { Config, LoadedConfig } from "../config/mod.ts";
import { type Lane, laneTo } from "../core/lane.ts";
import { type TargetProtocol, targetTable } from "../sinks/zerobus/spec.ts";
import { SOURCES } from "../sources/mod.ts";
import type { WantedTable } from "./statements.ts";

/** The lanes of the enabled sources; where there are none yet, those that each protocol would have. */
export function lanesOf({ config, sources }: Pick<LoadedConfig, "config" | "sources">): Lane[] {
  const { target } = config.zerobus;
  const enabled = sources.filter(({ isEnabled }) => isEnabled);
  const lanes = enabled.length === 0
    ? protocolLanes(target)
    : enabled.map(({ spec, table }) => laneTo(targetTable(target, spec.type as TargetProtocol, table), spec.message)); // a table per spec
  return [...new Map(lanes.map((lane) => [lane.id, lane])).values()];
}

/** A lane for each protocol. */
export function protocolLanes(target: Config["zerobus"]["target"]): Lane[] {
  return SOURCES.filter(({ type }) => type in target.tables)
    .map(({ type, message }) => laneTo(targetTable(target, type as TargetProtocol, null), message)); // looked up just before
}

/** Each table once, with the messages that go there. */
export function wantedTables(lanes: readonly Lane[]): WantedTable[] {
  return [...Map.groupBy(lanes, ({ table }) => table)].map(([table, to]) => ({
    table,
    messages: MESSAGES.filter(({ name }) => to.some(({ message }) => message === name)),
  }));
}
