import { labelColumns, MQTT, type MqttRow, rowEncoder } from "../../bronze/mod.ts";
import type { Encode, SourceConfig } from "../../core/source.ts";
import type { MqttReading, MqttTag, SparkplugMarks } from "./reading.ts";
import type { MqttSettings } from "./settings.ts";

/**
 * Bronze rows of one source. What is the same in all rows of a tag is encoded once per tag; but not of Sparkplug, which
 * may have hundreds of thousands of tags, and at a birth a row of each.
 */
export function mqttEncoder(config: SourceConfig<MqttSettings>): Encode<MqttReading> {
  // By tag object, so that tags of an earlier session are let go with it.
  const encoders = new WeakMap<MqttTag, ReturnType<typeof rowEncoder<MqttRow>>>();
  const ofSource = { ...labelColumns(MQTT, config.labels), source_name: config.name };
  const labelled = labelledBy(config.labels);
  const ofAnyTag = rowEncoder<MqttRow>(MQTT, ofSource);
  return (reading, stamp) => {
    const { from, sparkplug } = reading;
    if (sparkplug) return ofAnyTag(Object.assign(rowOf(reading), columnsOf(from, labelled), marksOf(sparkplug)), stamp);
    let encode = encoders.get(from);
    if (!encode) encoders.set(from, encode = rowEncoder<MqttRow>(MQTT, { ...ofSource, ...columnsOf(from, labelled) }));
    return encode(rowOf(reading), stamp);
  };
}

type Labelled = (labels: MqttTag["labels"]) => MqttRow;

/** The columns of a source's labels with those of an entry of `topics`; nothing where the entry has none. */
function labelledBy(ofSource: SourceConfig["labels"]): Labelled {
  const made = new WeakMap<object, MqttRow>(); // by the entry's own object: tags are many, entries few
  return (labels) => {
    if (!labels || Object.keys(labels).length === 0) return {};
    let columns = made.get(labels);
    if (!columns) made.set(labels, columns = labelColumns(MQTT, { ...ofSource, ...labels }));
    return columns;
  };
}

function columnsOf({ topic, sensorName, sensorType, unit, labels }: MqttTag, labelled: Labelled): MqttRow {
  const row: MqttRow = { ...labelled(labels), topic, sensor_name: sensorName };
  if (sensorType !== undefined) row.sensor_type = sensorType;
  if (unit !== undefined) row.unit = unit;
  return row;
}

function rowOf(reading: MqttReading): MqttRow {
  const row: MqttRow = {
    event_time: reading.eventTimeUs,
    qos: reading.qos,
    retain: reading.isRetained,
    payload: reading.payload,
  };
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
