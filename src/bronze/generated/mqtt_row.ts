// Made by `deno task gen` from protos/mqtt_bronze.proto. Do not edit.
import type { ProtoWriter } from "../../lib/proto_writer.ts";
import type { BronzeMessage } from "../message.ts";

/** One value from one MQTT message. Every field is optional: unset means unknown (NULL in the table). Times are microseconds since 1970-01-01 UTC. */
export interface MqttRow {
  /** Timestamp mapped from the payload, else arrival. Microseconds since 1970-01-01 UTC. */
  event_time?: number | bigint;
  /** When the connector accepted it. Microseconds since 1970-01-01 UTC. */
  ingest_time?: number | bigint;
  /** Name of the source in the connector's configuration. */
  source_name?: string;
  /** Topic the message was published to. */
  topic?: string;
  /** Label of the source. */
  industry?: string;
  /** Mapped name, else the last topic level. */
  sensor_name?: string;
  /** The value, where it is a number. */
  value?: number;
  /** The value, where it is not a number. */
  value_string?: string;
  /** Unit, mapped or configured. */
  unit?: string;
  /** Kind of sensor, mapped or configured. */
  sensor_type?: string;
  /** Device timestamp of the payload. Milliseconds since 1970-01-01 UTC. */
  timestamp_ms?: number | bigint;
  /** Quality of service of the delivery: 0, 1 or 2. */
  qos?: number;
  /** The broker sent it as the topic's retained message. */
  retain?: boolean;
  /** Label of the source. */
  plc_name?: string;
  /** Label of the source. */
  plc_vendor?: string;
  /** Label of the source. */
  plc_model?: string;
  /** Extras: sent only to a table that has the column. */
  payload?: Uint8Array;
  /** Sparkplug B: Good, Bad, Stale, another quality by its number, or Unconfirmed. */
  status?: string;
  /** Sparkplug B: the data type, or State for rows about a node or device itself. */
  value_type?: string;
  /** The installation that made the row. */
  edge_id?: string;
  /** Which start of that installation made it. */
  boot_epoch?: number | bigint;
  /** Which row of that start for this table. */
  seq?: number | bigint;
  /** Labels of the source, as a JSON object. */
  labels?: string;
  /** Sparkplug B: it was so in the past, and is sent now. */
  is_historical?: boolean;
  /** Sparkplug B: it is not meant to be kept for long. */
  is_transient?: boolean;
}

export const MQTT: BronzeMessage<MqttRow> = {
  name: "MQTTBronzeRecord",
  fields: [
    { number: 1, name: "event_time", type: "int64", isPublished: true },
    { number: 2, name: "ingest_time", type: "int64", isPublished: true },
    { number: 3, name: "source_name", type: "string", isPublished: true },
    { number: 4, name: "topic", type: "string", isPublished: true },
    { number: 5, name: "industry", type: "string", isPublished: true },
    { number: 6, name: "sensor_name", type: "string", isPublished: true },
    { number: 7, name: "value", type: "double", isPublished: true },
    { number: 8, name: "value_string", type: "string", isPublished: true },
    { number: 9, name: "unit", type: "string", isPublished: true },
    { number: 10, name: "sensor_type", type: "string", isPublished: true },
    { number: 11, name: "timestamp_ms", type: "int64", isPublished: true },
    { number: 12, name: "qos", type: "int32", isPublished: true },
    { number: 13, name: "retain", type: "bool", isPublished: true },
    { number: 14, name: "plc_name", type: "string", isPublished: true },
    { number: 15, name: "plc_vendor", type: "string", isPublished: true },
    { number: 16, name: "plc_model", type: "string", isPublished: true },
    { number: 17, name: "payload", type: "bytes", isPublished: false },
    { number: 18, name: "status", type: "string", isPublished: false },
    { number: 19, name: "value_type", type: "string", isPublished: false },
    { number: 20, name: "edge_id", type: "string", isPublished: false },
    { number: 21, name: "boot_epoch", type: "int64", isPublished: false },
    { number: 22, name: "seq", type: "int64", isPublished: false },
    { number: 23, name: "labels", type: "string", isPublished: false },
    { number: 24, name: "is_historical", type: "bool", isPublished: false },
    { number: 25, name: "is_transient", type: "bool", isPublished: false },
  ],
  write: writeMqttRow,
};

function writeMqttRow(writer: ProtoWriter, row: MqttRow): void {
  if (row.event_time !== undefined) writer.int64(8, row.event_time);
  if (row.ingest_time !== undefined) writer.int64(16, row.ingest_time);
  if (row.source_name !== undefined) writer.string(26, row.source_name);
  if (row.topic !== undefined) writer.string(34, row.topic);
  if (row.industry !== undefined) writer.string(42, row.industry);
  if (row.sensor_name !== undefined) writer.string(50, row.sensor_name);
  if (row.value !== undefined) writer.double(57, row.value);
  if (row.value_string !== undefined) writer.string(66, row.value_string);
  if (row.unit !== undefined) writer.string(74, row.unit);
  if (row.sensor_type !== undefined) writer.string(82, row.sensor_type);
  if (row.timestamp_ms !== undefined) writer.int64(88, row.timestamp_ms);
  if (row.qos !== undefined) writer.int32(96, row.qos);
  if (row.retain !== undefined) writer.bool(104, row.retain);
  if (row.plc_name !== undefined) writer.string(114, row.plc_name);
  if (row.plc_vendor !== undefined) writer.string(122, row.plc_vendor);
  if (row.plc_model !== undefined) writer.string(130, row.plc_model);
  if (row.payload !== undefined) writer.bytes(138, row.payload);
  if (row.status !== undefined) writer.string(146, row.status);
  if (row.value_type !== undefined) writer.string(154, row.value_type);
  if (row.edge_id !== undefined) writer.string(162, row.edge_id);
  if (row.boot_epoch !== undefined) writer.int64(168, row.boot_epoch);
  if (row.seq !== undefined) writer.int64(176, row.seq);
  if (row.labels !== undefined) writer.string(186, row.labels);
  if (row.is_historical !== undefined) writer.bool(192, row.is_historical);
  if (row.is_transient !== undefined) writer.bool(200, row.is_transient);
}
