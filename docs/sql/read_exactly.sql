-- Made by `deno task gen`. Do not edit.
-- Delivery is at least once: a row that is sent again has the identity of its twin, (edge_id, boot_epoch, seq).
-- The views keep one of each. The queries behind them find numbers that are missing. seq counts the rows of a table and
-- goes on over restarts; it begins anew at 1 with a new boot_epoch when a connector begins a new spool. A number that is
-- missing is a row that is still on its way, became a dead letter, or was dropped. Those that will not arrive, and why,
-- the connector knows: put the list that its command `spool gaps --sql` prints in the place of the two lines from VALUES
-- on, and the queries take them out. One list may hold the rows of several connectors' lists.

CREATE OR REPLACE VIEW iot_data.bronze.opcua_bronze_once AS
SELECT * FROM iot_data.bronze.opcua_bronze
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

WITH listed (table_name, edge_id, from_epoch, first_seq, last_seq) AS (
VALUES
  ('', '', 0, 0, 0)
), gaps AS (
  SELECT edge_id, boot_epoch, previous + 1 AS first_seq, seq - 1 AS last_seq
  FROM (
    SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
    FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM iot_data.bronze.opcua_bronze) AS numbered
  ) AS neighbours
  WHERE seq > previous + 1
), known AS (
  SELECT edge_id, boot_epoch, first_seq AS gap, first_seq - 1 AS first_seq, first_seq - 1 AS last_seq FROM gaps
  UNION ALL
  SELECT edge_id, boot_epoch, first_seq, last_seq + 1, last_seq + 1 FROM gaps
  UNION ALL
  SELECT gaps.edge_id, gaps.boot_epoch, gaps.first_seq, listed.first_seq, listed.last_seq
  FROM gaps JOIN listed ON listed.edge_id = gaps.edge_id AND listed.from_epoch <= gaps.boot_epoch
    AND listed.first_seq <= gaps.last_seq AND listed.last_seq >= gaps.first_seq
  WHERE listed.table_name = 'iot_data.bronze.opcua_bronze'
)
SELECT edge_id, boot_epoch, reached + 1 AS first_missing, first_seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, first_seq, max(last_seq) OVER (
    PARTITION BY edge_id, boot_epoch, gap ORDER BY first_seq, last_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reached
  FROM known
) AS steps
WHERE first_seq > reached + 1
ORDER BY edge_id, boot_epoch, first_missing;

CREATE OR REPLACE VIEW iot_data.bronze.mqtt_bronze_once AS
SELECT * FROM iot_data.bronze.mqtt_bronze
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

WITH listed (table_name, edge_id, from_epoch, first_seq, last_seq) AS (
VALUES
  ('', '', 0, 0, 0)
), gaps AS (
  SELECT edge_id, boot_epoch, previous + 1 AS first_seq, seq - 1 AS last_seq
  FROM (
    SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
    FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM iot_data.bronze.mqtt_bronze) AS numbered
  ) AS neighbours
  WHERE seq > previous + 1
), known AS (
  SELECT edge_id, boot_epoch, first_seq AS gap, first_seq - 1 AS first_seq, first_seq - 1 AS last_seq FROM gaps
  UNION ALL
  SELECT edge_id, boot_epoch, first_seq, last_seq + 1, last_seq + 1 FROM gaps
  UNION ALL
  SELECT gaps.edge_id, gaps.boot_epoch, gaps.first_seq, listed.first_seq, listed.last_seq
  FROM gaps JOIN listed ON listed.edge_id = gaps.edge_id AND listed.from_epoch <= gaps.boot_epoch
    AND listed.first_seq <= gaps.last_seq AND listed.last_seq >= gaps.first_seq
  WHERE listed.table_name = 'iot_data.bronze.mqtt_bronze'
)
SELECT edge_id, boot_epoch, reached + 1 AS first_missing, first_seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, first_seq, max(last_seq) OVER (
    PARTITION BY edge_id, boot_epoch, gap ORDER BY first_seq, last_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reached
  FROM known
) AS steps
WHERE first_seq > reached + 1
ORDER BY edge_id, boot_epoch, first_missing;

CREATE OR REPLACE VIEW iot_data.bronze.modbus_bronze_once AS
SELECT * FROM iot_data.bronze.modbus_bronze
QUALIFY row_number() OVER (PARTITION BY edge_id, boot_epoch, seq ORDER BY ingest_time) = 1;

WITH listed (table_name, edge_id, from_epoch, first_seq, last_seq) AS (
VALUES
  ('', '', 0, 0, 0)
), gaps AS (
  SELECT edge_id, boot_epoch, previous + 1 AS first_seq, seq - 1 AS last_seq
  FROM (
    SELECT edge_id, boot_epoch, seq, lag(seq) OVER (PARTITION BY edge_id ORDER BY boot_epoch, seq) AS previous
    FROM (SELECT DISTINCT edge_id, boot_epoch, seq FROM iot_data.bronze.modbus_bronze) AS numbered
  ) AS neighbours
  WHERE seq > previous + 1
), known AS (
  SELECT edge_id, boot_epoch, first_seq AS gap, first_seq - 1 AS first_seq, first_seq - 1 AS last_seq FROM gaps
  UNION ALL
  SELECT edge_id, boot_epoch, first_seq, last_seq + 1, last_seq + 1 FROM gaps
  UNION ALL
  SELECT gaps.edge_id, gaps.boot_epoch, gaps.first_seq, listed.first_seq, listed.last_seq
  FROM gaps JOIN listed ON listed.edge_id = gaps.edge_id AND listed.from_epoch <= gaps.boot_epoch
    AND listed.first_seq <= gaps.last_seq AND listed.last_seq >= gaps.first_seq
  WHERE listed.table_name = 'iot_data.bronze.modbus_bronze'
)
SELECT edge_id, boot_epoch, reached + 1 AS first_missing, first_seq - 1 AS last_missing
FROM (
  SELECT edge_id, boot_epoch, first_seq, max(last_seq) OVER (
    PARTITION BY edge_id, boot_epoch, gap ORDER BY first_seq, last_seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS reached
  FROM known
) AS steps
WHERE first_seq > reached + 1
ORDER BY edge_id, boot_epoch, first_missing;
