import assert from "node:assert/strict";
import { type Lock, packagesOf } from "./release_lock.ts";
import { sbomOf } from "./release_sbom.ts";

const integrity = `sha512-${btoa("a hash")}`;
const LOCK: Lock = {
  specifiers: { "npm:mqtt@5.0.0": "5.0.0", "npm:@hono/zod@1.0.0": "1.0.0_hono@4.0.0", "npm:aedes@1.0.0": "1.0.0" },
  npm: {
    "mqtt@5.0.0": { integrity, dependencies: ["debug@4.0.0", "string_decoder"], optionalDependencies: ["native"] },
    "debug@4.0.0": { integrity },
    "debug@3.0.0": { integrity },
    "string_decoder@1.0.0": { integrity },
    "@hono/zod@1.0.0_hono@4.0.0": { integrity, dependencies: ["hono"] },
    "hono@4.0.0": { integrity, dependencies: ["mqtt"] },
    "native@1.0.0": { integrity },
    "aedes@1.0.0": { integrity, dependencies: ["debug@3.0.0"] },
  },
};

Deno.test("packagesOf() ships what the imported packages need, in the version that they need, and nothing else", () => {
  const shipped = packagesOf(LOCK, ["mqtt", "@hono/zod"]).filter(({ isShipped }) => isShipped);
  assert.deepEqual(shipped.map(({ name, version }) => `${name} ${version}`), [
    "mqtt 5.0.0",
    "debug 4.0.0",
    "string_decoder 1.0.0",
    "@hono/zod 1.0.0",
    "hono 4.0.0",
  ]);
});

Deno.test("sbomOf() lists every package with purl, hash and licence, and says which are not shipped", () => {
  const packages = packagesOf(LOCK, ["@hono/zod"]);
  const licences = new Map([["hono@4.0.0", "MIT"], ["mqtt@5.0.0", "(MIT OR Apache-2.0)"], ["debug@4.0.0", "see file"]]);
  const sbom = sbomOf({ version: "1.2.3", denoVersion: "2.9.6", packages, licences, releasedS: 0 });
  const { components, metadata, dependencies, specVersion } = JSON.parse(JSON.stringify(sbom));
  const byName = (name: string) => components.find((each: { name: string }) => each.name === name);
  assert.deepEqual([specVersion, metadata.timestamp, components.length], ["1.6", "1970-01-01T00:00:00.000Z", 9]);
  assert.deepEqual(byName("@hono/zod").purl, "pkg:npm/%40hono/zod@1.0.0");
  assert.deepEqual(byName("hono").licenses, [{ license: { id: "MIT" } }]);
  assert.deepEqual(byName("mqtt").licenses, [{ expression: "MIT OR Apache-2.0" }]);
  assert.deepEqual(byName("debug").licenses, [{ license: { name: "see file" } }]);
  assert.equal(byName("hono").hashes[0].content, new TextEncoder().encode("a hash").toHex());
  assert.deepEqual([byName("hono").scope, byName("aedes").scope, byName("deno").scope], [
    "required",
    "excluded",
    "required",
  ]);
  assert.deepEqual(dependencies.find(({ ref }: { ref: string }) => ref === "hono@4.0.0").dependsOn, ["mqtt@5.0.0"]);
});
