import assert from "node:assert/strict";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { ConfigError } from "../core/error.ts";
import { Secret } from "../lib/secret.ts";
import { Users } from "./users.ts";

const PASSWORD = new Secret("a long pass phrase");

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof ConfigError && error.code === expected;
}

Deno.test("Users finds who has the password, whatever the case of the name, and nobody else", async () => {
  await using home = await tempHome();
  const users = new Users(home.path);
  await users.add({ name: "Ada", role: "administrator", password: PASSWORD }, 1);
  assert.equal((await users.verified("ada", PASSWORD))?.name, "Ada");
  assert.equal(await users.verified("ada", new Secret("a long pass phrasE")), undefined);
  assert.equal(await users.verified("bob", PASSWORD), undefined);
});

Deno.test("Users keeps no password in its file, which is for its owner alone", async () => {
  await using home = await tempHome();
  await new Users(home.path).add({ name: "ada", role: "viewer", password: PASSWORD }, 1);
  const path = `${home.path}/certs/users.json`;
  assert.doesNotMatch(Deno.readTextFileSync(path), /pass phrase/);
  assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
});

Deno.test("Users sees what another process has written meanwhile", async () => {
  await using home = await tempHome();
  const [one, other] = [new Users(home.path), new Users(home.path)];
  assert.deepEqual(one.all(), []);
  await other.add({ name: "ada", role: "viewer", password: PASSWORD }, 1);
  assert.equal(one.find("ada")?.role, "viewer");
});

Deno.test("Users takes no damaged file for an empty one", async () => {
  await using home = await tempHome();
  await Deno.mkdir(`${home.path}/certs`);
  await Deno.writeTextFile(`${home.path}/certs/users.json`, '{"version":1,"users":');
  assert.throws(() => new Users(home.path).all(), code("access_file_unreadable"));
});

Deno.test("Users leaves the last administrator", async () => {
  await using home = await tempHome();
  const users = new Users(home.path);
  await users.add({ name: "ada", role: "administrator", password: PASSWORD }, 1);
  await users.add({ name: "bob", role: "operator", password: PASSWORD }, 1);
  assert.throws(() => users.remove("ada"), code("last_administrator"));
  const change = { role: "viewer", password: new Secret("another pass phrase") } as const;
  await assert.rejects(users.change("ada", change), code("last_administrator"));
  assert.ok(await users.verified("ada", PASSWORD), "the password stays too");
  await users.change("bob", { role: "administrator" });
  users.remove("ada");
  assert.deepEqual(users.all().map(({ name }) => name), ["bob"]);
});

Deno.test("Users changes nothing when what is to come before fails", async () => {
  await using home = await tempHome();
  const users = new Users(home.path);
  await users.add({ name: "ada", role: "administrator", password: PASSWORD }, 1);
  await users.add({ name: "bob", role: "viewer", password: PASSWORD }, 1);
  const all = JSON.stringify(users.all());
  const fail = () => {
    throw new Error("the disk is full");
  };
  await assert.rejects(users.add({ name: "cyd", role: "viewer", password: PASSWORD }, 1, fail), /full/);
  await assert.rejects(users.change("bob", { role: "operator", password: new Secret("another one") }, fail), /full/);
  assert.throws(() => users.remove("bob", fail), /full/);
  assert.equal(JSON.stringify(new Users(home.path).all()), all);
});

Deno.test("Users makes one first user, however many ask for it at once", async () => {
  await using home = await tempHome();
  const users = new Users(home.path);
  const first = (name: string) => users.add({ name, role: "administrator", password: PASSWORD, isFirst: true }, 1);
  const results = await Promise.allSettled([first("ada"), first("eve")]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal(users.all().length, 1);
});

for (const password of ["short", "aaaaaaaaaaaa", "x".repeat(300), "bartholomew1"]) {
  Deno.test(`Users refuses the password ${password.slice(0, 20)}`, async () => {
    await using home = await tempHome();
    const added = new Users(home.path).add({ name: "bartholomew", role: "viewer", password: new Secret(password) }, 1);
    await assert.rejects(added, code("password_unfit"));
  });
}
