import assert from "node:assert/strict";
import { errorLines } from "../../tests/fakes/config_file.ts";

/** An MQTT source that is right, for files in which something else is wrong. */
const MQTT = `local_sink: { enabled: true }
sources:
  - name: a
    protocol: mqtt
    endpoint: mqtt://broker:1883
    mqtt: { topics: [{ topic: "a/#" }] }
`;

const OPCUA = (nodes: string) =>
  `local_sink: { enabled: true }
sources:
  - { name: a, protocol: opcua, endpoint: "opc.tcp://h:4840", opcua: { nodes: [${nodes}] } }
`;

const ROWS: readonly (readonly [name: string, yaml: string, ...lines: readonly (string | RegExp)[]])[] = [
  [
    "an unknown key, with the nearest one",
    "gui:\n  prot: 1\n",
    "c.yaml:2:3 gui.prot: is not a known key; did you mean port?",
  ],
  [
    "an unknown key like no other, with those that are known",
    "gui:\n  xyzzy: 1\n",
    "c.yaml:2:3 gui.xyzzy: is not a known key: known are enabled, bind, port, read_only, tls, plain_http, allowed_hosts, trusted_proxies, session_hours",
  ],
  [
    "a required column that no row of the configured sources has, with the nearest one",
    `${MQTT}processing: { validation: { required_fields: [event_time, sensor_nam, node_id] } }\n`,
    "c.yaml:7:59 processing.validation.required_fields[1]: no row of the configured sources has a column sensor_nam; did you mean sensor_name?",
    /required_fields\[2\]: no row of the configured sources has a column node_id; /,
  ],
  ["a key that every object inherits", "gui: { constructor: 1 }\n", /gui\.constructor: is not a known key/],
  ["a number below its range", "gui: { port: 0 }\n", "c.yaml:1:8 gui.port: must be 1 to 65535"],
  ["a number above its range", "gui: { port: 70000 }\n", "c.yaml:1:8 gui.port: must be 1 to 65535"],
  [
    "a fraction for a whole number",
    "gui: { port: 1.5 }\n",
    "c.yaml:1:8 gui.port: must be a whole number, not a fraction",
  ],
  ["a text for a number", "gui: { port: web }\n", "c.yaml:1:8 gui.port: must be a number, not text"],
  [
    "a number for a text",
    "deployment: { instance_id: 7 }\n",
    /instance_id: must be text, not a whole number: put it in quotes/,
  ],
  ["a word that is none of the choice", "backpressure: { durability: ram }\n", /durability: must be disk or memory/],
  ["a list for a block", "gui: [1]\n", "c.yaml:1:1 gui: must be a block of keys, not a list"],
  ["no block at all", "just text\n", "c.yaml:1:1 must be a block of keys, not text"],
  ["an address that is none", "gui: { bind: web }\n", /gui\.bind: must be an IP address, such as 127\.0\.0\.1/],
  [
    "a path out of the home directory",
    "security: { ca_bundle_path: ../ca.pem }\n",
    /ca_bundle_path: must be a path relative to the home directory/,
  ],
  [
    "a version that is not known",
    "version: 2\nxyz: 1\n",
    /^c\.yaml:1:1 version: must be 1: .*written for a newer connector$/,
  ],
  [
    "a version that is no number",
    "version: one\n",
    /^c\.yaml:1:1 version: must be 1: no other form of the file is known$/,
  ],
  [
    "a version that is a block",
    "version: { toString: null }\n",
    "c.yaml:1:1 version: must be 1: no other form of the file is known",
  ],
  [
    "Zerobus without what it needs",
    "zerobus:\n  auth: { client_id: x }\n",
    /zerobus\.workspace_host: is needed while zerobus is enabled/,
    /zerobus\.zerobus_endpoint: is needed while zerobus is enabled/,
    /zerobus\.auth\.client_secret: is needed while zerobus is enabled/,
  ],
  [
    "delays that contradict each other",
    "resilience: { reconnect: { initial_delay_seconds: 10, max_delay_seconds: 5 } }\n",
    /max_delay_seconds: must not be below initial_delay_seconds, 10/,
  ],
  [
    "a proxy without its address",
    "security: { network: { proxy: { enabled: true } } }\n",
    /https_proxy: is needed while/,
  ],
  [
    "a source without its protocol",
    "sources:\n  - name: a\n",
    /sources: there is nowhere to write to/,
    /protocol: is missing: must be opcua, mqtt or modbus/,
  ],
  [
    "a protocol that is not known",
    MQTT.replace("protocol: mqtt", "protocol: mqt"),
    /protocol: must be .*; did you mean mqtt\?/,
  ],
  [
    "the block of another protocol",
    `${MQTT}    modbus: {}\n`,
    /sources\[0\]\.modbus: belongs to protocol modbus, and .* mqtt/,
  ],
  ["a source without its block", MQTT.replace(/ {4}mqtt:.*\n/, ""), "c.yaml:3:5 sources[0].mqtt: is missing"],
  [
    "an endpoint of another protocol",
    MQTT.replace("mqtt://broker:1883", "opc.tcp://h:4840"),
    /sources\[0\]\.endpoint: must look like mqtt:/,
  ],
  ["a name that is none", MQTT.replace("name: a", "name: a b"), /sources\[0\]\.name: must be 1 to 64 letters/],
  ["a label with spaces in its key", `${MQTT}    labels: { a b: c }\n`, /labels.*: is a key that cannot stand here/],
  [
    "two sources of one name",
    `${MQTT}${MQTT.split("sources:\n")[1]}`,
    "c.yaml:7:5 sources[1].name: must be unique: sources[0] has the same name",
  ],
  [
    "nowhere to write to",
    MQTT.replace("{ enabled: true }", "{ enabled: false }"),
    "c.yaml:2:1 sources: there is nowhere to write to: set zerobus.enabled to true for Databricks, or local_sink.enabled to true for a file",
  ],
  ["a node of no form", OPCUA("{ sampling_interval_ms: 5 }"), /nodes\[0\]: must have one of node_id, browse_path/],
  ["a node id that is none", OPCUA("{ node_id: temperature }"), /nodes\[0\]\.node_id: must be a node id such as/],
  [
    "a node with a misspelt key",
    OPCUA("{ nodeid: i=1 }"),
    /nodes\[0\]\.nodeid: is not a known key; did you mean node_id\?/,
  ],
  [
    "a key of the other form of node",
    OPCUA("{ node_id: i=1, depth: 2 }"),
    /nodes\[0\]\.depth: cannot stand beside the other keys here/,
  ],
  [
    "a node of both forms",
    OPCUA("{ node_id: i=1, browse_path: 0:Root }"),
    /nodes\[0\]: has keys that exclude each other/,
  ],
  [
    "a key of the other form of node beside another error",
    OPCUA("{ browse_path: 0:Root, recursive: true, depth: 99, node_id: i=1 }"),
    /nodes\[0\]\.depth: must be 1 to 20/,
    /nodes\[0\]\.node_id: cannot stand beside the other keys here/,
  ],
  ["a number without end", "gui: { port: .inf }\n", "c.yaml:1:8 gui.port: must be a number, not .inf or .nan"],
  ["a node that is no block", OPCUA("5"), /nodes\[0\]: must be a block of keys, not a whole number/],
  [
    "a deadband of no kind",
    OPCUA("{ node_id: i=1, deadband: { type: abs, value: 1 } }"),
    /type: must be absolute or percent/,
  ],
  [
    "a source that reads nothing",
    OPCUA(""),
    "c.yaml:3:72 sources[0].opcua.nodes: is empty: list what to read (iot-connector browse NAME prints nodes to choose from), or set enabled: false until then",
  ],
  [
    "two sources with one client id at one broker, however it is written",
    `${MQTT.replace("topics:", "client_id: edge, topics:")}  - name: b
    protocol: mqtt
    endpoint: mqtt://BROKER
    mqtt: { client_id: edge, topics: [{ topic: b }] }
`,
    "c.yaml:10:13 sources[1].mqtt.client_id: cannot be shared: sources[0] (a) holds the session of client id edge at the broker broker:1883 too",
  ],
  [
    "a line that one of several endpoints of another source holds",
    `local_sink: { enabled: true }
sources:
  - { name: a, protocol: modbus, endpoint: "modbus+rtu:///dev/ttyUSB0", modbus: { registers: [{ name: r, address: 0 }] } }
  - name: b
    protocol: modbus
    endpoint: modbus+rtu:///dev/ttyUSB1
    endpoints: [modbus+rtu:///dev/ttyUSB0]
    modbus: { registers: [{ name: r, address: 0 }] }
`,
    "c.yaml:7:17 sources[1].endpoints[0]: cannot be shared: sources[0] (a) holds the serial line /dev/ttyUSB0 too",
  ],
  [
    "two listeners on one port",
    "gui: { port: 9090 }\n",
    "c.yaml:1:1 monitoring.metrics.prometheus.port: must be another port: gui listens on 127.0.0.1 port 9090 too",
  ],
  [
    "a listener on a port that another has at every address",
    "gui: { bind: 0.0.0.0 }\nmonitoring: { metrics: { prometheus: { port: 8080 } } }\n",
    "c.yaml:2:40 monitoring.metrics.prometheus.port: must be another port: gui listens on 0.0.0.0 port 8080 too",
  ],
  [
    "an endpoint that is named twice",
    MQTT.replace("endpoint: mqtt://broker:1883", "endpoint: mqtt://a\n    endpoints: [mqtt://b, mqtt://a, mqtt://b]"),
    "c.yaml:6:27 sources[0].endpoints[1]: must be another address: endpoint is mqtt://a too",
    "c.yaml:6:37 sources[0].endpoints[2]: must be another address: endpoints[0] is mqtt://b too",
  ],
  [
    "an endpoint that the rest of the source denies",
    MQTT.replace("endpoint: mqtt://broker:1883", "endpoint: mqtt://a\n    endpoints: [mqtts://b]")
      .replace("topics:", "tls: { enabled: false }, topics:"),
    /mqtt\.tls\.enabled: false does not agree with endpoint mqtts:\/\/b/,
  ],
  [
    "an endpoint of another protocol among several",
    `${MQTT}    endpoints: ["opc.tcp://h:4840"]\n`,
    /endpoints\[0\]: must look like mqtt:/,
  ],
  [
    "requests that are limited where none are sent",
    `${MQTT}    rate_limit: { requests_per_second: 5 }\n`,
    /rate_limit\.requests_per_second: has no effect on protocol mqtt, which asks for nothing: set readings_per_second/,
  ],
];

for (const [name, yaml, ...expected] of ROWS) {
  Deno.test(`loadConfig() refuses ${name}`, async () => {
    const lines = await errorLines(yaml);
    assert.equal(lines.length, expected.length, lines.join("\n"));
    for (const [i, line] of lines.entries()) {
      const wanted = expected[i] ?? "";
      if (typeof wanted === "string") assert.equal(line, wanted);
      else assert.match(line, wanted);
    }
  });
}

Deno.test("loadConfig() reports everything that is wrong at once, in the order of the file", async () => {
  const lines = await errorLines(
    "gui: { port: 0 }\nversions: 1\ndeployment:\n  mode: test\n  instance_id: ${IOT_NAME}\n",
  );
  assert.deepEqual(lines.map((line) => line.split(" ", 2).join(" ")), [
    "c.yaml:1:8 gui.port:",
    "c.yaml:2:1 versions:",
    "c.yaml:4:3 deployment.mode:",
    "c.yaml:5:3 deployment.instance_id:",
  ]);
});
