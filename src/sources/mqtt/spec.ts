import { z } from "zod";
import { defineSource, type Resource, type SourceConfig } from "../../core/source.ts";
import { cautionsOfMqtt } from "./cautions.ts";
import { decodeKept } from "./decode.ts";
import { mqttEncoder } from "./encode.ts";
import { parseMqttEndpoint } from "./endpoint.ts";
import { type MqttSettings, mqttSettings } from "./settings.ts";
import { TopicRules } from "./topic_rules.ts";
import { decodeKeptSparkplug } from "./sparkplug/kept.ts";
import { unsupportedMqtt } from "./unsupported.ts";

/** MQTT, as a client that subscribes and never publishes. */
export const mqtt = defineSource({
  type: "mqtt",
  message: "MQTTBronzeRecord",
  summary: "Subscribes to topics of an MQTT broker.",
  endpoint: z.string().refine(
    (text) => parseMqttEndpoint(text) !== undefined,
    "must look like mqtt://192.168.1.200:1883, mqtts://broker.plant:8883 or wss://broker.plant:443/mqtt",
  ).meta({
    description:
      "Address of the broker: mqtt://, or mqtts:// with TLS, and ws:// and wss:// through a WebSocket. A port that is left out is 1883, 8883, 80 and 443; a path that is left out is /mqtt.",
    examples: ["mqtts://192.168.1.200:8883"],
  }),
  schema: mqttSettings,
  list: "topics",
  unsupported: unsupportedMqtt,
  cautions: cautionsOfMqtt,
  aside: asideOf,
  resources: sessionOf,
  encoder: mqttEncoder,
  decodeAgain({ settings }) {
    const rules = new TopicRules(settings);
    const maxPayloadBytes = settings.max_payload_kb * 1024;
    return ({ tag: topic, payload, timeUs: arrivedUs }) => {
      const options = { rule: rules.of(topic), arrivedUs, maxPayloadBytes };
      if (options.rule.settings.format !== "sparkplug_b") return decodeKept({ topic, payload }, options);
      return decodeKeptSparkplug({ topic, payload }, { ...options, maxMetrics: settings.sparkplug.max_metrics });
    };
  },
  load: async () => (await import("./mod.ts")).adapter(),
});

/**
 * The broker's session of a client id that the configuration names: two clients of one id throw each other out. An id
 * that is left out holds the source's name, which is unique.
 */
function sessionOf({ endpoint, settings: { client_id } }: SourceConfig<MqttSettings>): Resource[] {
  const broker = parseMqttEndpoint(endpoint);
  if (client_id === null || !broker) return [];
  const name = `the session of client id ${client_id} at the broker ${broker.hostname.toLowerCase()}:${broker.port}`;
  return [{ name, path: ["mqtt", "client_id"] }];
}

/** A session of its own that the broker forgets, outside shared subscriptions, whose messages go to one member only. */
function asideOf(config: SourceConfig<MqttSettings>, mark: string): SourceConfig<MqttSettings> {
  const topics = config.settings.topics.map((entry) => ({
    ...entry,
    topic: entry.topic.replace(/^\$share\/[^/]+\//, ""),
  }));
  const session = {
    client_id: `iot-connector-test-${mark}-${config.name}`,
    clean_session: true,
    session_expiry_seconds: 0,
  };
  const sparkplug = { ...config.settings.sparkplug, host_id: null, rebirth_requests: false };
  return { ...config, settings: { ...config.settings, ...session, topics, sparkplug } };
}
