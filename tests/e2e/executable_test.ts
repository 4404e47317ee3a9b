/** dist/iot-connector itself (`deno task build`): what it does in a home directory, and that it cannot leave it. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { build } from "../../tools/build.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";
import { freePort } from "../peers/process.ts";
import { startZerobus } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { Sequences } from "./sequences.ts";

const dist = new URL("../../dist/", import.meta.url).pathname;
const EXECUTABLE = `${dist}iot-connector`;
const RUN_MS = 60_000;
const MESSAGES = 6000;
const NODES = 20;

/** Runs an executable to its end, in `cwd`. */
async function outcome(
  command: string,
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
) {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, env }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

async function temporary(stack: AsyncDisposableStack, prefix: string): Promise<string> {
  const path = await Deno.makeTempDir({ prefix });
  stack.defer(() => Deno.remove(path, { recursive: true }));
  return path;
}

Deno.test("The executable says the version in deno.json, from any directory", async () => {
  await using stack = new AsyncDisposableStack();
  const { code, out, err } = await outcome(EXECUTABLE, ["version"], { cwd: await temporary(stack, "version_") });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, new RegExp(`^iot-connector ${project.version.replaceAll(".", "\\.")} \\(Deno [\\d.]+\\)\\n$`));
});

Deno.test("The executable carries three encrypted ways for a minute, from an empty home, and ends with 0 on SIGTERM", async () => {
  await using stack = new AsyncDisposableStack();
  const tables = { mqtt: new Sequences(), opcua: new Sequences(), modbus: new Sequences() };
  const zerobus = stack.use(
    await startZerobus({
      keep: (table, row) => {
        const identity = `${row.boot_epoch} ${row.seq}`;
        if (table.endsWith("mqtt_bronze")) tables.mqtt.add(String(row.topic), Number(row.value), identity);
        else if (table.endsWith("modbus_bronze")) {
          tables.modbus.add(String(row.sensor_name), Number(row.value), identity);
        } else if (Number(row.value_num) > 0) tables.opcua.add(String(row.node_id), Number(row.value_num), identity);
      },
    }),
  );
  const authority = await TestAuthority.create();
  const credentials = { username: "edge", password: "s3cret" };
  const broker = stack.use(await Mosquitto.start({ tls: await authority.issue(), credentials }));
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const opcua = stack.use(await startOpcuaServer({ nodes: NODES, minSamplingMs: 5 }));
  const opcuaCertificate = await Deno.readTextFile(`${opcua.pki}/server/own/certs/certificate.pem`);
  const connector = stack.use(
    await Connector.start({
      executable: EXECUTABLE,
      ports: { gui: freePort(), metrics: freePort() },
      env: { DATABRICKS_CLIENT_SECRET: zerobus.clientSecret, MQTT_PASSWORD: credentials.password },
      files: {
        "certs/workspace.pem": zerobus.caPem,
        "certs/broker.pem": authority.certificate,
        "certs/press.pem": opcuaCertificate,
      },
      yaml: `version: 1
security: { ca_bundle_path: certs/workspace.pem }
zerobus:
  workspace_host: ${zerobus.workspaceHost}
  zerobus_endpoint: ${zerobus.zerobusEndpoint}
  workspace_id: "${zerobus.workspaceId}"
  auth: { client_id: "${zerobus.clientId}", client_secret: "\${DATABRICKS_CLIENT_SECRET}" }
resilience: { reconnect: { max_delay_seconds: 1 } }
sources:
  - name: line
    protocol: mqtt
    endpoint: mqtts://localhost:${broker.port}
    mqtt:
      username: edge
      password: \${MQTT_PASSWORD}
      tls: { ca_cert_path: certs/broker.pem }
      topics: [{ topic: "plant/#", qos: 1 }]
  - name: press
    protocol: opcua
    endpoint: ${opcua.endpoint}
    opcua:
      security_policy: Basic256Sha256
      security_mode: SignAndEncrypt
      server_certificate_path: certs/press.pem
      subscription: { publishing_interval_ms: 250, queue_size: 100 }
      nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 0 }]
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${modbus.port}
    modbus: { poll_interval_seconds: 0.1, registers: [{ name: count, address: 0, data_type: uint32 }] }
`,
    }),
  );
  await eventually("OPC UA delivers", () => tables.opcua.least(NODES) > 0, 60_000);
  await eventually("Modbus delivers", () => tables.modbus.least(1) > 0);
  await eventually("the broker has our subscription", () => broker.lines.some((line) => /iot-connector-/.test(line)));
  const publisher = stack.use(await connectPublisher(broker.port, { ...credentials, ca: authority.certificate }));
  const startedMs = performance.now();
  for (let n = 1; n <= MESSAGES; n++) {
    await eventually("its time has come", () => performance.now() - startedMs >= (n * RUN_MS) / MESSAGES);
    await publisher.publish("plant/oven", String(n));
  }
  const lastAt = opcua.pause();
  await eventually("every message arrived", () => tables.mqtt.highest("plant/oven") === MESSAGES, 30_000);
  await eventually("the server's last values arrived", () => tables.opcua.least(NODES) >= lastAt, 30_000);
  const memoryMb = residentMb(connector.pid);
  assert.equal(await connector.stop(), 0);
  for (const table of Object.values(tables)) assert.deepEqual(table.faults, []);
  assert.equal(tables.mqtt.arrived, MESSAGES);
  assert.ok(tables.modbus.arrived > RUN_MS / 200, `${tables.modbus.arrived} Modbus rows`);
  assert.equal(connector.log.at(-1)?.balanced, true);
  console.log(`resident after a minute: ${memoryMb.toFixed(0)} MB`);
  assert.ok(memoryMb < 250, `${memoryMb} MB`);
});

/** MB of memory in use (proc(5), VmRSS). */
function residentMb(pid: number): number {
  const match = Deno.readTextFileSync(`/proc/${pid}/status`).match(/^VmRSS:\s+(\d+) kB$/m);
  return Number(match?.[1]) / 1000;
}

const SOURCES = {
  opcua: ["opc.tcp://127.0.0.1:1", `opcua: { security_policy: None, nodes: [{ node_id: "ns=1;s=a" }] }`],
  mqtt: ["mqtt://127.0.0.1:1", `mqtt: { topics: [{ topic: "#" }] }`],
  modbus: ["modbus+tcp://127.0.0.1:1", "modbus: { registers: [{ name: a, address: 0 }] }"],
} as const;

/** MB in use once a connector with one source, of a device that is not there, has tried it. */
async function memoryWith(protocol: keyof typeof SOURCES): Promise<number> {
  const [endpoint, settings] = SOURCES[protocol];
  await using connector = await Connector.start({
    executable: EXECUTABLE,
    ports: { gui: freePort(), metrics: freePort() },
    yaml: `version: 1
local_sink: { enabled: true }
sources:
  - { name: only, protocol: ${protocol}, endpoint: "${endpoint}", ${settings} }
`,
  });
  await connector.logged(/unreachable/);
  const memoryMb = residentMb(connector.pid);
  assert.equal(await connector.stop(), 0);
  return memoryMb;
}

// That no part holds another's library is checked when it is built (tools/bundle_parts.ts); here it shows in memory.
Deno.test("The executable loads the libraries of OPC UA only for a source of OPC UA", async () => {
  const [modbus, mqtt, opcua] = [await memoryWith("modbus"), await memoryWith("mqtt"), await memoryWith("opcua")];
  const shown = [modbus, mqtt, opcua].map((megabytes) => megabytes.toFixed(0)).join(", ");
  console.log(`resident with a source of Modbus, MQTT, OPC UA: ${shown} MB`);
  assert.ok(Math.max(modbus, mqtt) < opcua - 20, shown);
});

Deno.test("A configuration cannot make the executable read outside of its home", async () => {
  await using stack = new AsyncDisposableStack();
  const cwd = await temporary(stack, "outside_");
  for (const words of [["--config", "/etc/passwd"], ["--config", "../../etc/passwd"], ["--home", "/etc"]]) {
    const { code, out, err } = await outcome(EXECUTABLE, ["check", ...words], { cwd });
    assert.equal(code, 78, `${words}: ${out}${err}`);
    assert.doesNotMatch(out + err, /root:/, words.join(" "));
    assert.doesNotMatch(err, /\n\s+at /, "a sentence, no stack");
  }
});

Deno.test("With the executable's permissions, no code leaves the home directory or starts a process", async () => {
  await using stack = new AsyncDisposableStack();
  const outer = await temporary(stack, "escape_");
  const output = `${dist}escape`;
  stack.defer(() => Deno.remove(output));
  await build({ entry: "tests/e2e/escape.ts", output });
  const cwd = `${outer}/home`;
  await Deno.mkdir(cwd);
  await Deno.writeTextFile(`${cwd}/inside.txt`, "inside");
  const { out, err } = await outcome(output, [], { cwd, env: { PLANT_SECRET: "hidden" } });
  const { "fetches code": fetched, ...outcomes } = JSON.parse(out || `{ "err": ${JSON.stringify(err)} }`);
  assert.deepEqual(outcomes, {
    "reads inside": "inside",
    "writes inside": "written",
    "reads /etc/passwd": "NotCapable",
    "reads by a way out": "NotCapable",
    "lists the directory above": "NotCapable",
    "writes /tmp": "NotCapable",
    "writes beside the home": "NotCapable",
    "removes the directory above": "NotCapable",
    "starts a process": "NotCapable",
    "loads a native library": "NotCapable",
    "ends another process": "NotCapable",
    "sees a variable": "not set",
    "asks a metadata service": "NotCapable",
  });
  assert.match(fetched, /Error/);
});
