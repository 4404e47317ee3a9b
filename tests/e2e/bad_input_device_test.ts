/** Devices, servers and brokers that cannot be used, beside some that can: each gives one line, and the others run on. */
import assert from "node:assert/strict";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";
import { freePort } from "../peers/process.ts";
import { startZerobus } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { Arrivals, counterSource, healthOf, saidOnce, startConnector, stopBalanced } from "./stand.ts";

/** Where everything is. */
interface Plant {
  readonly opcua: string;
  readonly strictOpcua: string;
  readonly securedBroker: number;
  readonly silent: number;
  readonly nobody: number;
}

interface BadDevice {
  readonly name: string;
  /** Name of its source. */
  readonly source: string;
  readonly entry: (plant: Plant) => string;
  readonly code: string;
  readonly says: RegExp;
  /** halted: a person is needed; waiting: it is tried again soon. */
  readonly state: "halted" | "waiting";
}

const NODES = 'nodes: [{ node_id: "ns=1;s=counter0", sampling_interval_ms: 0 }]';
const TOPICS = 'topics: [{ topic: "plant/#" }]';

function opcuaEntry(name: string, endpoint: string, settings: string): string {
  return `{ name: ${name}, protocol: opcua, endpoint: "${endpoint}", opcua: { ${settings}, ${NODES} } }`;
}

function mqttEntry(name: string, endpoint: string, settings = ""): string {
  return `{ name: ${name}, protocol: mqtt, endpoint: "${endpoint}", mqtt: { ${settings} ${TOPICS} } }`;
}

const DEVICES: readonly BadDevice[] = [
  {
    name: "an OPC UA server that nobody trusted",
    source: "stranger",
    entry: ({ opcua }) => opcuaEntry("stranger", opcua, "security_policy: Basic256Sha256"),
    code: "opcua_untrusted_server",
    says:
      /needs a person: .*certificate is not trusted.*thumbprint [0-9a-f]{40}.*put into certs\/opcua\/rejected\/.*move that file to certs\/opcua\/trusted\/certs/,
    state: "halted",
  },
  {
    name: "an OPC UA server that does not trust us",
    source: "suspicious",
    entry: ({ strictOpcua }) => opcuaEntry("suspicious", strictOpcua, "server_certificate_path: certs/strict.pem"),
    code: "opcua_refused",
    says: /needs a person: .*the server refuses our application certificate: trust \S+ at the server/,
    state: "halted",
  },
  {
    name: "a wrong password for OPC UA",
    source: "mistyped",
    entry: ({ opcua }) =>
      opcuaEntry(
        "mistyped",
        opcua,
        "server_certificate_path: certs/press.pem, username: operator, password: hunter2secret",
      ),
    code: "opcua_refused",
    says: /needs a person: Cannot log in to opc\.tcp:.*the server refuses this user or password/,
    state: "halted",
  },
  {
    name: "a port where no OPC UA server listens",
    source: "no_server",
    entry: ({ nobody }) => opcuaEntry("no_server", `opc.tcp://127.0.0.1:${nobody}`, "security_policy: None"),
    code: "opcua_unreachable",
    says:
      /is not connected: Cannot connect to opc\.tcp:.*[a-z\d]; check address, port and firewall, and that the server runs/,
    state: "waiting",
  },
  {
    name: "an OPC UA server that never answers",
    source: "mute_server",
    entry: ({ silent }) =>
      opcuaEntry(
        "mute_server",
        `opc.tcp://127.0.0.1:${silent}`,
        "security_policy: None, transaction_timeout_seconds: 1",
      ),
    code: "opcua_unreachable",
    says: /is not connected: Cannot connect to opc\.tcp:.*does not answer as an OPC UA server; check the port, and/,
    state: "waiting",
  },
  {
    name: "a wrong password for MQTT",
    source: "forgotten",
    entry: ({ securedBroker }) =>
      mqttEntry(
        "forgotten",
        `mqtts://localhost:${securedBroker}`,
        "username: edge, password: hunter2secret, tls: { ca_cert_path: certs/broker.pem },",
      ),
    code: "mqtt_not_authorized",
    says: /needs a person: Cannot log in to mqtts:.*check username and password/,
    state: "halted",
  },
  {
    name: "an MQTT broker that another authority signed",
    source: "impostor",
    entry: ({ securedBroker }) =>
      mqttEntry("impostor", `mqtts://localhost:${securedBroker}`, "tls: { ca_cert_path: certs/workspace.pem },"),
    code: "mqtt_certificate_untrusted",
    says: /needs a person: .*not signed by an authority that we trust: set tls\.ca_cert_path/,
    state: "halted",
  },
  {
    name: "an MQTT broker that never answers",
    source: "mute_broker",
    entry: ({ silent }) => mqttEntry("mute_broker", `mqtt://127.0.0.1:${silent}`),
    code: "mqtt_no_answer",
    says:
      /is not connected: Cannot connect to mqtt:.*the broker did not answer within 15 s; check address, port and firewall/,
    state: "waiting",
  },
  {
    name: "a port where no MQTT broker listens",
    source: "no_broker",
    entry: ({ nobody }) => mqttEntry("no_broker", `mqtt://127.0.0.1:${nobody}`),
    code: "mqtt_unreachable",
    says: /is not connected: Cannot connect to mqtt:.*REFUSED.*; check address, port and firewall/,
    state: "waiting",
  },
  {
    name: "a port where no Modbus device listens",
    source: "no_device",
    entry: ({ nobody }) => counterSource("no_device", { port: nobody, address: 0 }),
    code: "modbus_unreachable",
    says: /is not connected: Cannot reach 127\.0\.0\.1:\d+: .*check address, port, cabling and firewall/,
    state: "waiting",
  },
];

Deno.test("A device that cannot be used gives one line that says what to do, and the others run on", async (t) => {
  await using stack = new AsyncDisposableStack();
  const arrivals = new Arrivals();
  const zerobus = stack.use(await startZerobus({ keep: arrivals.keep }));
  const authority = await TestAuthority.create();
  const broker = stack.use(await Mosquitto.start());
  const secured = stack.use(
    await Mosquitto.start({
      tls: await authority.issue(),
      credentials: { username: "edge", password: "the right one" },
    }),
  );
  const modbus = stack.use(startModbusServer());
  modbus.count("holding", 0);
  const opcua = stack.use(await startOpcuaServer({ users: { operator: "the right one" }, minSamplingMs: 5 }));
  const strict = stack.use(await startOpcuaServer({ isStrict: true }));
  const silent = stack.adopt(Deno.listen({ hostname: "127.0.0.1", port: 0 }), (listener) => listener.close());
  const plant: Plant = {
    opcua: opcua.endpoint,
    strictOpcua: strict.endpoint,
    securedBroker: secured.port,
    silent: silent.addr.port,
    nobody: freePort(),
  };
  const connector = stack.use(
    await startConnector({
      zerobus,
      files: {
        "certs/broker.pem": authority.certificate,
        "certs/press.pem": await Deno.readTextFile(`${opcua.pki}/server/own/certs/certificate.pem`),
        "certs/strict.pem": await Deno.readTextFile(`${strict.pki}/server/own/certs/certificate.pem`),
      },
      sources: [
        ...DEVICES.map(({ entry }) => entry(plant)),
        mqttEntry("line", `mqtt://127.0.0.1:${broker.port}`),
        opcuaEntry(
          "press",
          opcua.endpoint,
          "security_policy: None, subscription: { publishing_interval_ms: 50, queue_size: 100 }",
        ),
        counterSource("meters", { port: modbus.port, address: 0 }),
      ],
    }),
  );
  await eventually("all good ones are connected", async () => {
    const states = await Promise.all(["line", "press", "meters"].map((name) => healthOf(connector, "sources", name)));
    return states.every(({ state }) => state === "connected");
  }, 20_000);
  const publisher = stack.use(await connectPublisher(broker.port));
  let published = 0;
  for (const device of DEVICES) {
    await t.step(device.name, async () => {
      await assertSaid(connector, device);
      await publisher.numbers("plant/oven", 5, { from: published });
      published += 5;
      await Promise.all(["opcua_bronze", "modbus_bronze"].map((table) => arrivals.more(table)));
      await eventually("MQTT rows", () => arrivals.of("mqtt_bronze").arrived === published);
    });
  }
  await t.step("what was tried again many times meanwhile was said once", async () => {
    const failures = 'connector_source_failures_total{source="no_broker",code="mqtt_unreachable"}';
    assert.ok(Number(await connector.metric(failures)) > 5);
    for (const { source: of, code, says } of DEVICES) await saidOnce(connector, { of, code, says });
  });
  await t.step("everything that came is whole, and the ledger balances", async () => {
    const last = await stopBalanced(connector);
    arrivals.assertWhole();
    const tables = ["opcua_bronze", "mqtt_bronze", "modbus_bronze"].map((table) => arrivals.of(table));
    assert.equal(last.written, tables.reduce((sum, { arrived }) => sum + arrived, 0));
    for (const line of connector.log) assert.doesNotMatch(JSON.stringify(line), /hunter2secret|"code":"bug"/);
  });
});

async function assertSaid(connector: Connector, { source, code, says, state }: BadDevice): Promise<void> {
  const line = await saidOnce(connector, { of: source, code, says });
  assert.equal(line.level, state === "halted" ? "error" : "warn");
  const health = await eventually("health shows it", async () => {
    const part = await healthOf(connector, "sources", source);
    // A device that does not answer is being connected to nearly all the time.
    const isShown = part.state === state || (state === "waiting" && part.state === "connecting");
    return isShown && part.last_error !== undefined && part;
  });
  assert.equal(health.last_error?.code, code);
  assert.ok(line.message.includes(health.last_error?.message ?? "?"), "health says the same");
  const { status, causes } = await connector.health();
  assert.equal(status, "degraded");
  assert.ok(String(causes).includes(`source ${source} is `), String(causes));
}
