/** MQTT in, Zerobus out: what a broker has kept for us is taken as fast as it comes. */
import mqtt from "mqtt";
import { Mosquitto } from "../peers/mosquitto.ts";
import { measureUntil, withConnector } from "./connector.ts";
import type { Result } from "./result.ts";
import { TAGS } from "./rows.ts";
import type { BenchWorkspace } from "./workspace.ts";

/**
 * So many that their window is some seconds. Those of QoS 0 come faster than they are sent on, and what the source has no
 * room for it drops: of 600,000 not all arrive.
 */
const MESSAGES = { 0: 400_000, 1: 200_000 } as const;
const CLIENT_ID = "bench";
/** Messages on their way to the broker at most. */
const WINDOW = 500;

export async function mqttIn(workspace: BenchWorkspace, qos: 0 | 1, name: string): Promise<Result> {
  await using broker = await Mosquitto.start({ lines: ["queue_qos0_messages true"], maxInflight: 0 });
  await keepFor(CLIENT_ID, broker.port);
  await publish(broker.port, qos);
  const messages = MESSAGES[qos];
  const sources = `sources:
  - name: bench
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${broker.port}
    mqtt:
      client_id: ${CLIENT_ID}
      max_waiting_messages: 1000000
      topics: [{ topic: "plant/#", qos: 1, payload: { format: json, value: "$.v", timestamp: "$.ts", timestamp_format: unix_ms, unit: "$.u" } }]
`;
  const before = await workspace.rows();
  return await withConnector(
    workspace,
    sources,
    (peer) => measureUntil(name, peer, { workspace, until: before + messages }),
  );
}

/** Lets the broker make a session that keeps messages, as the connector's own would. */
async function keepFor(clientId: string, port: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId,
    protocolVersion: 5,
    clean: false,
    properties: { sessionExpiryInterval: 86_400 },
  });
  await client.subscribeAsync("plant/#", { qos: 1 });
  await client.endAsync();
}

async function publish(port: number, qos: 0 | 1): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  for (let sent = 0; sent < MESSAGES[qos]; sent += WINDOW) {
    const window = Array.from({ length: WINDOW }, (_, i) => {
      const payload = `{"v":${(sent + i) / 8},"ts":1767225600000,"u":"degC","q":"good"}`.padEnd(109);
      return client.publishAsync(`plant/line1/sensor${i % TAGS}`, payload, { qos });
    });
    await Promise.all(window);
  }
  await client.endAsync();
}
