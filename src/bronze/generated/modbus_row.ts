// Made by `deno task gen` from protos/modbus_bronze.proto. Do not edit.
import type { ProtoWriter } from "../../lib/proto_writer.ts";
import type { BronzeMessage } from "../message.ts";

/** One value of one Modbus mapping. Every field is optional: unset means unknown (NULL in the table). Times are microseconds since 1970-01-01 UTC. */
export interface ModbusRow {
  /** When the response arrived. Microseconds since 1970-01-01 UTC. */
  event_time?: number | bigint;
  /** When the connector accepted it. Microseconds since 1970-01-01 UTC. */
  ingest_time?: number | bigint;
  /** Name of the source in the connector's configuration. */
  source_name?: string;
  /** Unit id. */
  slave_id?: number;
  /** Protocol address of the first register or bit, zero based. */
  register_address?: number;
  /** holding, input, coil or discrete. */
  register_type?: string;
  /** Label of the source. */
  industry?: string;
  /** Name of the mapping, with [i] where it has several values. */
  sensor_name?: string;
  /** Place of the sensor, as configured. */
  sensor_path?: string;
  /** Kind of sensor, as configured. */
  sensor_type?: string;
  /** Unit, as configured. */
  unit?: string;
  /** The value in the registers, before scaling. */
  raw_value?: number;
  /** The scaled value, rounded and saturated at the int32 range. */
  scaled_value?: number;
  /** The factor as a whole denominator or multiplier: 0.1 and 10 give 10. */
  scale_factor?: number;
  /** Label of the source. */
  plc_name?: string;
  /** Label of the source. */
  plc_vendor?: string;
  /** Label of the source. */
  plc_model?: string;
  /** Extras: sent only to a table that has the column. */
  value?: number;
  /** Text, and integers that a double cannot hold, as decimal digits. */
  value_string?: string;
  /** The installation that made the row. */
  edge_id?: string;
  /** Which start of that installation made it. */
  boot_epoch?: number | bigint;
  /** Which row of that start for this table. */
  seq?: number | bigint;
  /** Labels of the source, as a JSON object. */
  labels?: string;
}

export const MODBUS: BronzeMessage<ModbusRow> = {
  name: "ModbusBronzeRecord",
  fields: [
    { number: 1, name: "event_time", type: "int64", isPublished: true },
    { number: 2, name: "ingest_time", type: "int64", isPublished: true },
    { number: 3, name: "source_name", type: "string", isPublished: true },
    { number: 4, name: "slave_id", type: "int32", isPublished: true },
    { number: 5, name: "register_address", type: "int32", isPublished: true },
    { number: 6, name: "register_type", type: "string", isPublished: true },
    { number: 7, name: "industry", type: "string", isPublished: true },
    { number: 8, name: "sensor_name", type: "string", isPublished: true },
    { number: 9, name: "sensor_path", type: "string", isPublished: true },
    { number: 10, name: "sensor_type", type: "string", isPublished: true },
    { number: 11, name: "unit", type: "string", isPublished: true },
    { number: 12, name: "raw_value", type: "double", isPublished: true },
    { number: 13, name: "scaled_value", type: "int32", isPublished: true },
    { number: 14, name: "scale_factor", type: "int32", isPublished: true },
    { number: 15, name: "plc_name", type: "string", isPublished: true },
    { number: 16, name: "plc_vendor", type: "string", isPublished: true },
    { number: 17, name: "plc_model", type: "string", isPublished: true },
    { number: 18, name: "value", type: "double", isPublished: false },
    { number: 19, name: "value_string", type: "string", isPublished: false },
    { number: 20, name: "edge_id", type: "string", isPublished: false },
    { number: 21, name: "boot_epoch", type: "int64", isPublished: false },
    { number: 22, name: "seq", type: "int64", isPublished: false },
    { number: 23, name: "labels", type: "string", isPublished: false },
  ],
  write: writeModbusRow,
};

function writeModbusRow(writer: ProtoWriter, row: ModbusRow): void {
  if (row.event_time !== undefined) writer.int64(8, row.event_time);
  if (row.ingest_time !== undefined) writer.int64(16, row.ingest_time);
  if (row.source_name !== undefined) writer.string(26, row.source_name);
  if (row.slave_id !== undefined) writer.int32(32, row.slave_id);
  if (row.register_address !== undefined) writer.int32(40, row.register_address);
  if (row.register_type !== undefined) writer.string(50, row.register_type);
  if (row.industry !== undefined) writer.string(58, row.industry);
  if (row.sensor_name !== undefined) writer.string(66, row.sensor_name);
  if (row.sensor_path !== undefined) writer.string(74, row.sensor_path);
  if (row.sensor_type !== undefined) writer.string(82, row.sensor_type);
  if (row.unit !== undefined) writer.string(90, row.unit);
  if (row.raw_value !== undefined) writer.double(97, row.raw_value);
  if (row.scaled_value !== undefined) writer.int32(104, row.scaled_value);
  if (row.scale_factor !== undefined) writer.int32(112, row.scale_factor);
  if (row.plc_name !== undefined) writer.string(122, row.plc_name);
  if (row.plc_vendor !== undefined) writer.string(130, row.plc_vendor);
  if (row.plc_model !== undefined) writer.string(138, row.plc_model);
  if (row.value !== undefined) writer.double(145, row.value);
  if (row.value_string !== undefined) writer.string(154, row.value_string);
  if (row.edge_id !== undefined) writer.string(162, row.edge_id);
  if (row.boot_epoch !== undefined) writer.int64(168, row.boot_epoch);
  if (row.seq !== undefined) writer.int64(176, row.seq);
  if (row.labels !== undefined) writer.string(186, row.labels);
}
