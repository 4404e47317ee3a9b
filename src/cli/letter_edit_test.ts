import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { editOf } from "./letter_edit.ts";

const loaded = await loadText("version: 1\nlocal_sink: { enabled: true }\n");

async function homeWithFile(name: string, bytes: Uint8Array) {
  const path = await Deno.makeTempDir({ prefix: "edit_" });
  await Deno.writeFile(`${path}/${name}`, bytes);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("editOf() reads columns with whatever is in their values", () => {
  const place = { home: "/home", loaded };
  const { edit } = editOf({ operands: ["1"], flags: { set: ["a=1", "b=x=y\nz", "c="] } }, place) as { edit: unknown };
  assert.deepEqual(edit, { set: { a: "1", b: "x=y\nz", c: "" } });
});

Deno.test("editOf() reads the bytes of a payload from the home directory, and from nowhere else", async () => {
  const payload = new Uint8Array([0, 0xff, 10]);
  await using home = await homeWithFile("p", payload);
  await Deno.symlink("p", `${home.path}/link`);
  const read = (file: string) =>
    editOf({ operands: ["1"], flags: { "payload-file": file } }, { home: home.path, loaded });
  assert.deepEqual(read("p"), { edit: { payload } });
  assert.deepEqual(read(`${home.path}/p`), { edit: { payload } });
  assert.throws(() => read("/etc/hostname"), /it is not in the home directory/);
  assert.throws(() => read("link"), /is a symbolic link/);
  assert.throws(() => read("none"), /^ConfigError: Cannot read the payload \S+\/none: No such file/);
});

Deno.test("editOf() takes no payload that is larger than a message can be", async () => {
  await using home = await homeWithFile("p", new Uint8Array(0));
  await Deno.truncate(`${home.path}/p`, 16 * 1024 * 1024 + 1);
  const flags = { "payload-file": "p" };
  assert.throws(
    () => editOf({ operands: ["1"], flags }, { home: home.path, loaded }),
    /it has 16777217 bytes, and at most 16777216/,
  );
});
