/** What a release is made of: the same bytes each time, sums and signatures that the usual programs verify. */
import assert from "node:assert/strict";
import { packRelease, stageRelease } from "../../tools/release_archive.ts";
import { releaseTexts } from "../../tools/release.ts";
import { publicKeyOf, signatureOf, signingKey } from "../../tools/release_signature.ts";
import { RELEASED_S } from "../../tools/release_times.ts";
import { compile } from "../../tools/compile.ts";

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "release_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function outcome(command: string, args: string[], cwd: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("The same program, compiled twice in different places, is the same executable", async () => {
  await using dir = await temporary();
  for (const name of ["one", "two"]) {
    await Deno.mkdir(`${dir.path}/${name}/pages`, { recursive: true });
    await Deno.writeTextFile(`${dir.path}/${name}/main.mjs`, `console.log("hello");\n`);
    await Deno.writeTextFile(`${dir.path}/${name}/pages/page.js`, "1;\n");
    const output = `${dir.path}/${name}/program`; // its name is in it
    await compile({ dir: `${dir.path}/${name}`, parts: ["pages"], output, target: undefined, isSerial: false });
  }
  assert.equal((await outcome("cmp", ["one/program", "two/program"], dir.path)).code, 0);
});

Deno.test("An archive of the same files is the same, and sha256sum finds what was changed in it", async () => {
  await using dir = await temporary();
  await Deno.writeTextFile(`${dir.path}/iot-connector`, "#!/bin/sh\n");
  const stage = `${dir.path}/iot-connector-1.2.3-linux-x86_64`;
  const make = async () => {
    await stageRelease({ dir: stage, executables: [`${dir.path}/iot-connector`], texts: { "LICENCES.txt": "all\n" } });
    return await Deno.readFile(await packRelease(stage));
  };
  assert.deepEqual(await make(), await make());
  const list = (await outcome("tar", ["--utc", "--full-time", "-tvzf", `${stage}.tar.gz`], dir.path)).text.trim().split(
    "\n",
  );
  const released = new Date(RELEASED_S * 1000).toISOString().slice(0, 10);
  assert.deepEqual(list.filter((line) => !line.includes(` 0/0 `) || !line.includes(` ${released} 00:00:00 `)), []);
  assert.equal((await outcome("sha256sum", ["--check", "--strict", "SHA256SUMS"], stage)).code, 0);
  await Deno.writeTextFile(`${stage}/install.sh`, "\n", { append: true });
  assert.match((await outcome("sha256sum", ["--check", "SHA256SUMS"], stage)).text, /install\.sh: FAILED/);
});

Deno.test("openssl verifies the signature over the sums with the public key, and no other text", async () => {
  await using dir = await temporary();
  const made = await outcome("openssl", ["genpkey", "-algorithm", "ed25519", "-out", "release.key"], dir.path);
  assert.equal(made.code, 0, made.text);
  const key = signingKey(await Deno.readTextFile(`${dir.path}/release.key`));
  const sums = new TextEncoder().encode("00  iot-connector\n");
  await Deno.writeTextFile(`${dir.path}/release.pub`, publicKeyOf(key));
  await Deno.writeFile(`${dir.path}/SHA256SUMS`, sums);
  await Deno.writeFile(`${dir.path}/SHA256SUMS.sig`, signatureOf(sums, key));
  // As docs/deployment.md has it.
  const words = "pkeyutl -verify -pubin -inkey release.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig".split(" ");
  assert.match((await outcome("openssl", words, dir.path)).text, /Signature Verified Successfully/);
  await Deno.writeTextFile(`${dir.path}/SHA256SUMS`, "11  iot-connector\n");
  assert.equal((await outcome("openssl", words, dir.path)).code, 1);
});

Deno.test("The list of licences and the bill of materials name what is shipped, and no tool of the tests", async () => {
  const texts = await releaseTexts();
  const list = texts["LICENCES.txt"] ?? "";
  for (const shipped of ["mqtt", "node-opcua-client", "@grpc/grpc-js", "preact", "uplot", "zod"]) {
    assert.match(list, new RegExp(`^${shipped} \\S+: \\S`, "m"));
  }
  for (const other of ["aedes", "fast-check", "playwright-core", "esbuild", "modbus-serial", "node-opcua-server"]) {
    assert.doesNotMatch(list, new RegExp(`^${other} `, "m"));
  }
  const { components } = JSON.parse(texts["sbom.cdx.json"] ?? "");
  const nameless = components.filter((each: Record<string, unknown>) => each.scope === "required" && !each.licenses);
  assert.deepEqual(nameless, []);
});
