import assert from "node:assert/strict";
import { cautionsOfMqtt } from "./cautions.ts";
import { mqttSettings } from "./settings.ts";
import { unsupportedMqtt } from "./unsupported.ts";

/** As a configuration has them; what is left out has a default. */
interface Input {
  readonly username?: string;
  readonly password?: string;
  readonly allow_plain_password?: boolean;
  readonly topics: readonly Readonly<Record<string, unknown>>[];
}

function configOf(settings: Input, endpoint = "mqtts://h") {
  return { name: "s", endpoint, labels: {}, settings: mqttSettings.parse(settings) };
}

const LOGIN = { username: "edge", password: "secret", topics: [{ topic: "t" }] };

const PLAIN: readonly (readonly [endpoint: string, settings: Input, says: RegExp | undefined])[] = [
  [
    "mqtt://broker.plant",
    LOGIN,
    /user and password go to mqtt:\/\/broker\.plant unencrypted: .* Use mqtts:\/\/, or set/,
  ],
  ["ws://10.0.0.5:8080/mqtt", LOGIN, /Use wss:\/\/, or set allow_plain_password: true/],
  ["mqtt://127.0.0.2", LOGIN, undefined],
  ["mqtt://LOCALHOST", LOGIN, undefined],
  ["mqtt://[::1]:1883", LOGIN, undefined],
  ["mqtt://localhost.plant", LOGIN, /unencrypted/],
  ["mqtts://broker.plant", LOGIN, undefined],
  ["mqtt://broker.plant", { ...LOGIN, allow_plain_password: true }, undefined],
  ["mqtt://broker.plant", { topics: [{ topic: "t" }] }, undefined],
];

for (const [endpoint, settings, says] of PLAIN) {
  const { username = "nobody", allow_plain_password: isAllowed = false } = settings;
  Deno.test(`cautionsOfMqtt() ${says ? "warns" : "says nothing"} of ${username} at ${endpoint}, allowed: ${isAllowed}`, () => {
    const found = cautionsOfMqtt(configOf(settings, endpoint));
    assert.deepEqual(found.map(({ path }) => path), says ? [["mqtt", "password"]] : []);
    if (says) assert.match(found[0]?.message ?? "", says);
  });
}

const VALUE = { value: "$.v" };

const COVERED: Readonly<Record<string, { topics: Input["topics"]; index: number | undefined }>> = {
  "payload behind a wider filter": { topics: [{ topic: "plant/#" }, { topic: "plant/+/t", payload: VALUE }], index: 1 },
  "labels behind a wider filter": { topics: [{ topic: "a/#" }, { topic: "a/b", labels: { line: "1" } }], index: 1 },
  "defaults behind a wider filter with a payload": {
    topics: [{ topic: "#", payload: VALUE }, { topic: "a" }],
    index: 1,
  },
  "payload before a wider filter": { topics: [{ topic: "a/b", payload: VALUE }, { topic: "a/#" }], index: undefined },
  "the same payload": {
    topics: [{ topic: "#", payload: VALUE }, { topic: "a", payload: { ...VALUE, format: "auto" } }],
    index: undefined,
  },
  "payload beside filters that match a part of it": {
    topics: [{ topic: "a/+" }, { topic: "a/#", payload: VALUE }],
    index: undefined,
  },
};

for (const [name, { topics, index }] of Object.entries(COVERED)) {
  Deno.test(`unsupportedMqtt() ${index === undefined ? "takes" : "refuses"} ${name}`, () => {
    const found = unsupportedMqtt(configOf({ topics }));
    assert.deepEqual(found.map(({ path }) => path), index === undefined ? [] : [["mqtt", "topics", index, "topic"]]);
  });
}

Deno.test("unsupportedMqtt() says of an entry without effect which one comes first, and what to do", () => {
  const [found] = unsupportedMqtt(configOf({ topics: [{ topic: "plant/#" }, { topic: "plant/a", payload: VALUE }] }));
  assert.match(
    found?.message ?? "",
    /^payload and labels of plant\/a have no effect: topics\[0\] \(plant\/#\) matches/,
  );
});

Deno.test("cautionsOfMqtt() warns of a filter whose messages come twice because a wider one has a lower qos", () => {
  const messages = (topics: Input["topics"]) => cautionsOfMqtt(configOf({ topics })).map(({ message }) => message);
  const [said, ...others] = messages([{ topic: "a/#", qos: 0 }, { topic: "a/b", qos: 1 }, { topic: "a/c", qos: 0 }]);
  assert.match(
    said ?? "",
    /messages of a\/b twice, because topics\[0\] \(a\/#\) has a lower qos .* set qos: 1 there too/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(messages([{ topic: "a/#", qos: 1 }, { topic: "a/b", qos: 1 }]), []);
  assert.deepEqual(messages([{ topic: "$share/g/a/#", qos: 0 }, { topic: "a/b", qos: 1 }]), []);
});
