import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { ConfigFileError, loadConfig, type LoadedConfig } from "../config/mod.ts";
import { ConfigService } from "./config_service.ts";

const yamlWith = (more: string) =>
  `version: 1
local_sink: { enabled: true }
sources:
  - name: hall
    protocol: mqtt
    endpoint: mqtts://127.0.0.1:8883
    mqtt: { ${more}topics: [{ topic: a }] }
`;

/** Over a home in which every change works at once. */
async function bench() {
  const home = await tempHome();
  const path = `${home.path}/config/connector.yaml`;
  await Deno.mkdir(`${home.path}/config`);
  const write = (yaml: string) => Deno.writeTextFile(path, yaml);
  await write(yamlWith(""));
  const files = {
    home: home.path,
    env: () => undefined,
    readTextFile: (path: string) => Deno.readTextFile(path),
  };
  const engine = {
    loaded: await loadConfig(files),
    change: (next: LoadedConfig) => {
      engine.loaded = next;
      return Promise.resolve();
    },
  };
  const service = new ConfigService({ ...files, clock: new FakeClock(), engine, log: () => new FakeLogger() });
  return { service, engine, write, home: home.path, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

Deno.test("Going back leads no secret to an old address that was written into the YAML since", async () => {
  await using it = await bench();
  const who = { author: "anna" };
  const to = (endpoint: string | null) => it.service.apply({ sources: [{ name: "hall", endpoint }] }, who);
  await to("mqtts://127.0.0.9:8883");
  const { id = "" } = await to(null);
  await it.write(yamlWith("username: anna, password: from-yaml, "));
  await it.service.reload(who);
  for (const going of [() => it.service.rollbackPlan(id), () => it.service.rollback(id, who)]) {
    await assert.rejects(going, (error) => {
      assert.ok(error instanceof ConfigFileError);
      assert.match(error.message, /sources\[0\]\.mqtt\.password.*stands in the YAML, and would go to another place/);
      return true;
    });
  }
  assert.equal(it.service.loaded.sources[0]?.config.endpoint, "mqtts://127.0.0.1:8883");
});

Deno.test("A change seals what a version before kept in the clear", async () => {
  await using it = await bench();
  const who = { author: "anna" };
  const https_proxy = "http://u:pr0xy@10.0.0.1:3128";
  const { loaded } = it.engine;
  const state = { security: { network: { proxy: { enabled: true, https_proxy } } } };
  it.engine.loaded = { ...loaded, made: { ...loaded.made, state } };
  await it.service.apply({ sources: [{ name: "hall", endpoint: "mqtts://127.0.0.9:8883" }] }, who);
  assert.doesNotMatch(await Deno.readTextFile(`${it.home}/config/connector_state.json`), /pr0xy/);
  assert.equal(it.service.loaded.config.security.network.proxy.https_proxy, https_proxy);
});
