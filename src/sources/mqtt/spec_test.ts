import assert from "node:assert/strict";
import { decodeRow, MQTT } from "../../bronze/mod.ts";
import { type MqttSettings, mqttSettings } from "./settings.ts";
import { mqtt } from "./spec.ts";

Deno.test("mqtt.aside() has a session of its own and takes no messages from a shared subscription", () => {
  const settings = mqttSettings.parse({
    client_id: "edge-1",
    topics: [{ topic: "$share/edge/a/+" }, { topic: "b/#" }],
  });
  const aside = mqtt.aside?.({ name: "s", endpoint: "mqtt://h:1883", labels: {}, settings }, "7f")?.settings;
  const { client_id, clean_session, topics } = aside as MqttSettings; // what went in comes out
  assert.deepEqual({ client_id, clean_session }, { client_id: "iot-connector-test-7f-s", clean_session: true });
  assert.deepEqual(topics.map((each) => each.topic), ["a/+", "b/#"]);
});

function decodeAgain(payload: string, settings: object) {
  const parsed = mqttSettings.parse({ topics: [{ topic: "oven/#" }], ...settings });
  const config = { name: "line", endpoint: "mqtt://h", labels: {}, settings: parsed };
  const message = { tag: "oven/t", payload: new TextEncoder().encode(payload), timeUs: 7 };
  return { readings: mqtt.decodeAgain?.(config)(message) ?? [], encode: mqtt.encoder(config) };
}

Deno.test("mqtt.decodeAgain() reads a kept message with the settings of now, and says nothing that is not known any more", () => {
  const { readings: [reading, ...others], encode } = decodeAgain('{"v":1.5,"u":"degC"}', {
    payload: { format: "json", value: "$.v", unit: "$.u" },
  });
  assert.deepEqual(others, []);
  assert.ok(reading);
  const row = decodeRow(MQTT, encode(reading, { edgeId: "e", bootEpoch: 1, seq: 2, ingestTimeUs: 3 }));
  const { topic, value, unit, event_time, qos, retain } = row;
  assert.deepEqual({ topic, value, unit, event_time, qos, retain }, {
    topic: "oven/t",
    value: 1.5,
    unit: "degC",
    event_time: 7,
    qos: undefined,
    retain: undefined,
  });
});

Deno.test("mqtt.decodeAgain() says why a kept message is still none that can be read", () => {
  const fails = (payload: string, settings: object) => () => decodeAgain(payload, settings);
  assert.throws(fails("hot", { payload: { format: "json" } }), { code: "mqtt_not_json" });
  assert.throws(fails("x".repeat(1025), { max_payload_kb: 1 }), { code: "mqtt_payload_too_long" });
});
