import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { Attempts } from "./attempts.ts";

Deno.test("Attempts lets five for one account through from one network, and then one in 20 s", async () => {
  const clock = new FakeClock();
  const attempts = new Attempts(clock);
  for (let i = 0; i < 5; i++) assert.equal(attempts.take(i % 2 ? "Ada" : "ada", "10.0.0.1"), 0);
  assert.equal(attempts.take("ada", "10.0.0.1"), 20_000);
  assert.equal(attempts.take("bob", "10.0.0.1"), 0);
  assert.equal(attempts.take("ada", "10.0.0.2"), 0, "who tries elsewhere keeps nobody out");
  await clock.advance(20_000);
  assert.equal(attempts.take("ada", "10.0.0.1"), 0);
  assert.ok(attempts.take("ada", "10.0.0.1") > 0);
});

Deno.test("Attempts lets fifty for one account through, from wherever they come, and then one in 4 s", async () => {
  const clock = new FakeClock();
  const attempts = new Attempts(clock);
  for (let i = 0; i < 50; i++) assert.equal(attempts.take("ada", `10.0.0.${i}`), 0);
  assert.equal(attempts.take("ada", "10.0.1.1"), 4000);
  assert.equal(attempts.take("bob", "10.0.1.1"), 0);
  await clock.advance(4000);
  assert.equal(attempts.take("ada", "10.0.1.1"), 0);
});

Deno.test("Attempts lets twenty from one address through, whatever accounts they are for", () => {
  const attempts = new Attempts(new FakeClock());
  for (let i = 0; i < 20; i++) assert.equal(attempts.take(`user${i}`, "10.0.0.1"), 0);
  assert.equal(attempts.take("another", "10.0.0.1"), 5000);
  assert.equal(attempts.take("another", "10.0.0.2"), 0);
});

Deno.test("Attempts takes a network of 64 bits for one address", () => {
  const attempts = new Attempts(new FakeClock());
  for (let i = 0; i < 20; i++) assert.equal(attempts.take(`user${i}`, `2001:db8:0:1::${i.toString(16)}`), 0);
  assert.ok(attempts.take("another", "2001:db8:0:1:ffff::1") > 0);
  assert.equal(attempts.take("another", "2001:db8:0:2::1"), 0);
});

Deno.test("Attempts forgets failures of an account that succeeds", () => {
  const attempts = new Attempts(new FakeClock());
  for (let i = 0; i < 100; i++) {
    assert.equal(attempts.take("ada", "10.0.0.1"), 0);
    attempts.succeeded("ada", "10.0.0.1");
  }
});
