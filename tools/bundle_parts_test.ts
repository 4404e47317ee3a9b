import assert from "node:assert/strict";
import { checkParts, type Metafile } from "./bundle_parts.ts";

/** A bundle of `main.ts`, which imports a shared chunk and, late, an adapter; packages as given. */
function bundleWith(packages: { main?: string[]; shared?: string[]; mqtt?: string[] }): Metafile {
  const inputs = (names: string[] = []) =>
    Object.fromEntries(names.map((name) => [`node_modules/.deno/${name}@1.0.0/node_modules/${name}/index.js`, {}]));
  return {
    outputs: {
      "main.mjs": {
        entryPoint: "main.ts",
        inputs: { "main.ts": {}, ...inputs(packages.main) },
        imports: [{ path: "chunk.mjs", kind: "import-statement" }, { path: "mod.mjs", kind: "dynamic-import" }],
      },
      "chunk.mjs": { inputs: inputs(packages.shared), imports: [{ path: "node:fs", kind: "import-statement" }] },
      "mod.mjs": { entryPoint: "src/sources/mqtt/mod.ts", inputs: inputs(packages.mqtt), imports: [] },
    },
  };
}

Deno.test("checkParts() lets an adapter load its own package, and the start load common ones", () => {
  checkParts(bundleWith({ main: ["yaml"], shared: ["zod", "debug"], mqtt: ["mqtt", "mqtt-packet", "debug"] }));
});

const REFUSED = [
  { name: "the start loading mqtt", packages: { main: ["mqtt"] }, says: /^main\.ts would load mqtt/ },
  {
    name: "a shared chunk with it",
    packages: { shared: ["@grpc/grpc-js"] },
    says: /^main\.ts would load @grpc\/grpc-js/,
  },
  {
    name: "an adapter with another's",
    packages: { mqtt: ["node-opcua-client"] },
    says: /mqtt\/mod\.ts would load node-opcua/,
  },
] as const;

for (const { name, packages, says } of REFUSED) {
  Deno.test(`checkParts() refuses ${name}`, () => {
    const lists = Object.fromEntries(Object.entries(packages).map(([part, names]) => [part, [...names]]));
    assert.throws(() => checkParts(bundleWith(lists)), { message: says });
  });
}
