import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { ConfigError } from "../core/error.ts";
import { splitName } from "./provider.ts";
import { SecretStore } from "./secret_store.ts";

const REFRESH_MS = 300_000;
const { signal } = new AbortController();

/** A store that has some secrets, and notes what it is asked for. */
function newStand(secrets: Record<string, string>) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const told: string[] = [];
  const store = new SecretStore({
    provider: {
      place: "a store",
      locate: splitName,
      fetch(document) {
        asked.push(document);
        const value = secrets[document];
        if (value === undefined) return Promise.reject(new ConfigError("secret_missing", `there is no ${document}`));
        return Promise.resolve(value);
      },
      [Symbol.dispose]() {},
    },
    refreshMs: REFRESH_MS,
    monotonicMs: () => clock.monotonicMs(),
    tell: (_level, message) => void told.push(message),
  });
  const run = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      await clock.advance(5_000);
      await store.tick(signal);
    }
  };
  return { store, secrets, asked, told, run };
}

Deno.test("what could not be had is asked for every 10 s, and the others no more often than told", async () => {
  const { store, secrets, asked, run } = newStand({ broker: "one", press: "two" });
  const valueOf = await store.follow(["broker", "press", "typo"]);
  asked.length = 0;
  await run(REFRESH_MS);
  const times = (name: string) => asked.filter((each) => each === name).length;
  assert.deepEqual([times("broker"), times("press"), times("typo")], [1, 1, 30]);
  secrets.typo = "three";
  await run(10_000);
  assert.equal(valueOf("typo"), "three");
});

Deno.test("a name that is asked for once is told, and not asked for again", async () => {
  const { store, asked, told, run } = newStand({ broker: "one", press: "two" });
  await store.follow(["broker"]);
  const valueOf = await store.ask(["broker", "press", "typo"]);
  assert.deepEqual([valueOf("broker"), valueOf("press")], ["one", "two"]);
  assert.throws(() => valueOf("typo"), /The secret typo is not known: there is no typo/);
  asked.length = 0;
  await run(REFRESH_MS);
  assert.deepEqual([asked, store.failures, told], [["broker"], [], []]);
});

Deno.test("a name that cannot be had is forgotten once nobody has needed it for an hour, until it is needed again", async () => {
  const { store, secrets, asked, run } = newStand({ broker: "one" });
  const valueOf = await store.follow(["broker", "typo"]);
  await run(3_590_000);
  assert.throws(() => valueOf("typo"), { code: "secret_unavailable" });
  await run(3_590_000);
  assert.equal(store.failures.length, 1);
  await run(30_000);
  asked.length = 0;
  await run(REFRESH_MS);
  assert.deepEqual([asked, store.failures], [["broker"], []]);
  secrets.typo = "three";
  assert.throws(() => valueOf("typo"), /asked for again every 10 s/);
  await run(10_000);
  assert.equal(valueOf("typo"), "three");
});
