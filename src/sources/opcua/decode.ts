import { DecodeError, reasonOf } from "../../core/error.ts";
import { readDiagnosticInfo, readVariant } from "./built_in.ts";
import { statusName } from "./status.ts";
import { ticksToUs } from "./time.ts";
import { malformed, type StructureReaders, WireReader } from "./wire_reader.ts";

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

/** What could not be decoded. */
export interface RefusedValue {
  /** Undefined where it is no value of one item. */
  readonly handle: number | undefined;
  readonly bytes: Uint8Array;
  readonly reason: DecodeError;
}

/** The content of a DataChangeNotification, and where it ends: at the last byte where that cannot be found. */
export interface DataChange {
  readonly values: readonly MonitoredValue[];
  readonly refusals: readonly RefusedValue[];
  readonly end: number;
}

/** Whose bytes begin where, and how many values are still to come. */
interface Place {
  readonly handle: number | undefined;
  readonly at: number;
  readonly left: number;
}

/**
 * A DataChangeNotification (OPC UA Part 4, 7.25.2). A value that cannot be decoded is refused, and those after it are read
 * where its end is known. The values' `raw` are views onto `bytes`, which must stay as they are. Never throws.
 */
export function decodeDataChange(bytes: Uint8Array, start: number, structures?: StructureReaders): DataChange {
  const reader = new WireReader(bytes, start, structures);
  return decodeList(reader, () => reader.uint32());
}

/** The results of a Read (Part 4, 5.11.2.2) of the nodes with these handles, in the same way. Never throws. */
export function decodeReadResults(reader: WireReader, handles: readonly number[]): DataChange {
  return decodeList(reader, (index) => handles[index] ?? NaN);
}

function decodeList(reader: WireReader, handleOf: (index: number) => number): DataChange {
  const { bytes } = reader;
  const values: MonitoredValue[] = [];
  const refusals: RefusedValue[] = [];
  let place: Place = { handle: undefined, at: reader.at, left: 0 };
  try {
    const count = reader.arrayLength() ?? 0;
    for (let index = 0; index < count; index++) {
      place = { handle: undefined, at: reader.at, left: count - index };
      const handle = handleOf(index);
      place = { handle, at: reader.at, left: count - index - 1 };
      const value = readDataValue(reader);
      const fault = reader.takeFault();
      if (fault) refusals.push({ handle, bytes: bytes.subarray(place.at, reader.at), reason: fault });
      else values.push({ handle, value });
    }
    place = { handle: undefined, at: reader.at, left: 0 };
    for (let left = reader.arrayLength() ?? 0; left > 0; left--) readDiagnosticInfo(reader);
    return { values, refusals, end: reader.at };
  } catch (error) {
    const { handle, at, left } = place;
    refusals.push({ handle, bytes: bytes.subarray(at), reason: endless(error, left) });
    return { values, refusals, end: bytes.length };
  }
}

/** Why a value cannot be decoded, and that as many after it as `left` are lost with it. */
function endless(error: unknown, left: number): DecodeError {
  const reason = error instanceof DecodeError ? error : malformed(reasonOf(error));
  if (left === 0) return reason;
  return new DecodeError(reason.code, `${reason.message}; values after it that cannot be found: ${left}`, {
    cause: error,
  });
}

const HAS_VALUE = 1;
const HAS_STATUS = 2;
const HAS_SOURCE_TIME = 4;
const HAS_SERVER_TIME = 8;
const HAS_SOURCE_PICOSECONDS = 16;
const HAS_SERVER_PICOSECONDS = 32;

/** A DataValue (OPC UA Part 6, 5.2.2.17). A status that was not sent is Good. @throws {DecodeError} */
export function decodeDataValue(reader: WireReader): DecodedValue {
  const value = readDataValue(reader);
  const fault = reader.takeFault();
  if (fault) throw fault;
  return value;
}

/** The same; where it throws its end is not known, and where only the reader has a fault it is. */
function readDataValue(reader: WireReader): DecodedValue {
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
