import { z } from "zod";
import { defineSource, type SourceConfig } from "../../core/source.ts";
import { decodeKept } from "./decode.ts";
import { mqttEncoder } from "./encode.ts";
import { parseMqttEndpoint } from "./endpoint.ts";
import { type MqttSettings, mqttSettings } from "./settings.ts";
import { TopicRules } from "./topic_rules.ts";
import { unsupportedMqtt } from "./unsupported.ts";

/** MQTT, as a client that subscribes and never publishes. */
export const mqtt = defineSource({
  type: "mqtt",
  message: "MQTTBronzeRecord",
  summary: "Subscribes to topics of an MQTT broker.",
  endpoint: z.string().refine(
    (text) => parseMqttEndpoint(text) !== undefined,
    "must look like mqtt://192.168.1.200:1883 or mqtts://broker.plant:8883",
  ).meta({
    description: "Address of the broker; a port that is left out is 1883, and 8883 for mqtts.",
    examples: ["mqtts://192.168.1.200:8883"],
  }),
  schema: mqttSettings,
  unsupported: unsupportedMqtt,
  aside: asideOf,
  encoder: mqttEncoder,
  decodeAgain({ settings }) {
    const rules = new TopicRules(settings);
    const maxPayloadBytes = settings.max_payload_kb * 1024;
    return ({ tag: topic, payload, timeUs: arrivedUs }) => [
      decodeKept({ topic, payload }, { rule: rules.of(topic), arrivedUs, maxPayloadBytes }),
    ];
  },
  load: () => import("./mod.ts"),
});

/** A session of its own that the broker forgets, outside shared subscriptions, whose messages go to one member only. */
function asideOf(config: SourceConfig<MqttSettings>): SourceConfig<MqttSettings> {
  const topics = config.settings.topics.map((entry) => ({
    ...entry,
    topic: entry.topic.replace(/^\$share\/[^/]+\//, ""),
  }));
  const session = {
    client_id: `iot-connector-test-${config.name}`,
    clean_session: true,
    session_expiry_seconds: 0,
  };
  return { ...config, settings: { ...config.settings, ...session, topics } };
}
