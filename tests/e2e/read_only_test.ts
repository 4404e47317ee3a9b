/** What the connector says to devices, heard on the wire: it reads, and nothing else. */
import assert from "node:assert/strict";
import { outcomeOf } from "../fakes/terminal.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { startMqttBroker } from "../peers/mqtt_broker.ts";
import { startOpcuaServer } from "../peers/opcua_server.ts";
import { OverheardRelay } from "../peers/overheard_relay.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { modbusRequests, mqttPackets, opcuaRequests } from "./client_requests.ts";
import { Connector } from "./connector.ts";

interface Ports {
  readonly modbus: number;
  readonly mqtt: number;
  readonly opcua: number;
}

function yaml({ modbus, mqtt, opcua }: Ports): string {
  return `version: 1
local_sink: { enabled: true }
sources:
  - name: meter
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${modbus}
    modbus:
      poll_interval_seconds: 0.05
      registers:
        - { name: h, address: 0 }
        - { name: i, address: 0, register_type: input }
        - { name: c, address: 0, register_type: coil }
        - { name: d, address: 0, register_type: discrete }
        - { name: missing, address: 500 }
  - name: line
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${mqtt}
    mqtt: { protocol_version: 4, keepalive_seconds: 1, topics: [{ topic: "plant/#", qos: 2 }] }
  - name: press
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${opcua}
    opcua:
      security_policy: None
      nodes: [{ node_id: "ns=1;s=counter0" }, { node_id: "ns=1;s=none" }, { browse_path: "0:Root/0:Objects/1:Counters" }]
`;
}

Deno.test("The connector and its commands send devices nothing but what reads", async () => {
  await using device = startModbusServer();
  device.refuse({ table: "holding", from: 400, to: 600, code: 2 });
  await using broker = await startMqttBroker();
  await using server = await startOpcuaServer();
  await using modbus = new OverheardRelay(device.port);
  await using mqtt = new OverheardRelay(broker.port);
  await using opcua = new OverheardRelay(server.port);
  await using connector = await Connector.start({
    yaml: yaml({ modbus: modbus.port, mqtt: mqtt.port, opcua: opcua.port }),
    ports: { gui: freePort(), metrics: freePort() },
  });
  for (const qos of [0, 1, 2] as const) await broker.publish(`plant/${qos}`, "1", { qos, isRetained: true });
  await eventually("all three are read", async () => {
    const counts = ["meter", "line", "press"].map((name) =>
      connector.metric(`connector_records_read_total{source="${name}"`)
    );
    return (await Promise.all(counts)).every((count) => (count ?? 0) >= 2);
  }, 30_000);
  for (const source of ["meter", "line", "press"]) {
    for (const command of ["test-source", "browse"]) {
      await outcomeOf([command, source, "--home", connector.home, "--seconds", "0.5"]);
    }
  }
  assert.equal(await connector.stop(), 0);
  const asked = {
    modbus: new Set(modbus.said.flatMap(modbusRequests)),
    mqtt: new Set(mqtt.said.flatMap(mqttPackets)),
    opcua: new Set(opcua.said.flatMap(opcuaRequests)),
  };
  for (const [protocol, names] of Object.entries(asked)) {
    assert.deepEqual([...names].filter((name) => name.startsWith("!")), [], protocol);
  }
  assert.equal(asked.modbus.size, 4, "all four reads were heard");
  for (const packet of ["CONNECT", "SUBSCRIBE", "PUBACK", "PUBREC"]) assert.ok(asked.mqtt.has(packet), packet);
  for (const request of ["CreateSession", "Publish", "Read"]) assert.ok(asked.opcua.has(request), request);
});

/** A frame of Modbus TCP with this function. */
function modbusFrame(functionCode: number): number[] {
  return [0, 1, 0, 0, 0, 6, 1, functionCode, 0, 0, 0, 1];
}

for (const functionCode of [5, 6, 15, 16, 22, 23, 43]) {
  Deno.test(`modbusRequests() finds function ${functionCode} among reads`, () => {
    const said = Uint8Array.from([3, functionCode, 4].flatMap(modbusFrame));
    const names = ["Read Holding Registers", `!function ${functionCode}`, "Read Input Registers"];
    assert.deepEqual(modbusRequests(said), names);
  });
}

Deno.test("mqttPackets() finds a PUBLISH and a will", () => {
  const connect = (flags: number) => [0x10, 12, 0, 4, 77, 81, 84, 84, 4, flags, 0, 60, 0, 0];
  const publish = [0x32, 5, 0, 1, 97, 0, 1];
  const said = Uint8Array.from([...connect(2), 0xc0, 0, ...publish, ...connect(6), 0xe0, 0]);
  assert.deepEqual(mqttPackets(said), [
    "CONNECT",
    "PINGREQ",
    "!packet 3",
    "CONNECT",
    "!CONNECT with a will",
    "DISCONNECT",
  ]);
});

for (const [name, type] of [["Write", 673], ["Call", 712], ["HistoryUpdate", 700], ["AddNodes", 488]] as const) {
  Deno.test(`opcuaRequests() finds ${name} among what only looks`, () => {
    const message = (id: number) => {
      const bytes = new Uint8Array(32);
      bytes.set(new TextEncoder().encode("MSGF"));
      bytes.set([32], 4);
      bytes.set([1, 0, id & 0xff, id >> 8], 24);
      return [...bytes];
    };
    const said = Uint8Array.from([...message(631), ...message(type), ...message(826)]);
    assert.deepEqual(opcuaRequests(said), ["Read", `!request ${type}`, "Publish"]);
  });
}
