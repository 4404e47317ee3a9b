import assert from "node:assert/strict";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { FakeSourceMemory } from "../../../tests/fakes/source_memory.ts";
import { mqttSettings, type TopicSettings } from "./settings.ts";
import { subscribeTo, withoutCovered } from "./subscriptions.ts";

const AT = { endpoint: "mqtt://a", clientId: "edge" };

function topicsOf(filters: Readonly<Record<string, 0 | 1 | 2>>): readonly TopicSettings[] {
  return mqttSettings.parse({ topics: Object.entries(filters).map(([topic, qos]) => ({ topic, qos })) }).topics;
}

/** A session that grants everything, and what it was asked for. */
function fakeSession() {
  const asked: string[] = [];
  return {
    asked,
    subscribe(topics: readonly TopicSettings[]): Promise<number[]> {
      asked.push(...topics.map(({ topic }) => `+${topic}`));
      return Promise.resolve(topics.map(({ qos }) => qos));
    },
    unsubscribe(filters: readonly string[]): Promise<void> {
      asked.push(...filters.map((filter) => `-${filter}`));
      return Promise.resolve();
    },
  };
}

Deno.test("withoutCovered() leaves out what another filter covers with at least its quality of service", () => {
  const left = (filters: Readonly<Record<string, 0 | 1 | 2>>) => withoutCovered(topicsOf(filters)).map((t) => t.topic);
  assert.deepEqual(left({ "a/b": 1, "a/#": 1, "a/+": 0 }), ["a/#"]);
  assert.deepEqual(left({ "a/b": 2, "a/#": 1 }), ["a/b", "a/#"]);
  assert.deepEqual(left({ "$SYS/x": 0, "#": 2 }), ["$SYS/x", "#"]);
  assert.deepEqual(left({ "$share/g/a/b": 1, "a/#": 1 }), ["$share/g/a/b", "a/#"]);
  assert.deepEqual(left({ "a/b": 1, "$share/g/a/#": 1 }), ["a/b", "$share/g/a/#"]);
});

Deno.test("subscribeTo() subscribes before it unsubscribes, so that no message falls between a filter and a wider one", async () => {
  const memory = new FakeSourceMemory();
  const options = () => ({ ...AT, session: fakeSession(), memory, log: new FakeLogger() });
  await subscribeTo(topicsOf({ "a/b": 1 }), options());
  const next = options();
  await subscribeTo(topicsOf({ "a/#": 1 }), next);
  assert.deepEqual(next.session.asked, ["+a/#", "-a/b"]);
  const again = options();
  await subscribeTo(topicsOf({ "a/#": 1 }), again);
  assert.deepEqual(again.session.asked, ["+a/#"]);
});

Deno.test("subscribeTo() still knows of a filter whose unsubscribing failed", async () => {
  const memory = new FakeSourceMemory();
  const log = new FakeLogger();
  await subscribeTo(topicsOf({ "a/b": 1 }), { ...AT, session: fakeSession(), memory, log });
  const lost = { ...fakeSession(), unsubscribe: () => Promise.reject(new Error("lost")) };
  await assert.rejects(subscribeTo(topicsOf({ c: 1 }), { ...AT, session: lost, memory, log }), /lost/);
  const session = fakeSession();
  await subscribeTo(topicsOf({ c: 1 }), { ...AT, session, memory, log });
  assert.deepEqual(session.asked, ["+c", "-a/b"]);
});

Deno.test("subscribeTo() leaves alone what another client id subscribed to, and whatever else a damaged memory holds", async () => {
  const kept = [
    { "mqtt://a other": { filters: ["a"] }, "mqtt://a edge other": { filters: ["a"] } },
    { "mqtt://a edge": { filters: "a", cleared: 7 } },
    { "mqtt://a edge": [""], "mqtt://b edge": null },
    7,
    null,
  ];
  for (const value of kept) {
    const memory = new FakeSourceMemory();
    memory.keep("subscriptions", value);
    const session = fakeSession();
    await subscribeTo(topicsOf({ b: 1 }), { ...AT, session, memory, log: new FakeLogger() });
    assert.deepEqual(session.asked, ["+b"]);
  }
});

/** What is asked of the broker at `endpoint`, with what `memory` has of earlier times. */
async function askedAt(endpoint: string, memory: FakeSourceMemory, filters: readonly string[]): Promise<string[]> {
  const session = fakeSession();
  const topics = topicsOf(Object.fromEntries(filters.map((filter) => [filter, 1 as const])));
  await subscribeTo(topics, { session, endpoint, clientId: "edge", memory, log: new FakeLogger() });
  return session.asked;
}

Deno.test("subscribeTo() unsubscribes at each of several brokers, whichever was connected to in between", async () => {
  const memory = new FakeSourceMemory();
  assert.deepEqual(await askedAt("mqtt://a", memory, ["a", "b"]), ["+a", "+b"]);
  assert.deepEqual(await askedAt("mqtt://b", memory, ["a"]), ["+a", "-b"]);
  assert.deepEqual(await askedAt("mqtt://a", memory, ["a"]), ["+a", "-b"]);
  assert.deepEqual(await askedAt("mqtt://b", memory, ["a"]), ["+a"]);
});

Deno.test("subscribeTo() unsubscribes once from what another broker still has, and again when it was subscribed to anew", async () => {
  const memory = new FakeSourceMemory();
  await askedAt("mqtt://a", memory, ["a", "b"]);
  assert.deepEqual(await askedAt("mqtt://b", memory, ["a"]), ["+a", "-b"]);
  assert.deepEqual(await askedAt("mqtt://b", memory, ["a"]), ["+a"]);
  assert.deepEqual(await askedAt("mqtt://b", memory, ["a", "b"]), ["+a", "+b"]);
  assert.deepEqual(await askedAt("mqtt://b", memory, ["a"]), ["+a", "-b"]);
});

Deno.test("subscribeTo() remembers the newest eight brokers", async () => {
  const memory = new FakeSourceMemory();
  for (let i = 0; i < 20; i++) await askedAt(`mqtt://broker${i}`, memory, ["a"]);
  const kept = Object.keys(memory.recall("subscriptions") as object); // what was kept is an object
  assert.deepEqual(kept.map((of) => of.split(" ")[0]), Array.from({ length: 8 }, (_, i) => `mqtt://broker${i + 12}`));
});
