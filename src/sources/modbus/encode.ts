import { labelColumns, MODBUS, type ModbusRow, rowEncoder } from "../../bronze/mod.ts";
import type { Encode, SourceConfig } from "../../core/source.ts";
import type { ModbusReading, ModbusTag } from "./reading.ts";
import type { ModbusSettings } from "./settings.ts";

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** Bronze rows of one source. What is the same in all rows of a tag is encoded once per tag. */
export function modbusEncoder(config: SourceConfig<ModbusSettings>): Encode<ModbusReading> {
  // By tag object, so that tags of an earlier session are let go with it.
  const encoders = new WeakMap<ModbusTag, ReturnType<typeof rowEncoder<ModbusRow>>>();
  return (reading, stamp) => {
    let encode = encoders.get(reading.from);
    if (!encode) encoders.set(reading.from, encode = rowEncoder(MODBUS, constantsOf(config, reading.from)));
    return encode(rowOf(reading), stamp);
  };
}

function constantsOf(config: SourceConfig<ModbusSettings>, tag: ModbusTag): Partial<ModbusRow> {
  const row: ModbusRow = {
    ...labelColumns(MODBUS, { ...config.labels, ...tag.labels }),
    source_name: config.name,
    slave_id: tag.slaveId,
    register_address: tag.address,
    register_type: tag.registerType,
    sensor_name: tag.name,
  };
  if (tag.sensorPath !== undefined) row.sensor_path = tag.sensorPath;
  if (tag.sensorType !== undefined) row.sensor_type = tag.sensorType;
  if (tag.unit !== undefined) row.unit = tag.unit;
  if (tag.scaleColumn !== undefined) row.scale_factor = tag.scaleColumn;
  return row;
}

function rowOf({ eventTimeUs, raw, value, text }: ModbusReading): ModbusRow {
  const row: ModbusRow = { event_time: eventTimeUs };
  if (raw !== undefined) row.raw_value = raw;
  if (value !== undefined) {
    row.value = value;
    const rounded = toInt32(value);
    if (rounded !== undefined) row.scaled_value = rounded;
  }
  if (text !== undefined) row.value_string = text;
  return row;
}

/** Rounded half away from zero and saturated; undefined for NaN, which has no nearest integer. */
function toInt32(value: number): number | undefined {
  if (Number.isNaN(value)) return undefined;
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  return Math.min(INT32_MAX, Math.max(INT32_MIN, rounded));
}
