/** MQTT in, Zerobus out. */
import mqtt from "mqtt";
import { Mosquitto } from "../peers/mosquitto.ts";
import { PeerProcess } from "../peers/process.ts";
import { measureUntil, withConnector } from "./connector.ts";
import type { Result } from "./result.ts";
import { TAGS } from "./rows.ts";
import type { BenchWorkspace } from "./workspace.ts";

/** So many that a measurement takes some seconds. */
export const MESSAGES = 500_000;
/** The first of them warm up what runs. */
export const WARM_UP = 100_000;
/** Messages of QoS 0 in a second: a broker holds none of them back, so they come at a rate of their own. */
export const QOS_0_RATE = 40_000;
const QOS_0_MESSAGES = 200_000;
const CLIENT_ID = "bench";
/** Messages on their way to the broker at most. */
const WINDOW = 500;

/** What a broker has kept for us is taken as fast as it comes. */
export async function mqttQos1(workspace: BenchWorkspace, name: string): Promise<Result> {
  await using broker = await startBacklog();
  const before = await workspace.rows();
  const span = { workspace, after: before + WARM_UP, until: before + MESSAGES };
  return await withConnector(workspace, sources(broker.port, 1), (peer) => measureUntil(name, peer, span));
}

/** A broker that has kept `MESSAGES` messages for the client with our id. */
export async function startBacklog(): Promise<Mosquitto> {
  const broker = await Mosquitto.start({ maxInflight: 0 });
  await keepFor(CLIENT_ID, broker.port);
  await publish(broker.port);
  return broker;
}

/** What is published at a fixed rate, with the connector's default settings. */
export async function mqttQos0(workspace: BenchWorkspace, name: string): Promise<Result> {
  await using broker = await Mosquitto.start();
  const until = await workspace.rows() + QOS_0_MESSAGES * 0.98; // the first ones come before the subscription
  return await withConnector(workspace, sources(broker.port, 0), async (peer) => {
    await peer.line(/Source bench is connected/);
    await using _publisher = await startPublisher(broker.port, QOS_0_RATE, QOS_0_MESSAGES);
    return await measureUntil(name, peer, { workspace, until });
  });
}

/** Publishes so many messages of QoS 0 in a second, over all tags in turn. */
export async function startPublisher(port: number, rate: number, messages: number): Promise<PeerProcess> {
  const script = new URL("publisher.ts", import.meta.url).pathname;
  const args = ["run", "-A", script, ...[port, rate, messages].map(String)];
  const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready: /^publishing$/ });
  return peer;
}

function sources(port: number, qos: 0 | 1): string {
  return `sources:
  - name: bench
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${port}
    mqtt:
      client_id: ${CLIENT_ID}
      topics: [{ topic: "plant/#", qos: ${qos}, payload: { format: json, value: "$.v", timestamp: "$.ts", timestamp_format: unix_ms, unit: "$.u" } }]
`;
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

async function publish(port: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
  for (let sent = 0; sent < MESSAGES; sent += WINDOW) {
    const window = Array.from({ length: WINDOW }, (_, i) => {
      const payload = `{"v":${(sent + i) / 8},"ts":1767225600000,"u":"degC","q":"good"}`.padEnd(109);
      return client.publishAsync(`plant/line1/sensor${i % TAGS}`, payload, { qos: 1 });
    });
    await Promise.all(window);
  }
  await client.endAsync();
}
