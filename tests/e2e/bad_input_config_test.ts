/** A configuration that cannot be used: the connector says where and why, and starts nothing. */
import assert from "node:assert/strict";
import { freePort } from "../peers/process.ts";
import { refusedStart } from "./connector.ts";

interface BadFile {
  readonly name: string;
  readonly yaml: string;
  /** All that is printed. */
  readonly lines: readonly RegExp[];
}

const SINK = "version: 1\nlocal_sink: { enabled: true }\n";

const FILES: readonly BadFile[] = [
  {
    name: "a wrong key",
    yaml: `${SINK}sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:502
    modbus:
      poll_intervall_seconds: 1
      registers: [{ name: a, address: 0 }]
`,
    lines: [/^config\/connector\.yaml:8:7 sources\[0\]\.modbus\.poll_intervall_seconds: .*poll_interval_seconds/],
  },
  {
    name: "a variable that is not set",
    yaml: `${SINK}sources:
  - name: line
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:1883
    mqtt:
      username: edge
      password: \${MQTT_PASSWORD}
      topics: [{ topic: "#" }]
`,
    lines: [/^config\/connector\.yaml:9:7 sources\[0\]\.mqtt\.password: .*MQTT_PASSWORD/],
  },
  {
    name: "two mistakes at once",
    yaml: `${SINK}sources:
  - { name: a, protocol: modbus, endpoint: "tcp://10.0.0.1", modbus: { registers: [{ name: a, address: 0 }] } }
  - { name: b, protocol: modbus, endpoint: "modbus+tcp://10.0.0.1", modbus: { registers: [{ name: a, address: -1 }] } }
`,
    lines: [
      /^config\/connector\.yaml:4:34 sources\[0\]\.endpoint: must look like modbus\+tcp:/,
      /^config\/connector\.yaml:5:\d+ sources\[1\]\.modbus\.registers\[0\]\.address: /,
    ],
  },
  {
    name: "text that is no YAML",
    yaml: `${SINK}sources: [\n`,
    lines: [/^config\/connector\.yaml:\d+:\d+ /],
  },
];

for (const { name, yaml, lines } of FILES) {
  Deno.test(`The connector does not start with ${name}: it says where, and ends with 78`, async () => {
    const { code, out, err } = await refusedStart({ yaml, ports: { gui: freePort(), metrics: freePort() } });
    assert.equal(code, 78, err);
    assert.equal(out, "", "nothing has begun");
    const said = err.trimEnd().split("\n");
    assert.equal(said.length, lines.length, err);
    for (const [i, line] of lines.entries()) assert.match(said[i] ?? "", line);
  });
}

Deno.test("The connector starts nothing when another has its port, and says which setting to change", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ports = { gui: taken.addr.port, metrics: freePort() };
  const { code, out, err } = await refusedStart({ yaml: `${SINK}sources: []\n`, ports });
  assert.notEqual(code, 0);
  assert.match(out + err, /gui.*port|port.*gui/);
  assert.doesNotMatch(out + err, /\n\s+at |The connector starts/);
});

Deno.test("The connector does not start without the authorities that it was told to trust: it names the file", async () => {
  const yaml = `${SINK}security: { ca_bundle_path: certs/none.pem }\nsources: []\n`;
  const { code, out, err } = await refusedStart({ yaml, ports: { gui: freePort(), metrics: freePort() } });
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^Cannot read security\.ca_bundle_path, \/\S+\/certs\/none\.pem: [^\n]+\n$/);
});
