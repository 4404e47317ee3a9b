import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { Secret } from "../lib/secret.ts";
import { Sessions } from "./sessions.ts";
import { Users } from "./users.ts";

const PASSWORD = new Secret("a long pass phrase");

async function stand() {
  const home = await tempHome();
  const users = new Users(home.path);
  const user = await users.add({ name: "ada", role: "operator", password: PASSWORD }, 1);
  const clock = new FakeClock();
  const sessions = new Sessions({ users, clock, hours: () => 1 });
  return { users, user, clock, sessions, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

Deno.test("Sessions knows a cookie until its hours are over", async () => {
  await using it = await stand();
  const { cookie } = it.sessions.begin(it.user);
  await it.clock.advance(3_599_000);
  assert.equal(it.sessions.find(cookie)?.role, "operator");
  await it.clock.advance(1000);
  assert.equal(it.sessions.find(cookie), undefined);
});

Deno.test("Sessions ends those of a user with a new password, a new role, or no more", async () => {
  await using it = await stand();
  const before = it.sessions.begin(it.user).cookie;
  const user = await it.users.change("ada", { password: new Secret("another pass phrase") });
  assert.equal(it.sessions.find(before), undefined);
  const { cookie } = it.sessions.begin(user);
  await it.users.change("ada", { role: "viewer" });
  assert.equal(it.sessions.find(cookie), undefined);
  const last = it.sessions.begin(it.users.find("ada")!).cookie;
  it.users.remove("ada");
  assert.equal(it.sessions.find(last), undefined);
});

Deno.test("Sessions refuses forged cookies, and the token of another session", async () => {
  await using it = await stand();
  const [one, other] = [it.sessions.begin(it.user), it.sessions.begin(it.user)];
  const [id] = one.cookie.split(".");
  for (const forged of ["", ".", `${id}.`, `${id}.${other.cookie.split(".")[1]}`, `${one.cookie}x`, "ä.ä"]) {
    assert.equal(it.sessions.find(forged), undefined, forged);
  }
  assert.equal(it.sessions.isToken(one.session, other.session.csrf), false);
  assert.equal(it.sessions.isToken(one.session, one.session.csrf), true);
});

Deno.test("Sessions holds 20 of a user: the oldest makes way", async () => {
  await using it = await stand();
  const cookies = Array.from({ length: 21 }, () => it.sessions.begin(it.user).cookie);
  assert.equal(it.sessions.find(cookies[0]!), undefined);
  assert.ok(it.sessions.find(cookies[1]!));
  assert.equal(it.sessions.size, 20);
});

Deno.test("Sessions tells those that go on by names that let nobody in, and ends one by such a name", async () => {
  await using it = await stand();
  const first = it.sessions.begin(it.user, "10.0.0.1");
  await it.clock.advance(60_000);
  const second = it.sessions.begin(it.user, "10.0.0.2");
  await it.clock.advance(1000);
  it.sessions.find(first.cookie);
  const all = it.sessions.all();
  assert.deepEqual(all.map(({ from, ageMs, idleMs }) => [from, ageMs, idleMs]), [
    ["10.0.0.2", 1000, 1000],
    ["10.0.0.1", 61_000, 0],
  ]);
  for (const { key } of all) {
    assert.ok(!first.cookie.includes(key) && !second.cookie.includes(key));
    assert.equal(it.sessions.find(key), undefined);
  }
  it.sessions.endByKey(it.sessions.keyOf(first.session.id));
  assert.equal(it.sessions.find(first.cookie), undefined);
  assert.deepEqual(it.sessions.all().map(({ from }) => from), ["10.0.0.2"]);
});
