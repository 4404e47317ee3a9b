import assert from "node:assert/strict";
import { mqttSettings } from "./settings.ts";
import { tagOf, TopicRules } from "./topic_rules.ts";

const SETTINGS = mqttSettings.parse({ topics: [{ topic: "plant/#" }], payload: { sensor_name: "$.n" } });
const UNSAID = { sensorName: undefined, sensorType: undefined, unit: undefined };

Deno.test("TopicRules keeps the rule of a topic", () => {
  const rules = new TopicRules(SETTINGS);
  assert.equal(rules.of("plant/oven"), rules.of("plant/oven"));
});

Deno.test("TopicRules keeps rules of at most 16 million characters, however long the topics are", () => {
  const rules = new TopicRules(SETTINGS);
  const long = "x".repeat(60_000);
  const first = rules.of(`plant/0/${long}`);
  for (let i = 1; i < 100; i++) rules.of(`plant/${i}/${long}`);
  assert.equal(rules.of(`plant/0/${long}`), first, "6 million");
  for (let i = 100; i < 300; i++) rules.of(`plant/${i}/${long}`);
  assert.notEqual(rules.of(`plant/0/${long}`), first, "18 million");
});

Deno.test("TopicRules counts what payloads say about themselves, over all topics", () => {
  const rules = new TopicRules(SETTINGS);
  const long = "x".repeat(60_000);
  const tagAt = (topic: number, name: number) =>
    tagOf(rules.of(`plant/${topic}`), { ...UNSAID, sensorName: `${name}${long}` });
  const first = tagAt(0, 0);
  assert.equal(tagAt(0, 0), first);
  for (let i = 1; i < 20; i++) tagAt(i % 7, i);
  assert.equal(tagAt(0, 0), first);
  for (let i = 20; i < 150; i++) tagAt(i % 7, i);
  assert.notEqual(tagAt(0, 0), first);
});
