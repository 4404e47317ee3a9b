import { readDiagnosticInfo, readVariant } from "./built_in.ts";
import { statusName } from "./status.ts";
import { ticksToUs } from "./time.ts";
import { WireReader } from "./wire_reader.ts";

/** A DataValue as the columns of a row. Times are microseconds since 1970-01-01 UTC, undefined where none was sent. */
export interface DecodedValue {
  /** Full unsigned 32-bit code. */
  readonly statusCode: number;
  readonly status: string;
  /** Built-in type, with `[]` for arrays; undefined where no value was sent. */
  readonly valueType: string | undefined;
  /** The value as text that loses nothing. */
  readonly text: string | undefined;
  /** Numbers and booleans only. */
  readonly number: number | undefined;
  /** OPC UA binary encoding of the Variant: the server's own bytes. */
  readonly raw: Uint8Array | undefined;
  readonly sourceTimeUs: number | undefined;
  readonly serverTimeUs: number | undefined;
}

/** A value of one monitored item, by the handle that we gave it. */
export interface MonitoredValue {
  readonly handle: number;
  readonly value: DecodedValue;
}

/** The content of a DataChangeNotification, and where it ends. */
export interface DataChange {
  readonly values: readonly MonitoredValue[];
  readonly end: number;
}

/**
 * A DataChangeNotification (OPC UA Part 4, 7.25.2). The values' `raw` are views onto `bytes`, which must stay as they are.
 * @throws {DecodeError} when the bytes are not one
 */
export function decodeDataChange(bytes: Uint8Array, start: number): DataChange {
  const reader = new WireReader(bytes, start);
  const values: MonitoredValue[] = [];
  const count = reader.arrayLength() ?? 0;
  for (let i = 0; i < count; i++) values.push({ handle: reader.uint32(), value: decodeDataValue(reader) });
  const diagnostics = reader.arrayLength() ?? 0;
  for (let i = 0; i < diagnostics; i++) readDiagnosticInfo(reader);
  return { values, end: reader.at };
}

const HAS_VALUE = 1;
const HAS_STATUS = 2;
const HAS_SOURCE_TIME = 4;
const HAS_SERVER_TIME = 8;
const HAS_SOURCE_PICOSECONDS = 16;
const HAS_SERVER_PICOSECONDS = 32;

/** A DataValue (OPC UA Part 6, 5.2.2.17). A status that was not sent is Good. @throws {DecodeError} */
export function decodeDataValue(reader: WireReader): DecodedValue {
  const mask = reader.uint8();
  const start = reader.at;
  const variant = mask & HAS_VALUE ? readVariant(reader) : undefined;
  const raw = variant && reader.bytes.subarray(start, reader.at);
  const statusCode = mask & HAS_STATUS ? reader.uint32() : 0;
  const sourceTimeUs = mask & HAS_SOURCE_TIME ? readTime(reader) : undefined;
  if (mask & HAS_SOURCE_PICOSECONDS) reader.uint16(); // below 100 ns
  const serverTimeUs = mask & HAS_SERVER_TIME ? readTime(reader) : undefined;
  if (mask & HAS_SERVER_PICOSECONDS) reader.uint16();
  return {
    statusCode,
    status: statusName(statusCode),
    valueType: variant?.type,
    text: variant?.text,
    number: variant?.number,
    raw,
    sourceTimeUs,
    serverTimeUs,
  };
}

function readTime(reader: WireReader): number | undefined {
  const low = reader.uint32();
  return ticksToUs(low, reader.int32());
}
