import assert from "node:assert/strict";
import { Turns } from "./turns.ts";

const NEVER = new AbortController().signal;

Deno.test("Turns does one thing at a time, in order, and goes on after one that failed", async () => {
  const turns = new Turns();
  const happened: string[] = [];
  const first = Promise.withResolvers<void>();
  const begin = (name: string, until: Promise<void>) =>
    turns.take(async () => {
      happened.push(`${name} begins`);
      await until;
      happened.push(`${name} ends`);
      return name;
    }, NEVER);
  const one = begin("one", first.promise);
  const failing = turns.take(() => Promise.reject(new Error("broken")), NEVER);
  const three = begin("three", Promise.resolve());
  first.resolve();
  await assert.rejects(failing, /broken/);
  assert.deepEqual([await one, await three], ["one", "three"]);
  assert.deepEqual(happened, ["one begins", "one ends", "three begins", "three ends"]);
});

Deno.test("Turns does nothing for who has given up before the turn came", async () => {
  const turns = new Turns();
  const gone = new AbortController();
  const first = Promise.withResolvers<void>();
  const one = turns.take(() => first.promise, NEVER);
  const two = turns.take(() => Promise.reject(new TypeError("it was done all the same")), gone.signal);
  gone.abort(new Error("gone"));
  first.resolve();
  await one;
  await assert.rejects(two, /gone/);
});
