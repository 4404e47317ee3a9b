import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { effectiveYaml } from "./describe.ts";
import { ConfigFileError } from "./finding.ts";
import { importOf } from "./import.ts";
import { loadConfig, type LoadedConfig } from "./load.ts";
import type { StatePatch } from "./merge.ts";

const YAML = `version: 1
local_sink: { enabled: true }
gui: { session_hours: 7 }
sources:
  - name: oven
    protocol: mqtt
    endpoint: mqtts://10.0.0.1:8883
    mqtt: { username: edge, password: "\${MQTT_PASSWORD}", topics: [{ topic: "oven/#" }] }
`;

async function here(state: StatePatch = {}): Promise<LoadedConfig> {
  const readTextFile = () => Promise.reject(new Deno.errors.NotFound());
  const env = (name: string) => name === "MQTT_PASSWORD" ? "sesame" : undefined;
  return await loadConfig({ home: "/home", env, readTextFile, yaml: YAML, state });
}

/** What was exported, with this in place of that. */
async function exported(old: string | RegExp = "", now = ""): Promise<string> {
  return effectiveYaml((await here()).config).replace(old, now);
}

Deno.test("importOf() makes no change of what was exported here", async () => {
  assert.deepEqual(importOf(await exported(), await here()), { patch: {}, secrets: [], stays: [] });
});

Deno.test("importOf() makes a change of what differs, and keeps secrets that nothing is said of", async () => {
  const text = await exported("session_hours: 7", "session_hours: 9");
  assert.deepEqual(importOf(text, await here()), { patch: { gui: { session_hours: 9 } }, secrets: [], stays: [] });
});

Deno.test("importOf() names the secrets of a source that goes elsewhere, and of one that is new", async () => {
  const moved = importOf(await exported("10.0.0.1", "10.0.0.2"), await here());
  assert.deepEqual(moved.patch, { sources: [{ endpoint: "mqtts://10.0.0.2:8883", name: "oven" }] });
  assert.deepEqual(moved.secrets, [{ path: "sources[0].mqtt.password", isKept: true }]);
  const renamed = importOf(await exported("name: oven", "name: kiln"), await here());
  assert.deepEqual(renamed.patch.sources, [(renamed.patch.sources as unknown[])[0], { name: "oven", deleted: true }]);
  assert.deepEqual(renamed.secrets, [{ path: "sources[0].mqtt.password", isKept: false }]);
});

Deno.test("importOf() looks through what values come from once, however many keys a text leaves out", async () => {
  const { made, ...loaded } = await here();
  let looks = 0;
  const origins = new Proxy(made.origins, {
    ownKeys(target) {
      looks++;
      return Reflect.ownKeys(target);
    },
  });
  const { stays } = importOf("version: 1\nsources: []\n", { ...loaded, made: { ...made, origins } });
  assert.deepEqual([looks, stays], [1, ["local_sink", "gui"]]);
});

Deno.test("importOf() asks for no secret that the text tells", async () => {
  const text = (await exported("10.0.0.1", "10.0.0.2")).replace('"***"', "sesame");
  assert.deepEqual(importOf(text, await here()).secrets, []);
});

Deno.test("importOf() takes back what was changed here, and tells what the YAML says all the same", async () => {
  const loaded = await here({ processing: { batch: { max_size: 77 } } });
  const text = `version: 1
local_sink: { enabled: true }
sources:
  - name: oven
    protocol: mqtt
    endpoint: mqtts://10.0.0.1:8883
    mqtt: { username: edge, password: "***", topics: [{ topic: "oven/#" }] }
`;
  const { patch, stays } = importOf(text, loaded);
  assert.deepEqual(patch.processing, null);
  assert.deepEqual(stays, ["gui"]);
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["what is no YAML", "a: [", /no YAML/],
  ["a text", "just a text", /has no key version/],
  ["what is no configuration", "services: { web: {} }", /has no key version/],
  ["a reference in what is no secret", "version: 1\ngui: { bind: '${HOST}' }", /refers to the environment/],
];

for (const [what, text, reason] of REFUSED) {
  Deno.test(`importOf() refuses ${what}`, async () => {
    const loaded = await here();
    assert.throws(
      () => importOf(text, loaded),
      (error) => error instanceof ConfigFileError && reason.test(error.message),
    );
  });
}

Deno.test("importOf() lets a secret refer to the environment, as the YAML may", async () => {
  const loaded = await loadText("version: 1\nlocal_sink: { enabled: true }\n");
  const { patch, secrets } = importOf(YAML, loaded);
  assert.match(JSON.stringify(patch), /\$\{MQTT_PASSWORD\}/);
  assert.deepEqual(secrets, []);
});

for (
  const [what, text, message] of [
    ["entries without a name", "version: 1\nsources:\n  - a\n  - { protocol: mqtt }\n", /sources\[0\].*is no source/],
    ["sources that are no list", "version: 1\nsources: { a: 1 }\n", /sources.*must be a list/],
    ["sources that are null", "version: 1\nsources:\n", /sources.*must be a list/],
  ] as const
) {
  Deno.test(`importOf() refuses ${what}, and takes no source out for them`, async () => {
    const loaded = await here();
    assert.throws(() => importOf(text, loaded), (error) => {
      assert.ok(error instanceof ConfigFileError);
      assert.match(error.message, message);
      return true;
    });
  });
}
