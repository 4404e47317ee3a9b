import type { Reading } from "../../core/reading.ts";
import type { DecodedValue } from "./decode.ts";

/** A monitored node, and what is the same in all its rows. */
export interface OpcuaTag {
  /** The configured name, else the node id as configured, else the browse path. */
  readonly name: string;
  /** Node id as configured, or as found by a browse path. */
  readonly nodeId: string;
  /** Index of the namespace in this session. */
  readonly namespace: number;
  readonly browsePath: string | undefined;
  /** Labels of the entry, its unit and its name. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One data change of one node. */
export interface OpcuaReading extends Reading {
  readonly from: OpcuaTag;
  readonly value: DecodedValue;
}

/** Event time: the source's, else the server's, else when it arrived (`arrivedUs`). Microseconds since 1970-01-01 UTC. */
export function toReading(from: OpcuaTag, value: DecodedValue, arrivedUs: number): OpcuaReading {
  return { tag: from.name, eventTimeUs: value.sourceTimeUs ?? value.serverTimeUs ?? arrivedUs, from, value };
}
