-- Made by `deno task gen` from protos/. Do not edit.
-- The bronze tables, extras included: put your catalog and schema in place of iot_data.bronze.

CREATE TABLE IF NOT EXISTS iot_data.bronze.opcua_bronze (
  event_time TIMESTAMP COMMENT 'When it was so: source timestamp, else server timestamp, else arrival. Microseconds since 1970-01-01 UTC.',
  ingest_time TIMESTAMP COMMENT 'When the connector accepted it. Microseconds since 1970-01-01 UTC.',
  source_name STRING COMMENT 'Name of the source in the connector''s configuration.',
  endpoint STRING COMMENT 'Address of the server.',
  namespace INT COMMENT 'Namespace index of the node id.',
  node_id STRING COMMENT 'Node id as configured or found, for example ns=2;s=Temperature.',
  browse_path STRING COMMENT 'Path from the Root folder, where it is known.',
  status_code BIGINT COMMENT 'The full unsigned 32-bit status code.',
  status STRING COMMENT 'Symbolic name of the status code: Good, BadNodeIdUnknown.',
  value_type STRING COMMENT 'Built-in type, with [] for arrays: Double, Int32[].',
  value STRING COMMENT 'The value as text that loses nothing.',
  value_num DOUBLE COMMENT 'The value as a number; numbers and booleans only.',
  raw BINARY COMMENT 'OPC UA binary encoding of the Variant.',
  plc_name STRING COMMENT 'Label of the source.',
  plc_vendor STRING COMMENT 'Label of the source.',
  plc_model STRING COMMENT 'Label of the source.',
  source_time TIMESTAMP COMMENT 'Extras: sent only to a table that has the column.',
  server_time TIMESTAMP COMMENT 'Server timestamp. Microseconds since 1970-01-01 UTC.',
  edge_id STRING COMMENT 'The installation that made the row.',
  boot_epoch BIGINT COMMENT 'Which start of that installation made it.',
  seq BIGINT COMMENT 'Which row of that start for this table.',
  labels STRING COMMENT 'Labels of the source, as a JSON object.'
)
USING DELTA
COMMENT 'One value of one OPC UA node. Every field is optional: unset means unknown (NULL in the table).';

CREATE TABLE IF NOT EXISTS iot_data.bronze.mqtt_bronze (
  event_time TIMESTAMP COMMENT 'Timestamp mapped from the payload, else arrival. Microseconds since 1970-01-01 UTC.',
  ingest_time TIMESTAMP COMMENT 'When the connector accepted it. Microseconds since 1970-01-01 UTC.',
  source_name STRING COMMENT 'Name of the source in the connector''s configuration.',
  topic STRING COMMENT 'Topic the message was published to.',
  industry STRING COMMENT 'Label of the source.',
  sensor_name STRING COMMENT 'Mapped name, else the last topic level.',
  value DOUBLE COMMENT 'The value, where it is a number.',
  value_string STRING COMMENT 'The value, where it is not a number.',
  unit STRING COMMENT 'Unit, mapped or configured.',
  sensor_type STRING COMMENT 'Kind of sensor, mapped or configured.',
  timestamp_ms BIGINT COMMENT 'Device timestamp of the payload. Milliseconds since 1970-01-01 UTC.',
  qos INT COMMENT 'Quality of service of the delivery: 0, 1 or 2.',
  retain BOOLEAN COMMENT 'The broker sent it as the topic''s retained message.',
  plc_name STRING COMMENT 'Label of the source.',
  plc_vendor STRING COMMENT 'Label of the source.',
  plc_model STRING COMMENT 'Label of the source.',
  payload BINARY COMMENT 'Extras: sent only to a table that has the column.',
  status STRING COMMENT 'Sparkplug B: Good, Bad, Stale, another quality by its number, or Unconfirmed.',
  value_type STRING COMMENT 'Sparkplug B: the data type, or State for rows about a node or device itself.',
  edge_id STRING COMMENT 'The installation that made the row.',
  boot_epoch BIGINT COMMENT 'Which start of that installation made it.',
  seq BIGINT COMMENT 'Which row of that start for this table.',
  labels STRING COMMENT 'Labels of the source, as a JSON object.',
  is_historical BOOLEAN COMMENT 'Sparkplug B: it was so in the past, and is sent now.',
  is_transient BOOLEAN COMMENT 'Sparkplug B: it is not meant to be kept for long.'
)
USING DELTA
COMMENT 'One value from one MQTT message. Every field is optional: unset means unknown (NULL in the table).';

CREATE TABLE IF NOT EXISTS iot_data.bronze.modbus_bronze (
  event_time TIMESTAMP COMMENT 'When the response arrived. Microseconds since 1970-01-01 UTC.',
  ingest_time TIMESTAMP COMMENT 'When the connector accepted it. Microseconds since 1970-01-01 UTC.',
  source_name STRING COMMENT 'Name of the source in the connector''s configuration.',
  slave_id INT COMMENT 'Unit id.',
  register_address INT COMMENT 'Protocol address of the first register or bit, zero based.',
  register_type STRING COMMENT 'holding, input, coil or discrete.',
  industry STRING COMMENT 'Label of the source.',
  sensor_name STRING COMMENT 'Name of the mapping, with [i] where it has several values.',
  sensor_path STRING COMMENT 'Place of the sensor, as configured.',
  sensor_type STRING COMMENT 'Kind of sensor, as configured.',
  unit STRING COMMENT 'Unit, as configured.',
  raw_value DOUBLE COMMENT 'The value in the registers, before scaling.',
  scaled_value INT COMMENT 'The scaled value, rounded and saturated at the int32 range.',
  scale_factor INT COMMENT 'The factor as a whole denominator or multiplier: 0.1 and 10 give 10.',
  plc_name STRING COMMENT 'Label of the source.',
  plc_vendor STRING COMMENT 'Label of the source.',
  plc_model STRING COMMENT 'Label of the source.',
  value DOUBLE COMMENT 'Extras: sent only to a table that has the column.',
  value_string STRING COMMENT 'Text, and integers that a double cannot hold, as decimal digits.',
  edge_id STRING COMMENT 'The installation that made the row.',
  boot_epoch BIGINT COMMENT 'Which start of that installation made it.',
  seq BIGINT COMMENT 'Which row of that start for this table.',
  labels STRING COMMENT 'Labels of the source, as a JSON object.'
)
USING DELTA
COMMENT 'One value of one Modbus mapping. Every field is optional: unset means unknown (NULL in the table).';

-- For the service principal that writes, by its application id; each table by name.
GRANT USE CATALOG ON CATALOG iot_data TO `<application id>`;
GRANT USE SCHEMA ON SCHEMA iot_data.bronze TO `<application id>`;
GRANT SELECT, MODIFY ON TABLE iot_data.bronze.opcua_bronze TO `<application id>`;
GRANT SELECT, MODIFY ON TABLE iot_data.bronze.mqtt_bronze TO `<application id>`;
GRANT SELECT, MODIFY ON TABLE iot_data.bronze.modbus_bronze TO `<application id>`;
