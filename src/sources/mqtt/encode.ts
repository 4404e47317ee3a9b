import { labelColumns, MQTT, type MqttRow, rowEncoder } from "../../bronze/mod.ts";
import type { Encode, SourceConfig } from "../../core/source.ts";
import type { MqttReading, MqttTag, SparkplugMarks } from "./reading.ts";
import type { MqttSettings } from "./settings.ts";

/** Bronze rows of one source. What is the same in all rows of a tag is encoded once per tag. */
export function mqttEncoder(config: SourceConfig<MqttSettings>): Encode<MqttReading> {
  // By tag object, so that tags of an earlier session are let go with it.
  const encoders = new WeakMap<MqttTag, ReturnType<typeof rowEncoder<MqttRow>>>();
  return (reading, stamp) => {
    let encode = encoders.get(reading.from);
    if (!encode) encoders.set(reading.from, encode = rowEncoder(MQTT, constantsOf(config, reading.from)));
    return encode(rowOf(reading), stamp);
  };
}

function constantsOf(config: SourceConfig<MqttSettings>, tag: MqttTag): Partial<MqttRow> {
  const row: MqttRow = {
    ...labelColumns(MQTT, config.labels),
    source_name: config.name,
    topic: tag.topic,
    sensor_name: tag.sensorName,
  };
  if (tag.sensorType !== undefined) row.sensor_type = tag.sensorType;
  if (tag.unit !== undefined) row.unit = tag.unit;
  return row;
}

function rowOf(reading: MqttReading): MqttRow {
  const row: MqttRow = {
    event_time: reading.eventTimeUs,
    qos: reading.qos,
    retain: reading.isRetained,
    payload: reading.payload,
  };
  if (reading.sparkplug) Object.assign(row, marksOf(reading.sparkplug));
  if (reading.value !== undefined) row.value = reading.value;
  if (reading.text !== undefined) row.value_string = reading.text;
  if (reading.timestampMs !== undefined) row.timestamp_ms = reading.timestampMs;
  return row;
}

function marksOf({ status, valueType, isHistorical, isTransient }: SparkplugMarks): MqttRow {
  const row: MqttRow = { is_historical: isHistorical, is_transient: isTransient };
  if (status !== undefined) row.status = status;
  if (valueType !== undefined) row.value_type = valueType;
  return row;
}
