import assert from "node:assert/strict";
import { homeWith } from "../tests/fakes/terminal.ts";
import { startCommand, startEnvironment } from "./start.ts";

const NOT_WATCHED = { isWatched: false };

const WRONG: readonly { name: string; words: readonly string[]; says: RegExp }[] = [
  { name: "no home", words: ["run"], says: /--home DIR/ },
  { name: "a home without a value", words: ["--home"], says: /--home DIR/ },
  {
    name: "a home that does not exist",
    words: ["--home", "/nonexistent/home"],
    says: /\/nonexistent\/home does not exist/,
  },
  { name: "a home that is a file", words: [`--home=${import.meta.filename}`], says: /is not a directory/ },
];

for (const { name, words, says } of WRONG) {
  Deno.test(`startCommand() refuses ${name}`, () => {
    assert.throws(() => startCommand(words, NOT_WATCHED), { name: "TypeError", message: says });
  });
}

Deno.test("startCommand() grants the real path of the home and tells the program the same", async () => {
  const outer = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${outer}/home`);
    await Deno.symlink(`${outer}/home`, `${outer}/link`);
    for (const given of [["--home", `${outer}/link`], [`--home=${outer}/link`]]) {
      const args = startCommand(["check", ...given, "--json"], NOT_WATCHED);
      assert.deepEqual(args.slice(-4), ["check", "--json", "--home", `${outer}/home`]);
      assert.ok(args.some((each) => each.startsWith(`--allow-write=${outer}/home,`)), args.join(" "));
    }
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
});

Deno.test("startEnvironment() hands over what a configuration may name and what Deno needs, and nothing else", () => {
  const given = { IOT_SITE: "a", MQTT_PASSWORD: "b", HOSTNAME: "h", PATH: "/bin", HOME: "/root", DENO_DIR: "/d" };
  const foreign = {
    HTTPS_PROXY: "http://p",
    SSLKEYLOGFILE: "/k",
    NODE_OPTIONS: "x",
    DENO_CERT: "c",
    IOT: "",
    XIOT_A: "",
  };
  assert.deepEqual(startEnvironment({ ...given, ...foreign }), { ...given, DENO_NO_UPDATE_CHECK: "1" });
});

Deno.test("the launcher hands over no variable that the runtime would obey", async () => {
  await using home = await homeWith("version: 1\nlocal_sink: { enabled: true }\n");
  const args = ["run", "-A", new URL("start.ts", import.meta.url).pathname, "check", "--home", home.path];
  const env = { SSLKEYLOGFILE: `${home.path}/keys`, NO_COLOR: "1" };
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [
    0,
    "config/connector.yaml is valid: 0 of 0 sources enabled.\n",
  ]);
});

Deno.test("the launcher says in one line what is wrong, and ends with 64", async () => {
  const args = ["run", "-A", new URL("start.ts", import.meta.url).pathname, "--home", "/nonexistent/home"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
  assert.equal(code, 64);
  assert.match(new TextDecoder().decode(stderr), /^The home directory \/nonexistent\/home does not exist\.[^\n]*\n$/);
});
