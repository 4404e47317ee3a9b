/** A test of the way to Databricks in which a table is missing, as the API tells it. */

const TABLE = "iot_data.bronze.mqtt_bronze";
const SQL = `CREATE TABLE IF NOT EXISTS ${TABLE} (
  event_time TIMESTAMP,
  value DOUBLE
)
USING DELTA;

GRANT SELECT, MODIFY ON TABLE ${TABLE} TO \`11111111-2222-3333-4444-555555555555\`;`;

const RESULTS = [
  {
    id: "workspace.dns",
    title: "Name of the workspace",
    state: "ok",
    measured: "dbc-1.cloud.databricks.com is 192.0.2.7",
  },
  {
    id: "workspace.tcp",
    title: "Connection to the workspace",
    state: "ok",
    measured: "192.0.2.7:443 answers, seen from 192.168.1.20",
  },
  {
    id: "clock",
    title: "This host's clock",
    state: "warn",
    measured: "42 s behind the workspace",
    cause: "Times in rows would be wrong by as much, and tokens and certificates may be taken for expired.",
    remedy: { what: "Let the host follow a time server:", copy: "timedatectl set-ntp true" },
  },
  {
    id: `table.${TABLE}`,
    title: `Table ${TABLE}`,
    state: "fail",
    measured: "Unity Catalog knows no such table",
    cause: "It was not made yet, or the service principal may not use its catalog or schema.",
    remedy: { what: "Let who administers the workspace run:", copy: SQL },
  },
  {
    id: `table.${TABLE}.stream`,
    title: `Dry run to ${TABLE}`,
    state: "skipped",
    measured: "not tried",
    cause: `It needs what failed: Table ${TABLE}`,
  },
];

export function connectionTest(): Response {
  const lines = RESULTS.flatMap((result) => [
    { kind: "begun", id: result.id, title: result.title },
    { kind: "done", result },
  ]);
  const text = [...lines, { kind: "end", healthy: false }].map((line) => `${JSON.stringify(line)}\n`).join("");
  return new Response(text, { headers: { "content-type": "application/x-ndjson" } });
}
