/** The home directory of the demonstration: a configuration as a user would write it. */
import type { ZerobusPeer } from "../peers/zerobus/mod.ts";
import type { Plant } from "./plant.ts";

export interface DemoPorts {
  readonly gui: number;
  readonly metrics: number;
}

export async function makeHome(plant: Plant, zerobus: ZerobusPeer, ports: DemoPorts): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "iot-connector-demo-" });
  await Deno.mkdir(`${home}/config`);
  await Deno.mkdir(`${home}/certs`);
  await Deno.writeTextFile(`${home}/certs/workspace.pem`, zerobus.caPem);
  await Deno.writeTextFile(`${home}/config/connector.yaml`, yaml(plant, zerobus, ports));
  return home;
}

function yaml({ opcua, broker, meter }: Plant, zerobus: ZerobusPeer, { gui, metrics }: DemoPorts): string {
  return `version: 1
zerobus:
  workspace_host: ${zerobus.workspaceHost}
  zerobus_endpoint: ${zerobus.zerobusEndpoint}
  workspace_id: "${zerobus.workspaceId}"
  auth:
    client_id: ${zerobus.clientId}
    client_secret: \${DATABRICKS_CLIENT_SECRET}
security:
  ca_bundle_path: certs/workspace.pem
local_sink:
  enabled: true
sources:
  - name: press
    protocol: opcua
    endpoint: ${opcua.endpoint}
    labels: { plc_name: press_4, industry: automotive }
    opcua:
      security_policy: None
      nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 100 }]
  - name: hall
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${broker.port}
    mqtt:
      protocol_version: 4
      topics: [{ topic: "hall/#", qos: 1, payload: { format: json, value: "$.v", unit: "$.u" } }]
  - name: meter
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${meter.port}
    modbus:
      poll_interval_seconds: 0.5
      registers:
        - { name: voltage, address: 40001, data_type: float32, unit: V }
        - { name: current, address: 40003, data_type: float32, unit: A }
gui:
  port: ${gui}
monitoring:
  logging: { format: text }
  metrics: { prometheus: { port: ${metrics} } }
`;
}
