import type { Reading } from "../../core/reading.ts";

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

/** One data change of one node. Times are microseconds since 1970-01-01 UTC. */
export interface OpcuaReading extends Reading {
  readonly from: OpcuaTag;
  readonly statusCode: number;
  readonly status: string;
  /** Built-in type, with `[]` for arrays; undefined where the server sent no value. */
  readonly valueType: string | undefined;
  /** The value as text that loses nothing. */
  readonly text: string | undefined;
  /** Numbers and booleans only. */
  readonly number: number | undefined;
  /** OPC UA binary encoding of the Variant. */
  readonly raw: Uint8Array | undefined;
  readonly sourceTimeUs: number | undefined;
  readonly serverTimeUs: number | undefined;
}
