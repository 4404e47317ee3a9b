import assert from "node:assert/strict";
import { runningHome } from "../../tests/fakes/running_home.ts";
import { homeWith, outcomeOf, type RunOptions } from "../../tests/fakes/terminal.ts";
import { Secret } from "../lib/secret.ts";
import { Users } from "../security/mod.ts";

const YAML = "version: 1\nlocal_sink: { enabled: true }\n";
const PASSWORD = "a long pass phrase";

Deno.test("user add makes a user with the password on standard input", async () => {
  await using home = await homeWith(YAML);
  const run = (words: string[], options: RunOptions = {}) => outcomeOf([...words, "--home", home.path], options);
  const added = await run(["user", "add", "ada", "--role", "administrator", "--password-stdin"], {
    input: `${PASSWORD}\n`,
  });
  assert.deepEqual([added.code, added.out], [0, "ada may log in as administrator.\n"], added.err);
  assert.equal((await new Users(home.path).verified("ada", new Secret(PASSWORD)))?.role, "administrator");
  assert.equal((await run(["user", "list"])).out.trim().replace(/ +/, " "), "ada administrator");
  const again = await run(["user", "add", "ADA", "--role", "viewer"]);
  assert.deepEqual([again.code, again.err], [1, "There is a user ADA already\n"]);
  assert.match((await run(["user", "remove", "ada"])).err, /last administrator/);
});

Deno.test("user add and passwd make a password where none is given, and tell it once", async () => {
  await using home = await homeWith(YAML);
  const run = (...words: string[]) => outcomeOf([...words, "--home", home.path]);
  const made = /password (\S+)\.\n/.exec((await run("user", "add", "bob", "--role", "viewer")).out)?.[1] ?? "";
  assert.ok(await new Users(home.path).verified("bob", new Secret(made)));
  const other = /password: (\S+)\.\n/.exec((await run("user", "passwd", "bob")).out)?.[1] ?? "";
  assert.notEqual(other, made);
  assert.ok(await new Users(home.path).verified("bob", new Secret(other)));
  const audit = Deno.readTextFileSync(
    [...Deno.readDirSync(`${home.path}/audit`)].map(({ name }) => `${home.path}/audit/${name}`).find((path) =>
      path.endsWith(".jsonl")
    )!,
  );
  assert.ok(!audit.includes(made) && !audit.includes(other));
  assert.equal(audit.match(/command line/g)?.length, 2);
});

Deno.test("user add says which roles there are", async () => {
  await using home = await homeWith(YAML);
  const { code, err } = await outcomeOf(["user", "add", "bob", "--role", "root", "--home", home.path]);
  assert.deepEqual([code, err], [64, "Say --role viewer|operator|administrator.\n"]);
});

Deno.test("user works beside a connector that runs, whose log tells of it without the password", async () => {
  await using home = await runningHome();
  const words = ["user", "add", "ada", "--role", "operator", "--password-stdin"];
  const { code, out } = await home.run(words, { input: PASSWORD });
  assert.deepEqual([code, out], [0, "ada may log in as operator.\n"]);
  assert.deepEqual([home.told, home.details], [[["user add", 0]], [{ user: "ada" }]]);
  assert.ok(new Users(home.home).find("ada"));
});
