import assert from "node:assert/strict";
import { Secret } from "../lib/secret.ts";
import { errorLines, findingsOf, loadText } from "../../tests/fakes/config_file.ts";
import { ConfigFileError, findingLine, loadConfig } from "./mod.ts";

const FOUR = `local_sink: { enabled: true }
sources:
  - { name: a, protocol: opcua, endpoint: "opc.tcp://h:4840", opcua: { nodes: [{ node_id: i=2258 }] } }
  - { name: b, protocol: mqtt, endpoint: "mqtt://h", table: my_table, labels: { line: one }, mqtt: { topics: [{ topic: t }] } }
  - { name: c, protocol: modbus, enabled: false, endpoint: "modbus+tcp://h", modbus: { registers: [{ name: r, address: 0 }] } }
`;

Deno.test("loadConfig() gives every key its default, and an empty file is one", async () => {
  const { config, sources, warnings } = await loadText("");
  assert.deepEqual({ sources, warnings, version: config.version }, { sources: [], warnings: [], version: 1 });
  assert.equal(config.zerobus.enabled, false);
  assert.equal(config.zerobus.target.tables.opcua, "opcua_bronze");
  assert.deepEqual(config.processing.batch, { max_size: 1000, max_wait_seconds: 1 });
  assert.deepEqual(config.deployment.shutdown, {
    grace_period_seconds: 30,
    drain_queue: true,
    max_drain_time_seconds: 300,
  });
});

Deno.test("loadConfig() makes an entry of each source, with its protocol's spec and its own settings", async () => {
  const { sources } = await loadText(FOUR);
  assert.deepEqual(sources.map(({ spec, config, isEnabled, table }) => [spec.type, config.name, isEnabled, table]), [
    ["opcua", "a", true, null],
    ["mqtt", "b", true, "my_table"],
    ["modbus", "c", false, null],
  ]);
  assert.deepEqual(sources[1]?.config.labels, { line: "one" });
  assert.equal((sources[2]?.config.settings as { read_gap: number }).read_gap, 8); // modbus settings
});

Deno.test("loadConfig() takes a block with nothing in it for one that is not there", async () => {
  const { config } = await loadText("zerobus:\nsources:\nprocessing:\n  batch:\n  # max_size: 5\n");
  assert.equal(config.zerobus.enabled, false);
  assert.deepEqual(config.sources, []);
  assert.equal(config.processing.batch.max_size, 1000);
});

Deno.test("loadConfig() reads numbers and switches from the environment where the schema wants them", async () => {
  const yaml = `gui: { port: "\${IOT_PORT:-8081}", enabled: "\${IOT_GUI}" }
deployment: { instance_id: "\${IOT_NAME}" }
local_sink: { enabled: true }
sources:
  - name: a
    protocol: opcua
    endpoint: opc.tcp://\${OPCUA_HOST}:4840
    opcua: { password: "\${OPCUA_PASSWORD}", username: u, nodes: [{ node_id: i=1, name: "\${IOT_TAG}", sampling_interval_ms: "\${IOT_MS}" }] }
`;
  const env = {
    IOT_GUI: "false",
    IOT_NAME: "0815",
    OPCUA_HOST: "plc",
    OPCUA_PASSWORD: "1234",
    IOT_MS: "250",
    IOT_TAG: "7",
  };
  const { config, sources } = await loadText(yaml, { env });
  assert.deepEqual([config.gui.port, config.gui.enabled, config.deployment.instance_id], [8081, false, "0815"]);
  assert.equal(sources[0]?.config.endpoint, "opc.tcp://plc:4840");
  const settings = sources[0]?.config.settings as { password: Secret; nodes: readonly Record<string, unknown>[] }; // opcua
  assert.equal(settings.password.reveal(), "1234");
  assert.deepEqual([settings.nodes[0]?.name, settings.nodes[0]?.sampling_interval_ms], ["7", 250]);
});

Deno.test("loadConfig() says of text from the environment that is no number what it must be", async () => {
  const lines = await errorLines("gui:\n  port: ${IOT_PORT}\n", { env: { IOT_PORT: "http" } });
  assert.deepEqual(lines, ["c.yaml:2:3 gui.port: must be a number, not text"]);
});

Deno.test("loadConfig() names key and variable where one is missing", async () => {
  const lines = await errorLines("gui:\n  port: ${IOT_PORT}\n");
  assert.deepEqual(lines, [
    "c.yaml:2:3 gui.port: the environment variable IOT_PORT is not set: set it, or write ${IOT_PORT:-default}",
  ]);
});

Deno.test("loadConfig() only warns of what a disabled source asks for and this version cannot do", async () => {
  const yaml = (enabled: boolean) =>
    FOUR.replace("modbus: {", "modbus: { connection_type: rtu,").replace("enabled: false", `enabled: ${enabled}`);
  const severities = async (enabled: boolean) => (await findingsOf(yaml(enabled))).map(({ severity }) => severity);
  assert.deepEqual(await severities(true), ["error"]);
  assert.deepEqual(await severities(false), ["warning"]);
});

Deno.test("loadConfig() takes a home without a file for one where everything is as its default says, and warns", async () => {
  const loaded = await loadConfig({
    home: "/opt/iot",
    env: () => undefined,
    readTextFile: (path) => Promise.reject(new Deno.errors.NotFound(path)),
  });
  assert.deepEqual([loaded.sources, loaded.config.gui.enabled], [[], true]);
  assert.deepEqual(loaded.warnings.map((each) => findingLine(loaded.file, each)), [
    "config/connector.yaml:1:1 does not exist: everything is as its default says, or as the pages have saved it",
  ]);
});

Deno.test("loadConfig() says what to do where there is no file of the name given, and stops with its name", async () => {
  const missing = loadConfig({
    home: "/opt/iot",
    file: "config/connector.yaml",
    env: () => undefined,
    readTextFile: (path) => Promise.reject(new Deno.errors.NotFound(path)),
  });
  await assert.rejects(missing, (error) => {
    assert.ok(error instanceof ConfigFileError);
    assert.equal(error.disposition, "halt");
    assert.match(error.message, /^config\/connector\.yaml:1:1 .*\/opt\/iot\/config\/connector\.yaml .*copy the sample/);
    return true;
  });
});

Deno.test("loadConfig() reads the file that --config names, below the home directory or anywhere", async () => {
  const STATE = "/h/config/connector_state.json"; // of the home, whatever the file
  const asked: string[] = [];
  const deps = {
    env: () => undefined,
    readTextFile: (path: string) => {
      asked.push(path);
      return path.endsWith(".yaml") ? Promise.resolve("") : Promise.reject(new Deno.errors.NotFound());
    },
  };
  await loadConfig({ home: "/h", file: "other.yaml", ...deps });
  await loadConfig({ home: "/h", file: "/etc/iot.yaml", ...deps });
  assert.deepEqual(asked, ["/h/other.yaml", STATE, "/etc/iot.yaml", STATE]);
});

Deno.test("loadConfig() takes a required column that rows of one configured source have, or of any protocol without sources", async () => {
  const required = (names: string) => `processing: { validation: { required_fields: [${names}] } }\n`;
  const source = (name: string, rest: string) => `  - { name: ${name}, ${rest} }\n`;
  const mqtt = source("a", 'protocol: mqtt, endpoint: "mqtt://b", mqtt: { topics: [{ topic: t }] }');
  const modbus = source(
    "b",
    'protocol: modbus, endpoint: "modbus+tcp://h", modbus: { registers: [{ name: r, address: 0 }] }',
  );
  const both = await errorLines(
    `local_sink: { enabled: true }\nsources:\n${mqtt}${modbus}${required("topic, slave_id")}`,
  );
  assert.deepEqual(both, []);
  assert.deepEqual(await errorLines(required("topic, slave_id, node_id")), []);
});

Deno.test("loadConfig() looks at no required column while validation is off", async () => {
  const validation = (text: string) => errorLines(`processing: { validation: { ${text}required_fields: [nope] } }\n`);
  assert.deepEqual(await validation("enabled: false, "), []);
  assert.equal((await validation("")).length, 1);
});

Deno.test("loadConfig() takes a source that reads nothing yet, as long as it is disabled", async () => {
  const findings = await findingsOf(`local_sink: { enabled: true }
sources:
  - { name: a, protocol: opcua, enabled: false, endpoint: "opc.tcp://h:4840", opcua: {} }
`);
  assert.deepEqual(findings.map(({ severity, path }) => [severity, path]), [["warning", "sources[0].opcua.nodes"]]);
});

Deno.test("loadConfig() lets sources share a client id at two brokers, and two ports of one number at two addresses", async () => {
  const source = (name: string, endpoint: string) =>
    `  - { name: ${name}, protocol: mqtt, endpoint: "${endpoint}", mqtt: { client_id: edge, topics: [{ topic: t }] } }\n`;
  const listeners = "gui: { bind: 127.0.0.2, port: 9090 }\n";
  const findings = await findingsOf(
    `${listeners}local_sink: { enabled: true }\nsources:\n${source("a", "mqtt://x")}${source("b", "mqtt://x:1884")}`,
  );
  assert.deepEqual(findings.filter(({ severity }) => severity === "error"), []);
});

Deno.test("loadConfig() gives a source at each of its endpoints, the first one first", async () => {
  const { sources } = await loadText(`local_sink: { enabled: true }
sources:
  - name: a
    protocol: mqtt
    endpoint: mqtt://x
    endpoints: [mqtt://y, mqtt://z]
    rate_limit: { readings_per_second: 100 }
    mqtt: { topics: [{ topic: t }] }
`);
  const [source] = sources;
  assert.deepEqual(
    [source?.config, ...source?.alternates ?? []].map((each) => each?.endpoint),
    ["mqtt://x", "mqtt://y", "mqtt://z"],
  );
  assert.deepEqual(source?.rateLimit, { requests_per_second: null, readings_per_second: 100 });
});
