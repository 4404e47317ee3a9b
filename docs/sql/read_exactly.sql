-- Made by `deno task gen`. Do not edit.
-- Delivery is at least once: a row that is sent again has the identity of its twin, (edge_id, boot_epoch, seq).
-- The views keep one of each. The queries behind them find numbers that are missing. seq counts the rows of a table and
-- goes on over restarts; it begins anew at 1 with a new boot_epoch when a connector begins a new spool. A number that is
-- missing is a row that is still on its way, became a dead letter, or was dropped: the connector's ledger says which.

CREATE OR REPLACE VIEW iot_data.bronze.opcua_bronze_once AS
SELECT * FROM iot_data.bronze.opcua_bronze
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

SELECT edge_id, boot_epoch, previous + 1 AS first_missing, seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
  FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM iot_data.bronze.opcua_bronze) AS numbered
) AS neighbours
WHERE seq > previous + 1
ORDER BY edge_id, boot_epoch, seq;

CREATE OR REPLACE VIEW iot_data.bronze.mqtt_bronze_once AS
SELECT * FROM iot_data.bronze.mqtt_bronze
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

SELECT edge_id, boot_epoch, previous + 1 AS first_missing, seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
  FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM iot_data.bronze.mqtt_bronze) AS numbered
) AS neighbours
WHERE seq > previous + 1
ORDER BY edge_id, boot_epoch, seq;

CREATE OR REPLACE VIEW iot_data.bronze.modbus_bronze_once AS
SELECT * FROM iot_data.bronze.modbus_bronze
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

SELECT edge_id, boot_epoch, previous + 1 AS first_missing, seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
  FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM iot_data.bronze.modbus_bronze) AS numbered
) AS neighbours
WHERE seq > previous + 1
ORDER BY edge_id, boot_epoch, seq;
