import assert from "node:assert/strict";
import { type MqttSettings, mqttSettings } from "./settings.ts";
import { mqtt } from "./spec.ts";

Deno.test("mqtt.aside() has a session of its own and takes no messages from a shared subscription", () => {
  const settings = mqttSettings.parse({
    client_id: "edge-1",
    topics: [{ topic: "$share/edge/a/+" }, { topic: "b/#" }],
  });
  const aside = mqtt.aside?.({ name: "s", endpoint: "mqtt://h:1883", labels: {}, settings })?.settings;
  const { client_id, clean_session, topics } = aside as MqttSettings; // what went in comes out
  assert.deepEqual({ client_id, clean_session }, { client_id: "iot-connector-test-s", clean_session: true });
  assert.deepEqual(topics.map((each) => each.topic), ["a/+", "b/#"]);
});
