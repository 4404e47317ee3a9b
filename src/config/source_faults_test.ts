import assert from "node:assert/strict";
import { errorLines, findingsOf } from "../../tests/fakes/config_file.ts";

const OPCUA = (settings: string, node = "") => ({
  protocol: "opcua",
  yaml: `endpoint: "opc.tcp://h:4840", opcua: { ${settings} nodes: [{ node_id: i=1 }${node}] }`,
});
const MQTT = (settings: string, endpoint = "mqtts://h") => ({
  protocol: "mqtt",
  yaml: `endpoint: "${endpoint}", mqtt: { ${settings} topics: [{ topic: t }] }`,
});
const MODBUS = (settings: string, endpoint: string) => ({
  protocol: "modbus",
  yaml: `endpoint: "${endpoint}", modbus: { ${settings} registers: [{ name: r, address: 0 }] }`,
});

type Source = ReturnType<typeof OPCUA>;

function file(...sources: readonly Source[]): string {
  const entries = sources.map(({ protocol, yaml }, i) => `  - { name: s${i}, protocol: ${protocol}, ${yaml} }\n`);
  return `local_sink: { enabled: true }\nsources:\n${entries.join("")}`;
}

/** What parses and contradicts itself; `path` begins at the entry. */
const UNSUPPORTED: readonly (readonly [name: string, source: Source, path: string])[] = [
  ["TLS that the endpoint denies", MQTT("tls: { enabled: true },", "mqtt://h"), "mqtt.tls.enabled"],
  [
    "a type of connection that the endpoint denies",
    MODBUS("connection_type: rtu,", "modbus+tcp://h"),
    "modbus.connection_type",
  ],
];

for (const [name, source, path] of UNSUPPORTED) {
  Deno.test(`loadConfig() refuses ${name} at ${path}`, async () => {
    const findings = await findingsOf(file(OPCUA(""), source));
    assert.deepEqual(findings.map((each) => [each.severity, each.path, each.line]), [[
      "error",
      `sources[1].${path}`,
      4,
    ]]);
    assert.match(findings[0]?.message ?? "", /not supported|does not agree/);
  });
}

Deno.test("loadConfig() warns of what works and is hardly meant so, once for each endpoint, and takes it", async () => {
  const login = MQTT('username: edge, password: "${MQTT_P}",', "mqtt://h").yaml;
  const yaml = `endpoints: [mqtt://i, mqtts://j], ${login}`;
  const findings = await findingsOf(file({ protocol: "mqtt", yaml }), { env: { MQTT_P: "x" } });
  assert.deepEqual(findings.map(({ severity, path }) => [severity, path]), [
    ["warning", "sources[0].mqtt.password"],
    ["warning", "sources[0].mqtt.password"],
  ]);
  assert.deepEqual(findings.map(({ message }) => /go to (\S+) unencrypted/.exec(message)?.[1]), [
    "mqtt://h",
    "mqtt://i",
  ]);
});

Deno.test("loadConfig() warns of a limit that the entries exceed all the time", async () => {
  const limited = (perSecond: number) => {
    const registers = "{ name: a, address: 0, count: 100 }, { name: s, address: 200, data_type: string, count: 8 }";
    const modbus = `modbus: { poll_interval_seconds: 2, registers: [${registers}] }`;
    return `endpoint: "modbus+tcp://h", rate_limit: { readings_per_second: ${perSecond} }, ${modbus}`;
  };
  const warningsAt = (perSecond: number) => findingsOf(file({ protocol: "modbus", yaml: limited(perSecond) }));
  assert.deepEqual(await warningsAt(51), []);
  const [warning, ...others] = await warningsAt(50);
  assert.deepEqual([warning?.severity, warning?.path], ["warning", "sources[0].rate_limit.readings_per_second"]);
  assert.match(warning?.message ?? "", /^is less than the 51 values per second that modbus\.registers asks for/);
  assert.deepEqual(others, []);
});

Deno.test("loadConfig() refuses what it cannot do beside what is wrong elsewhere", async () => {
  const denied = MQTT("tls: { enabled: true },", "mqtt://h");
  const lines = await errorLines(`${file(denied)}gui: { port: 0 }\n`);
  assert.deepEqual(lines.map((line) => line.split(": ", 1)[0]), [
    "c.yaml:3:70 sources[0].mqtt.tls.enabled",
    "c.yaml:4:8 gui.port",
  ]);
});

Deno.test("loadConfig() explains every kind of error of one file, in its order, each in its place", async () => {
  const yaml = `version: 1
zerobus:
  enabled: true
  workspace_host: https://dbc.cloud.databricks.com
  zerobus_endpoint: \${DATABRICKS_ENDPOINT}
  auth: { client_id: 5 }
sources:
  - name: press 4
    protocol: opcua
    endpoint: http://10.0.0.1
    opcua:
      security_polcy: None
      nodes:
        - { node_id: "i=1", sampling_interval_ms: fast }
        - { nodeid: "i=2" }
        - { node_id: "i=3", deadband: { type: relative, value: 1 } }
        - {}
  - name: hall
    protocol: mqtt
    endpoint: mqtts://broker:8883
    modbus: {}
    mqtt: { topics: [{ topic: "a/#/b", qos: 3 }] }
  - { name: hall, protocol: mqt }
  - 5
gui: { bind: localhost, port: 70000, tsl: {} }
processing: { batch: [] }
secrets: {}
`;
  assert.deepEqual(await errorLines(yaml), [
    "c.yaml:5:3 zerobus.zerobus_endpoint: the environment variable DATABRICKS_ENDPOINT is not set: set it, or write ${DATABRICKS_ENDPOINT:-default}",
    "c.yaml:6:11 zerobus.auth.client_id: must be text, not a whole number: put it in quotes",
    "c.yaml:8:5 sources[0].name: must be 1 to 64 letters, digits, dots, dashes or underscores",
    "c.yaml:10:5 sources[0].endpoint: must look like opc.tcp://192.168.1.100:4840",
    "c.yaml:12:7 sources[0].opcua.security_polcy: is not a known key; did you mean security_policy?",
    "c.yaml:14:29 sources[0].opcua.nodes[0].sampling_interval_ms: must be a number, not text",
    "c.yaml:15:13 sources[0].opcua.nodes[1].nodeid: is not a known key; did you mean node_id?",
    "c.yaml:16:41 sources[0].opcua.nodes[2].deadband.type: must be absolute or percent",
    "c.yaml:17:11 sources[0].opcua.nodes[3]: must have one of node_id, browse_path",
    "c.yaml:21:5 sources[1].modbus: belongs to protocol modbus, and this source's protocol is mqtt",
    "c.yaml:22:24 sources[1].mqtt.topics[0].topic: # must be the whole of the last level",
    "c.yaml:22:40 sources[1].mqtt.topics[0].qos: must be 0, 1 or 2",
    "c.yaml:23:7 sources[2].name: must be unique: sources[1] has the same name",
    "c.yaml:23:19 sources[2].protocol: must be opcua, mqtt or modbus; did you mean mqtt?",
    "c.yaml:24:5 sources[3]: must be a block of keys, not a whole number",
    "c.yaml:25:8 gui.bind: must be an IP address, such as 127.0.0.1 or 0.0.0.0",
    "c.yaml:25:25 gui.port: must be 1 to 65535",
    "c.yaml:25:38 gui.tsl: is not a known key; did you mean tls?",
    "c.yaml:26:15 processing.batch: must be a block of keys, not a list",
    "c.yaml:27:1 secrets: is not a known key",
  ]);
});
