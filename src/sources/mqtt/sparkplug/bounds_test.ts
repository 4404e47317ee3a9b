/** What one message of Sparkplug can take, whatever it holds: counted in rows and characters. */
import assert from "node:assert/strict";
import { sparkplugMetric, sparkplugTemplate } from "../../../../tests/fakes/sparkplug_payload.ts";
import { shortOf, sparkplugPlant } from "../../../../tests/fakes/sparkplug_plant.ts";
import { mqttSettings } from "../settings.ts";
import { TopicRules } from "../topic_rules.ts";
import { type KnownMetric, KnownMetrics } from "./known_metrics.ts";
import { KnownNodes } from "./known_nodes.ts";
import { readMetric } from "./payload.ts";
import { Room } from "./room.ts";
import { membersOf } from "./template.ts";

const INT32 = 3;
const TEMPLATE = 19;

/** So many members of a template, each with a value. */
const members = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `m${i}`, type: INT32, int: i }));

Deno.test("members of templates count as metrics of their message, those of all its templates together", () => {
  const { take, nodes } = sparkplugPlant({ maxMetrics: 1000 });
  const template = sparkplugTemplate(members(400));
  const metrics = ["a", "b", "c"].map((name) => ({ name, type: TEMPLATE, template }));
  const { readings, refusal } = take("g/NBIRTH/n", { metrics, seq: 0 });
  assert.equal(readings.length, 1 + 800);
  assert.match(
    refusal?.reason.message ?? "",
    /metric c has members.* more than 1000 metrics \(sparkplug.max_metrics\)/,
  );
  assert.equal(nodes.metrics, 800);
});

Deno.test("members of a template within a template count too, and those of a definition", () => {
  for (const isDefinition of [false, true]) {
    const { take } = sparkplugPlant({ maxMetrics: 1000 });
    const inner = sparkplugTemplate(members(1000), isDefinition);
    const template = sparkplugTemplate([{ name: "inner", type: TEMPLATE, template: inner }]);
    const { readings, refusal } = take("g/NBIRTH/n", { metrics: [{ name: "a", type: TEMPLATE, template }] });
    assert.deepEqual(shortOf(readings), [["n", "online", undefined]]);
    assert.match(refusal?.reason.message ?? "", /more than 1000 metrics/);
  }
});

Deno.test("what a template says of its members is read once, however many they are", () => {
  const template = sparkplugTemplate([...members(500), { name: "own", int: 1, properties: { engUnit: "mm" } }]);
  const metric = readMetric(sparkplugMetric({ name: "a", type: TEMPLATE, template, properties: { engUnit: "bar" } }));
  const room = new Room({ maxMetrics: 1000, metrics: 1, perRow: 0 });
  const said = membersOf(metric, "a", room).map((member) => member.said);
  assert.deepEqual(said.map(({ unit }) => unit), [...Array(500).fill("bar"), "mm"]);
  assert.equal(new Set(said).size, 2, "all members share what was read");
});

Deno.test("units and qualities of its rows are text of a message", () => {
  const { take } = sparkplugPlant({ maxMetrics: 100_000 });
  const template = sparkplugTemplate(members(99_000));
  const name = "a".repeat(100);
  const engUnit = "x".repeat(256);
  const { refusal } = take("g/NBIRTH/n", {
    metrics: [{ name, type: TEMPLATE, template, properties: { engUnit } }],
  });
  assert.match(refusal?.reason.message ?? "", /more text than one message may become/);
});

/** Counts the metrics that were looked at. */
class CountingMetrics extends KnownMetrics {
  looked = 0;

  override *[Symbol.iterator](): Iterator<KnownMetric> {
    for (const known of { [Symbol.iterator]: () => super[Symbol.iterator]() }) {
      this.looked++;
      yield known;
    }
  }
}

Deno.test("the rows of a death are made as they are asked for, and all of them although the node is forgotten at once", () => {
  const nodes = new KnownNodes({ maxNodes: 10, maxMetrics: 5000 });
  const born = [new CountingMetrics(0), new CountingMetrics(0)];
  for (const metrics of born) {
    for (let i = 0; i < 1000; i++) metrics.add({ name: `m${i}`, dataType: "Int32", unit: "", dataTag: undefined }, i);
  }
  const node = nodes.open("g/n");
  nodes.bear(node, { metrics: born[0]!, isConfirmed: true });
  nodes.bearDevice(node, "d", { metrics: born[1]!, isConfirmed: true });
  const { decoder } = sparkplugPlant({ nodes });
  const message = {
    topic: "spBv1.0/g/NDEATH/n",
    payload: new Uint8Array(),
    payloadBytes: 0,
    qos: 1,
    isRetained: false,
  };
  const rule = new TopicRules(mqttSettings.parse({ topics: [{ topic: "#" }] })).of(message.topic);
  const rows = decoder.take(message, rule, 0).readings[Symbol.iterator]();
  for (let i = 0; i < 11; i++) assert.equal(rows.next().value?.sparkplug?.status, "Stale");
  assert.deepEqual(born.map(({ looked }) => looked), [10, 0]);
  assert.deepEqual([nodes.get("g/n"), nodes.metrics], [undefined, 0]);
  assert.equal([...{ [Symbol.iterator]: () => rows }].length, 2 + 2000 - 11);
});

Deno.test("a unit is cut to 256 characters, whole ones", () => {
  const { take } = sparkplugPlant();
  const metrics = ["x".repeat(257), "x".repeat(256), `${"x".repeat(255)}😀`].map((engUnit, i) => ({
    name: `m${i}`,
    type: INT32,
    int: 1,
    properties: { engUnit },
  }));
  const units = take("g/NBIRTH/n", { metrics, seq: 0 }).readings.map(({ from }) => from.unit);
  assert.deepEqual(units, [undefined, "x".repeat(256), "x".repeat(256), "x".repeat(255)]);
});

Deno.test("each alias of a name counts as one of the metrics that are kept", () => {
  const { take, nodes } = sparkplugPlant({ maxMetrics: 1000 });
  const aliases = (count: number) => Array.from({ length: count }, (_, alias) => ({ name: "a", alias, type: INT32 }));
  take("g/NBIRTH/n", { metrics: aliases(900), seq: 0 });
  assert.equal(nodes.metrics, 900);
  take("g/NBIRTH/m", { metrics: aliases(200), seq: 0 });
  assert.deepEqual([nodes.metrics, nodes.get("g/m")], [900, undefined]);
});

/** Each of them has one metric. */
const LONG: Readonly<Record<string, { topic?: string; name?: string; engUnit?: string; metrics: number }>> = {
  "nothing that is long": { metrics: 1 },
  "a long name": { name: "x".repeat(1024), metrics: 3 },
  "name and unit that are long together": { name: "x".repeat(256), engUnit: "x".repeat(1000), metrics: 2 },
  "long names of group, node and device": {
    topic: ["x".repeat(1000), "DBIRTH", "x".repeat(1000), "x".repeat(1000)].join("/"),
    metrics: 5 + 6,
  },
};

for (const [what, { topic = "g/NBIRTH/n", name = "a", engUnit, metrics }] of Object.entries(LONG)) {
  Deno.test(`a birth with ${what} takes room for ${metrics} of the metrics that are kept`, () => {
    const { take, nodes } = sparkplugPlant();
    const said = engUnit === undefined ? {} : { properties: { engUnit } };
    take(topic, { metrics: [{ name, type: INT32, int: 1, ...said }], seq: 0 });
    assert.equal(nodes.metrics, metrics);
  });
}

Deno.test("births without metrics count where names of their nodes are long", () => {
  const { take, nodes } = sparkplugPlant({ maxMetrics: 100 });
  for (let i = 0; i < 60; i++) take(`g/NBIRTH/${"x".repeat(1020)}${i}`, { seq: 0 });
  assert.equal(nodes.metrics, 100);
});
