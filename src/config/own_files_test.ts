import assert from "node:assert/strict";
import { errorLines } from "../../tests/fakes/config_file.ts";
import { faultsAcross } from "./across.ts";
import { valueAt } from "./walk.ts";

type Value = Record<string, unknown>;

const sink = (path: string): Value => ({ local_sink: { path } });
const spool = (path: string): Value => ({ backpressure: { disk_spool: { path } } });
const key = (path: string): Value => ({ backpressure: { disk_spool: { encryption_key_path: path } } });
const log = (path: string): Value => ({ monitoring: { logging: { file_path: path } } });

const REFUSED: readonly (readonly [Value, string, string])[] = [
  [sink("certs/users.json"), "local_sink.path", "certs"],
  [sink("./certs//secrets.key"), "local_sink.path", "certs"],
  [sink("Certs/users.json"), "local_sink.path", "certs"],
  [sink("audit/audit-2026-01.jsonl"), "local_sink.path", "audit"],
  [sink("config/connector.yaml"), "local_sink.path", "config"],
  [sink("run/cli.token"), "local_sink.path", "run"],
  [sink("memory/a.json"), "local_sink.path", "memory"],
  [sink("state/columns/x.json"), "local_sink.path", "state/columns"],
  [sink("identity.json"), "local_sink.path", "identity.json"],
  [sink("./latest_time"), "local_sink.path", "latest_time"],
  [sink("spool/spool.db"), "local_sink.path", "spool/spool.db"],
  [{ ...sink("rows/spool.db-wal"), ...spool("./rows") }, "local_sink.path", "rows/spool.db"],
  [{ ...sink("keys/a"), ...key("keys/a") }, "local_sink.path", "keys/a"],
  [sink("./."), "local_sink.path", "the home directory"],
  [spool("certs"), "backpressure.disk_spool.path", "certs"],
  [spool("./config/x"), "backpressure.disk_spool.path", "config"],
  [key("certs/users.json"), "backpressure.disk_spool.encryption_key_path", "certs/users.json"],
  [key("certs/./secrets.key"), "backpressure.disk_spool.encryption_key_path", "certs/secrets.key"],
  [key("certs/opcua/own/x"), "backpressure.disk_spool.encryption_key_path", "certs/opcua/"],
  [key("certs/"), "backpressure.disk_spool.encryption_key_path", "certs"],
  [key("audit/a"), "backpressure.disk_spool.encryption_key_path", "audit"],
  [key("identity.json.new"), "backpressure.disk_spool.encryption_key_path", "identity.json"],
  [log("config/connector.yaml"), "monitoring.logging.file_path", "config"],
  [log("data/local.db"), "monitoring.logging.file_path", "data/local.db"],
  [{ ...log("rows/of.db-wal"), ...sink("./rows/of.db") }, "monitoring.logging.file_path", "rows/of.db"],
  [log("spool/spool.db"), "monitoring.logging.file_path", "spool/spool.db"],
];

for (const [value, path, own] of REFUSED) {
  Deno.test(`${path} may not name ${own}: ${valueAt(value, path.split("."))}`, () => {
    const faults = faultsAcross(value);
    assert.deepEqual(faults.map((fault) => fault.path.join(".")), [path]);
    const message = faults[0]?.message ?? "";
    assert.ok(message.includes(`must name another place: ${own} is the connector's own`), message);
  });
}

for (
  const value of [
    sink("data/local.db"),
    sink("certs2/local.db"),
    { ...sink("data/local.db"), ...spool("data") },
    spool("spool"),
    spool("./var//rows"),
    key("certs/spool_encryption.key"),
    key("certs/site/a.key"),
    log("logs/connector.log"),
    log("configured.log"),
  ]
) {
  Deno.test(`files that are not the connector's own may be named: ${JSON.stringify(value)}`, () => {
    assert.deepEqual(faultsAcross(value), []);
  });
}

for (const path of ["c.yaml", "./c.yaml", "C.yaml", "c.yaml/x"]) {
  Deno.test(`a setting may not name ${path} where --config names c.yaml`, async () => {
    const [line = ""] = await errorLines(`version: 1\nlocal_sink: { enabled: true, path: ${path} }\n`);
    assert.match(line, /local_sink\.path: must name another place: c\.yaml is the connector's own/);
  });
}
