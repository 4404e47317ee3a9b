import assert from "node:assert/strict";
import { mqttSettings } from "../settings.ts";
import { mqtt } from "../spec.ts";

const SPARKPLUG = { format: "sparkplug_b" };

const REFUSED: Readonly<Record<string, readonly [settings: object, path: string, reason: RegExp]>> = {
  "a shared subscription": [
    { topics: [{ topic: "$share/g/spBv1.0/#" }], payload: SPARKPLUG },
    "topics.0.topic",
    /births/,
  ],
  "topics of another namespace": [{ topics: [{ topic: "plant/#", payload: SPARKPLUG }] }, "topics.0.topic", /spBv1\.0/],
  "a path to a value": [
    { topics: [], payload: { ...SPARKPLUG, value: "$.v" } },
    "payload.value",
    /each metric says it/,
  ],
  "a name for all metrics": [
    { topics: [], payload: { ...SPARKPLUG, sensor_name: "x" } },
    "payload.sensor_name",
    /itself/,
  ],
  "a path to a unit": [{ topics: [], payload: { ...SPARKPLUG, unit: "$.u" } }, "payload.unit", /no JSON paths/],
  "a host id with levels": [
    { topics: [], sparkplug: { host_id: "a/b" } },
    "sparkplug.host_id",
    /must not be empty or hold/,
  ],
};

for (const [name, [settings, path, reason]] of Object.entries(REFUSED)) {
  Deno.test(`mqttSettings refuses for Sparkplug ${name}`, () => {
    const issues = mqttSettings.safeParse(settings).error?.issues ?? [];
    assert.deepEqual(issues.map((issue) => issue.path.join(".")), [path]);
    assert.match(issues[0]?.message ?? "", reason);
  });
}

Deno.test("mqttSettings takes Sparkplug of one topic beside JSON of others, with text as unit, and sends nothing unless asked", () => {
  const { sparkplug } = mqttSettings.parse({
    topics: [{ topic: "spBv1.0/plant/#", payload: { ...SPARKPLUG, unit: "bar" } }, { topic: "$share/g/plant/#" }],
  });
  assert.deepEqual([sparkplug.host_id, sparkplug.rebirth_requests], [null, false]);
});

Deno.test("mqtt.aside() sends neither a state nor requests for births", () => {
  const settings = mqttSettings.parse({ sparkplug: { host_id: "edge", rebirth_requests: true } });
  const aside = mqtt.aside?.({ name: "s", endpoint: "mqtt://h:1883", labels: {}, settings }, "7f")?.settings;
  const { sparkplug } = aside as typeof settings; // what went in comes out
  assert.deepEqual([sparkplug.host_id, sparkplug.rebirth_requests], [null, false]);
});
