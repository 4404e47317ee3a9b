/** Payloads of Sparkplug B, written by hand from the specification (Sparkplug 3.0, 6.4). */
import { ProtoWriter } from "../../src/lib/proto_writer.ts";

/** A metric; `type` is the number of its data type. Exactly one of the values, or none. */
export interface MetricInput {
  readonly name?: string;
  readonly alias?: number | bigint;
  readonly ms?: number | bigint;
  readonly type?: number;
  readonly isHistorical?: boolean;
  readonly isTransient?: boolean;
  readonly isNull?: boolean;
  readonly properties?: Readonly<Record<string, string | number>>;
  readonly int?: number | bigint;
  readonly long?: number | bigint;
  readonly double?: number;
  readonly boolean?: boolean;
  readonly string?: string;
  readonly bytes?: Uint8Array;
  readonly dataSet?: Uint8Array;
  readonly template?: Uint8Array;
}

export interface PayloadInput {
  readonly ms?: number;
  readonly seq?: number;
  readonly uuid?: string;
  readonly body?: Uint8Array;
  readonly metrics?: readonly MetricInput[];
}

const varint = (field: number) => field << 3;
const block = (field: number) => (field << 3) | 2;
const eight = (field: number) => (field << 3) | 1;

export function sparkplugPayload({ ms, seq, uuid, body, metrics = [] }: PayloadInput): Uint8Array {
  const writer = new ProtoWriter(256);
  if (ms !== undefined) writer.int64(varint(1), ms);
  for (const metric of metrics) writer.bytes(block(2), sparkplugMetric(metric));
  if (seq !== undefined) writer.int64(varint(3), seq);
  if (uuid !== undefined) writer.string(block(4), uuid);
  if (body !== undefined) writer.bytes(block(5), body);
  return writer.finish();
}

export function sparkplugMetric(metric: MetricInput): Uint8Array {
  const writer = new ProtoWriter(256);
  if (metric.name !== undefined) writer.string(block(1), metric.name);
  if (metric.alias !== undefined) writer.int64(varint(2), metric.alias);
  if (metric.ms !== undefined) writer.int64(varint(3), metric.ms);
  if (metric.type !== undefined) writer.int64(varint(4), metric.type);
  if (metric.isHistorical) writer.bool(varint(5), true);
  if (metric.isTransient) writer.bool(varint(6), true);
  if (metric.isNull) writer.bool(varint(7), true);
  if (metric.properties !== undefined) writer.bytes(block(9), properties(metric.properties));
  if (metric.int !== undefined) writer.int64(varint(10), metric.int);
  if (metric.long !== undefined) writer.int64(varint(11), metric.long);
  if (metric.double !== undefined) writer.double(eight(13), metric.double);
  if (metric.boolean !== undefined) writer.bool(varint(14), metric.boolean);
  if (metric.string !== undefined) writer.string(block(15), metric.string);
  if (metric.bytes !== undefined) writer.bytes(block(16), metric.bytes);
  if (metric.dataSet !== undefined) writer.bytes(block(17), metric.dataSet);
  if (metric.template !== undefined) writer.bytes(block(18), metric.template);
  return writer.finish();
}

/** A template's instance, or its definition. */
export function sparkplugTemplate(members: readonly MetricInput[], isDefinition = false): Uint8Array {
  const writer = new ProtoWriter(256);
  for (const member of members) writer.bytes(block(2), sparkplugMetric(member));
  writer.bool(varint(5), isDefinition);
  return writer.finish();
}

/** A data set whose rows hold whole numbers and texts. */
export function sparkplugDataSet(
  { columns, types, rows, isPacked = false }: {
    columns: readonly string[];
    types: readonly number[];
    rows: readonly (readonly (bigint | string)[])[];
    isPacked?: boolean;
  },
): Uint8Array {
  const writer = new ProtoWriter(256);
  writer.int64(varint(1), columns.length);
  for (const column of columns) writer.string(block(2), column);
  if (isPacked) writer.bytes(block(3), Uint8Array.from(types));
  else for (const type of types) writer.int64(varint(3), type);
  for (const row of rows) writer.bytes(block(4), dataSetRow(row));
  return writer.finish();
}

function dataSetRow(values: readonly (bigint | string)[]): Uint8Array {
  const row = new ProtoWriter(256);
  for (const value of values) {
    const element = new ProtoWriter(256);
    if (typeof value === "string") element.string(block(6), value);
    else element.int64(varint(2), value);
    row.bytes(block(1), element.finish());
  }
  return row.finish();
}

function properties(values: Readonly<Record<string, string | number>>): Uint8Array {
  const writer = new ProtoWriter(256);
  for (const key of Object.keys(values)) writer.string(block(1), key);
  for (const value of Object.values(values)) {
    const property = new ProtoWriter(256);
    if (typeof value === "string") property.string(block(8), value);
    else property.int64(varint(3), value);
    writer.bytes(block(2), property.finish());
  }
  return writer.finish();
}
