import assert from "node:assert/strict";
import { LIBC_PATHS } from "../src/sources/modbus/serial/libc.ts";
import { type Edition, METADATA_ADDRESSES, permissionFlags } from "./permissions.ts";

/** Runs `code` with the list for `home`, in `home`, and resolves with what it prints. */
async function runWithin(home: string, code: string, edition: Edition = { isSerial: false }): Promise<string> {
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(script, code);
    const args = ["run", "--no-config", ...permissionFlags(home, edition), script];
    const env = { IOT_SITE: "a plant", PLANT_PASSWORD: "hidden" };
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: home, env }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(script);
  }
}

/** Prints what each of the expressions gives, or the name of its error. */
function probe(expressions: readonly string[]): string {
  const tries = expressions.map((each) =>
    `try { console.log(String(await (${each}))) } catch (e) { console.log(e.name) }`
  );
  return tries.join("\n");
}

const CASES: readonly { what: string; expression: string; prints: string }[] = [
  { what: "read in the home", expression: `Deno.readTextFile("inside.txt")`, prints: "inside" },
  { what: "read outside", expression: `Deno.readTextFile("/etc/passwd")`, prints: "NotCapable" },
  { what: "read by a way out of the home", expression: `Deno.readTextFile("../../etc/passwd")`, prints: "NotCapable" },
  { what: "write in the home", expression: `Deno.writeTextFile("new.txt", "")`, prints: "undefined" },
  { what: "write outside", expression: `Deno.writeTextFile("../new.txt", "")`, prints: "NotCapable" },
  { what: "write a secret mount", expression: `Deno.writeTextFile("/run/secrets/x", "")`, prints: "NotCapable" },
  { what: "read beside the secret mounts", expression: `Deno.readTextFile("/run/x")`, prints: "NotCapable" },
  { what: "read where systemd listens", expression: `Deno.readTextFile("/run/systemd/notify")`, prints: "NotCapable" },
  { what: "write beside it", expression: `Deno.writeTextFile("/run/systemd/x", "")`, prints: "NotCapable" },
  { what: "start a process", expression: `new Deno.Command("true").output()`, prints: "NotCapable" },
  { what: "load a native library", expression: `Deno.dlopen("libc.so.6", {})`, prints: "NotCapable" },
  {
    what: "fetch code",
    expression: `import("https:" + "//deno.land/x.js").catch((error) => /--no-remote/.test(error.message))`,
    prints: "true",
  },
  { what: "read a listed variable", expression: `Deno.env.get("IOT_SITE")`, prints: "a plant" },
  { what: "see another variable", expression: `Deno.env.get("PLANT_PASSWORD")`, prints: "undefined" },
  ...METADATA_ADDRESSES.map((address) => ({
    what: `ask the metadata service at ${address}`,
    expression: `Deno.connect({ hostname: "${address.replace(/[[\]]/g, "")}", port: 80 })`,
    prints: "NotCapable",
  })),
  { what: "listen", expression: `Deno.listen({ hostname: "127.0.0.1", port: 0 }).addr.transport`, prints: "tcp" },
  { what: "know the host's name", expression: `typeof Deno.hostname()`, prints: "string" },
  { what: "know who is logged in", expression: `Deno.systemMemoryInfo()`, prints: "NotCapable" },
];

Deno.test("the permission list allows what it lists and nothing else", async () => {
  const outer = await Deno.makeTempDir();
  const home = `${outer}/home`;
  try {
    await Deno.mkdir(home);
    await Deno.writeTextFile(`${home}/inside.txt`, "inside");
    const printed = (await runWithin(home, probe(CASES.map(({ expression }) => expression)))).trim().split("\n");
    assert.deepEqual(
      printed.map((line, index) => `${CASES[index]?.what}: ${line}`),
      CASES.map(({ what, prints }) => `${what}: ${prints}`),
    );
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
});

Deno.test("iot-connector-serial may load the C library and nothing else beside", async () => {
  const home = await Deno.makeTempDir();
  try {
    const libc = LIBC_PATHS.find(exists) ?? assert.fail("no C library of this host is listed");
    const loads = [libc, "libm.so.6"].map((path) => `Deno.dlopen(${JSON.stringify(path)}, {}).close()`);
    const others = CASES.filter(({ what }) => what !== "load a native library" && what !== "read in the home");
    const code = probe([...loads, ...others.map(({ expression }) => expression)]);
    const printed = (await runWithin(home, code, { isSerial: true })).trim().split("\n");
    assert.deepEqual(printed, ["undefined", "NotCapable", ...others.map(({ prints }) => prints)]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

for (const home of ["", "a,b"]) {
  Deno.test(`permissionFlags() refuses the home directory ${JSON.stringify(home)}`, () => {
    assert.throws(() => permissionFlags(home), /home directory/);
  });
}
