import { z } from "zod";
import { defineSource } from "../../core/source.ts";
import { mqttEncoder } from "./encode.ts";
import { parseMqttEndpoint } from "./endpoint.ts";
import { mqttSettings } from "./settings.ts";
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
  encoder: mqttEncoder,
  load: () => import("./mod.ts"),
});
