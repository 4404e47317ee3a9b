import assert from "node:assert/strict";
import { homeWith } from "../../tests/fakes/terminal.ts";
import { linkFree, makeDirectory, replaceFile } from "./home_file.ts";

Deno.test("linkFree() refuses a link at the end of a path and on the way, dangling ones too, and names it", async () => {
  await using home = await homeWith("");
  await Deno.symlink("/etc/hostname", `${home.path}/file`);
  await Deno.symlink("/etc", `${home.path}/folder`);
  await Deno.symlink("/nonexistent", `${home.path}/config/dangling`);
  for (
    const [path, link] of [["file", "file"], ["folder/hostname", "folder"], ["config//./dangling", "config/dangling"]]
  ) {
    assert.throws(
      () => linkFree(home.path, `${home.path}/${path}`),
      ({ code, message }) => code === "link_in_home" && message.startsWith(`${home.path}/${link} is a symbolic link`),
      path,
    );
  }
});

Deno.test("linkFree() gives back a path without links, one to nothing, and one outside of the home", async () => {
  await using home = await homeWith("");
  await using other = await homeWith("");
  await Deno.symlink("/etc/hostname", `${other.path}/secret`);
  for (const path of [`${home.path}/config/connector.yaml`, `${home.path}/a/b`, `${other.path}/secret`]) {
    assert.equal(linkFree(home.path, path), path);
  }
});

Deno.test("replaceFile() writes over no file that a link in its place leads to, and leaves nothing beside it", async () => {
  await using home = await homeWith("");
  await using other = await homeWith("");
  const [path, victim] = [`${home.path}/identity.json`, `${other.path}/config/connector.yaml`];
  await Deno.symlink(victim, `${path}.new`);
  replaceFile(home.path, path, "one");
  await Deno.writeTextFile(`${path}.new`, "left over", { mode: 0o644 });
  replaceFile(home.path, path, "two");
  assert.equal(await Deno.readTextFile(path), "two");
  assert.equal((await Deno.lstat(path)).mode! & 0o777, 0o600);
  assert.equal(await Deno.readTextFile(victim), "");
  assert.deepEqual(Array.from(Deno.readDirSync(home.path), ({ name }) => name).sort(), ["config", "identity.json"]);
});

Deno.test("makeDirectory() makes directories for their owner alone, and none through a link", async () => {
  await using home = await homeWith("");
  await using other = await homeWith("");
  makeDirectory(home.path, `${home.path}/state/columns`);
  for (const made of ["state", "state/columns"]) {
    assert.equal((await Deno.lstat(`${home.path}/${made}`)).mode! & 0o777, 0o700);
  }
  await Deno.symlink(other.path, `${home.path}/data`);
  assert.throws(() => makeDirectory(home.path, `${home.path}/data/x`), { code: "link_in_home" });
});
