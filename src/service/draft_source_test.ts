import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { ConfigFileError } from "../config/mod.ts";
import { ConfigService } from "./config_service.ts";
import { entryOfDraft, type SourceDraft } from "./draft_source.ts";

const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - name: press
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:4840
    opcua: { username: edge, password: a word, nodes: [{ node_id: i=2258 }] }
`;

async function service() {
  const loaded = await loadText(YAML);
  const home = await tempHome();
  const made = new ConfigService({
    home: home.path,
    env: () => undefined,
    readTextFile: () => Promise.reject(new Deno.errors.NotFound()),
    clock: new FakeClock(),
    engine: { loaded, change: () => Promise.reject(new Error("a draft changes nothing")) },
    log: () => new FakeLogger(),
  });
  return {
    draft: (draft: SourceDraft) => entryOfDraft(draft, made),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

Deno.test("entryOfDraft() makes a source of settings that nobody saved, with nothing to read", async () => {
  await using it = await service();
  const { config, isEnabled } = await it.draft({
    protocol: "opcua",
    endpoint: "opc.tcp://127.0.0.1:4841",
    opcua: { security_policy: "None", nodes: [{ node_id: "nonsense" }] },
  });
  assert.deepEqual([config.name, config.endpoint, isEnabled], ["new_source", "opc.tcp://127.0.0.1:4841", false]);
  assert.deepEqual((config.settings as { nodes: unknown }).nodes, []);
});

Deno.test("entryOfDraft() goes on with the saved secret at the same endpoint, and asks for it at another", async () => {
  await using it = await service();
  const { config } = await it.draft({ name: "press", labels: { line: "4" }, opcua: { password: "***" } });
  const { password, username } = config.settings as { password: { reveal(): string }; username: string };
  assert.deepEqual([password.reveal(), username, config.labels], ["a word", "edge", { line: "4" }]);
  for (const change of [{ endpoint: "opc.tcp://127.0.0.2:4840" }, { opcua: { allow_plain_password: true } }]) {
    await assert.rejects(it.draft({ name: "press", ...change }), (error) => {
      assert.ok(error instanceof ConfigFileError);
      assert.match(error.message, /password.*must be entered again/);
      return true;
    });
  }
  const given = await it.draft({ name: "press", endpoint: "opc.tcp://127.0.0.2:4840", opcua: { password: "new" } });
  assert.equal((given.config.settings as { password: { reveal(): string } }).password.reveal(), "new");
});

Deno.test("entryOfDraft() says what is wrong with a draft, and that there is no such protocol", async () => {
  await using it = await service();
  await assert.rejects(it.draft({ protocol: "opcua", endpoint: "http://127.0.0.1" }), /endpoint/);
  await assert.rejects(it.draft({ protocol: "carrier pigeon" }), /There is no protocol carrier pigeon/);
});
