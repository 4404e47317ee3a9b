/** What dead letters of data without births say of the requests for them. */
import assert from "node:assert/strict";
import { FakeClock } from "../../../../tests/fakes/clock.ts";
import { fakeSourceDeps } from "../../../../tests/fakes/source_deps.ts";
import { sparkplugPayload } from "../../../../tests/fakes/sparkplug_payload.ts";
import { mqttSettings } from "../settings.ts";
import { mqtt } from "../spec.ts";
import { TopicRules } from "../topic_rules.ts";
import { SparkplugHost } from "./host.ts";
import { KnownNodes } from "./known_nodes.ts";

const ALIAS_ONLY = sparkplugPayload({ metrics: [{ alias: 7, double: 1 }] });

function settingsOf(isAsking: boolean) {
  const sparkplug = { rebirth_requests: isAsking, rebirth_interval_seconds: 60 };
  return mqttSettings.parse({ topics: [{ topic: "#", payload: { format: "sparkplug_b" } }], sparkplug });
}

/** A host, and what the dead letter of a node's data says. */
function standOf({ isAsking }: { isAsking: boolean }) {
  const clock = new FakeClock();
  const settings = settingsOf(isAsking);
  const sent: string[] = [];
  const { decoder } = new SparkplugHost({ name: "p", endpoint: "", labels: {}, settings }, fakeSourceDeps({ clock }), {
    nodes: new KnownNodes({ maxNodes: 100, maxMetrics: 100 }),
    send: (topic) => Promise.resolve(void sent.push(topic)),
  });
  const rules = new TopicRules(settings);
  const refusalOf = (node: string) => {
    const topic = `spBv1.0/g/NDATA/${node}`;
    const message = { topic, payload: ALIAS_ONLY, payloadBytes: ALIAS_ONLY.length, qos: 0, isRetained: false };
    return decoder.take(message, rules.of(topic), 0).refusal?.reason.message ?? "";
  };
  return { clock, sent, refusalOf, nowIso: () => new Date(clock.nowUs() / 1000).toISOString() };
}

Deno.test("a dead letter of data without births advises to ask for them where that is not set", () => {
  assert.match(standOf({ isAsking: false }).refusalOf("n"), /restart the node .*or set sparkplug\.rebirth_requests$/);
});

Deno.test("a dead letter of data without births says when they were asked for, and after that that the node has not answered", async () => {
  const { clock, sent, refusalOf, nowIso } = standOf({ isAsking: true });
  const askedAt = nowIso();
  const first = refusalOf("n");
  assert.ok(first.includes(`its births were asked for at ${askedAt}`), first);
  await clock.advance(5000);
  const second = refusalOf("n");
  assert.ok(second.includes(`asked for at ${askedAt}, and the node has not answered`), second);
  await clock.advance(55_000);
  assert.ok(refusalOf("n").includes(`asked for at ${nowIso()}`), "it is asked again");
  assert.deepEqual(sent, Array(2).fill("spBv1.0/g/NCMD/n"));
  assert.ok(![first, second].some((text) => text.includes("sparkplug.rebirth_requests")), "it is set");
});

Deno.test("a dead letter of data without births says that they are asked for later where many nodes are asked", () => {
  const { refusalOf } = standOf({ isAsking: true });
  const said = Array.from({ length: 11 }, (_, i) => refusalOf(`n${i}`));
  assert.match(said[9] ?? "", /were asked for at/);
  assert.match(said[10] ?? "", /are asked for with one of its next messages/);
});

Deno.test("a dead letter that is read again is not told to ask for births, which would not help it", () => {
  const config = { name: "p", endpoint: "", labels: {}, settings: settingsOf(true) };
  const message = { tag: "spBv1.0/g/NDATA/n", payload: ALIAS_ONLY, timeUs: 7 };
  assert.throws(() => mqtt.decodeAgain?.(config)(message), /births are not known when a dead letter is read again/);
});
