import assert from "node:assert/strict";
import { type Import, readImports } from "./import_graph.ts";
import { importFaults } from "./import_rules.ts";

const root = new URL("../", import.meta.url);

Deno.test("every import of the project is on the map", async () => {
  const imports = await readImports(root, ["src", "routes", "islands", "tools", "tests"]);
  assert.ok(imports.length > 500, `only ${imports.length} imports were found`);
  assert.deepEqual(importFaults(imports), []);
});

Deno.test("readImports() finds each kind of import, and none in strings and comments", async () => {
  const dir = await Deno.makeTempDir();
  const home = new URL(`file://${await Deno.realPath(dir)}/`);
  const files = {
    "deno.json": `{ "imports": { "zod": "npm:zod@4.6.7" } }`,
    "src/a.ts": `import "./b.ts";\nimport type { C } from "./c.ts";\nexport * from "./d.ts";
export const late = () => import("./e.ts");\nimport { z } from "zod";\nimport "node:os";
// import "./f.ts";\nexport const text = 'import "./f.ts"';\nexport type X = C | typeof z;\n`,
    ...Object.fromEntries(["b", "c", "d", "e", "f"].map((name) => [`src/${name}.ts`, "export type C = 1;\n"])),
  };
  try {
    await Deno.mkdir(new URL("src", home));
    for (const [path, text] of Object.entries(files)) await Deno.writeTextFile(new URL(path, home), text);
    const found = (await readImports(home, ["src", "missing"])).filter(({ from }) => from === "src/a.ts");
    const shown = found.map(({ line, to, isDynamic }) =>
      `${line} ${to.kind === "file" ? to.path : to.name}${isDynamic ? " late" : ""}`
    );
    assert.deepEqual(shown.sort(), ["1 src/b.ts", "2 src/c.ts", "3 src/d.ts", "4 src/e.ts late", "5 zod"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** `a → b`, `a → package:b`; a trailing `?` makes it dynamic. */
function arrows(...words: readonly string[]): Import[] {
  return words.map((word, index) => {
    const [from = "", to = ""] = word.replace(/\?$/, "").split(" → ");
    const name = to.match(/^package:(.*)$/)?.[1];
    const target = name === undefined ? { kind: "file", path: to } as const : { kind: "package", name } as const;
    return { from, line: index + 1, to: target, isDynamic: word.endsWith("?") };
  });
}

const ALLOWED = [
  "main.ts → src/cli/mod.ts",
  "src/app/targets.ts → src/sinks/zerobus/spec.ts",
  "src/config/schema.ts → src/sources/mod.ts",
  "src/config/schema.ts → src/sinks/local/spec.ts",
  "src/sources/mqtt/spec.ts → src/sources/mqtt/mod.ts?",
  "src/sources/mod.ts → src/sources/mqtt/spec.ts",
  "src/lib/version.ts → deno.json",
  "src/lib/backoff_test.ts → tests/fakes/clock.ts",
  "tests/integration/mqtt_test.ts → src/sources/mqtt/mod.ts",
  "tools/run_tests.ts → tests/peers/provision.ts",
  "src/sources/mqtt/session.ts → package:mqtt",
  "src/sources/opcua/session.ts → package:node-opcua-client",
  "tests/peers/opcua_server.ts → package:node-opcua-server",
  "src/telemetry/metrics.ts → package:prom-client",
] as const;

const REFUSED: readonly (readonly [arrow: string, says: RegExp])[] = [
  [
    "main.ts → src/app.ts",
    /^main\.ts:1: imports src\/app\.ts, and main\.ts → src\/app\.ts is not on the map; main\.ts may import src\/cli$/,
  ],
  ["src/core/source.ts → src/config/mod.ts", /src\/core → src\/config .*may import src\/lib$/],
  ["src/lib/sleep.ts → src/core/mod.ts", /may import deno\.json/],
  ["src/sources/mqtt/spec.ts → src/sources/modbus/mbap.ts", /src\/sources\/mqtt → src\/sources\/modbus/],
  ["src/sources/mqtt/spec.ts → src/sources/modbus/mbap.ts?", /src\/sources\/mqtt → src\/sources\/modbus/],
  ["src/sources/mod.ts → src/sources/mqtt/session.ts", /src\/sources\/mod\.ts → src\/sources\/mqtt/],
  ["src/config/schema.ts → src/sources/mqtt/session.ts", /src\/config → src\/sources\/mqtt/],
  ["src/sinks/local/sink.ts → src/sinks/zerobus/sink.ts", /src\/sinks\/local → src\/sinks\/zerobus/],
  ["islands/chart.tsx → src/service/status.ts", /islands → src\/service/],
  ["src/lib/sleep.ts → tests/wait.ts", /nothing imports tests/],
  ["src/lib/sleep.ts → src/lib/sleep_test.ts", /nothing imports tests/],
  ["tests/wait.ts → src/lib/sleep_test.ts", /nothing imports a test/],
  ["scripts/x.ts → src/lib/sleep.ts", /no place/],
  ["src/sources/modbus/mbap.ts → package:mqtt", /the package mqtt, which only src\/sources\/mqtt may/],
  ["src/core/schema.ts → package:node-opcua-debug", /only src\/sources\/opcua may/],
  ["src/lib/sleep.ts → package:left-pad", /left-pad, which has no folder yet/],
];

for (const arrow of ALLOWED) {
  Deno.test(`importFaults() allows ${arrow}`, () => assert.deepEqual(importFaults(arrows(arrow)), []));
}

for (const [arrow, says] of REFUSED) {
  Deno.test(`importFaults() refuses ${arrow}`, () => {
    const faults = importFaults(arrows(arrow));
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? "", says);
  });
}

Deno.test("importFaults() finds a ring of three files, and none that an import() breaks", () => {
  const [one, two] = ["src/lib/a.ts → src/lib/b.ts", "src/lib/b.ts → src/lib/c.ts"];
  assert.deepEqual(importFaults(arrows(one!, two!, "src/lib/c.ts → src/lib/a.ts")), [
    "src/lib/a.ts: imports itself: src/lib/a.ts → src/lib/b.ts → src/lib/c.ts → src/lib/a.ts",
  ]);
  assert.deepEqual(importFaults(arrows(one!, two!, "src/lib/c.ts → src/lib/a.ts?")), []);
});
