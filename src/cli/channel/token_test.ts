import assert from "node:assert/strict";
import { announce, findPost } from "./token.ts";

async function emptyHome() {
  const path = await Deno.makeTempDir({ prefix: "token_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("cli.token and its directory are for their owner alone, and gone when the connector has stopped", async () => {
  await using home = await emptyHome();
  const file = `${home.path}/run/cli.token`;
  await Deno.mkdir(`${home.path}/run`, { mode: 0o777 });
  await Deno.chmod(`${home.path}/run`, 0o777);
  {
    using _post = announce(home.path, 4711);
    assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    assert.equal((Deno.statSync(`${home.path}/run`).mode ?? 0) & 0o777, 0o700);
  }
  assert.deepEqual([...Deno.readDirSync(`${home.path}/run`)], []);
});

Deno.test("Each start has a token of its own, of 32 random bytes", async () => {
  await using home = await emptyHome();
  const tokens = [1, 2].map((port) => {
    using post = announce(home.path, port);
    return post.token.reveal();
  });
  assert.deepEqual(tokens.map((token) => Uint8Array.fromBase64(token, { alphabet: "base64url" }).length), [32, 32]);
  assert.notEqual(tokens[0], tokens[1]);
});

Deno.test("A command finds the post of a connector that runs, and only that", async () => {
  await using home = await emptyHome();
  assert.equal(findPost(home.path), undefined);
  let left = "";
  {
    using post = announce(home.path, 4711);
    const found = findPost(home.path);
    assert.deepEqual([found?.port, found?.token.reveal()], [4711, post.token.reveal()]);
    left = await Deno.readTextFile(`${home.path}/run/cli.token`);
  }
  assert.equal(findPost(home.path), undefined);
  await Deno.writeTextFile(`${home.path}/run/cli.token`, left);
  assert.equal(findPost(home.path), undefined, "a kill left the file: nobody holds it");
});

Deno.test("A command that looks at the very moment of the start does not keep the connector from its lock", async () => {
  await using home = await emptyHome();
  await Deno.mkdir(`${home.path}/run`);
  await Deno.writeTextFile(`${home.path}/run/cli.token`, "{}");
  using looking = await Deno.open(`${home.path}/run/cli.token`);
  assert.ok(looking.tryLockSync(false));
  using _post = announce(home.path, 4711);
  assert.equal(findPost(home.path)?.port, 4711);
});

Deno.test("No link is followed to the token", async () => {
  await using home = await emptyHome();
  await using other = await emptyHome();
  await Deno.symlink(other.path, `${home.path}/run`);
  assert.throws(() => announce(home.path, 4711), /\/run is a symbolic link/);
  assert.throws(() => findPost(home.path), /\/run is a symbolic link/);
  assert.deepEqual([...Deno.readDirSync(other.path)], []);
});
