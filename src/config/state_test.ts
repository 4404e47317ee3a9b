import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { ConfigFileError, findingLine } from "./finding.ts";
import { configSchema } from "./schema.ts";
import { needsSealing, sealState, withoutKept } from "./sealed_state.ts";
import { isSealed, SecretBox } from "./secret_box.ts";
import { SECRETS_KEY_FILE } from "./secrets_key.ts";
import { STATE_FILE } from "./state_file.ts";
import { mqttSettingsOf } from "../../tests/fakes/mqtt_settings.ts";

const KEY = new Uint8Array(32).fill(7);
const box = new SecretBox(KEY);
const YAML = `
version: 1
local_sink: { enabled: true }
sources:
  - name: hall
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:1883
    mqtt: { username: anna, password: from-yaml, topics: [{ topic: a }] }
`;
const subject = { schema: configSchema, document: { sources: [{ name: "hall", protocol: "mqtt" }] } };

interface LoadOptions {
  readonly key?: boolean;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
}

/** Loads the YAML with a state over it. */
function load(state: unknown, { key = true, env = {}, files: more = {} }: LoadOptions = {}) {
  const text = typeof state === "string" ? state : JSON.stringify(state, null, 2);
  const keyText = btoa(String.fromCharCode(...KEY));
  const files = { ...more, [`/home/${STATE_FILE}`]: text, ...(key ? { [`/home/${SECRETS_KEY_FILE}`]: keyText } : {}) };
  return loadText(YAML, { env, files });
}

async function refusalOf(state: unknown, options?: Parameters<typeof load>[1]): Promise<string> {
  const error = await load(state, options).then(() => assert.fail("it loads"), (error) => error);
  assert.ok(error instanceof ConfigFileError, String(error));
  return error.findings.map((finding) => findingLine("c.yaml", finding)).join("\n");
}

Deno.test("loadConfig() puts the state over the YAML, and knows where each value comes from", async () => {
  const { config, made } = await load({ version: 1, gui: { port: 81 }, sources: [{ name: "hall", enabled: false }] });
  assert.equal(config.gui.port, 81);
  assert.equal(config.sources[0]?.enabled, false);
  assert.equal(made.origins["gui.port"], "state");
  assert.equal(made.origins["sources[0].enabled"], "state");
  assert.equal(made.origins["sources[0].endpoint"], "yaml");
  assert.equal(made.origins["gui.bind"], undefined);
});

for (
  const [yaml, state, isReadOnly] of [
    ["true", false, true],
    ["true", null, true],
    ["${IOT_FIXED:-true}", false, true],
    ["false", true, true],
    ["false", false, false],
  ] as const
) {
  Deno.test(`loadConfig() takes gui.read_only ${yaml} of the YAML and ${state} of the state for ${isReadOnly}`, async () => {
    const text = JSON.stringify({ version: 1, gui: { port: 81, read_only: state } });
    const files = { [`/home/${STATE_FILE}`]: text };
    const { config: { gui } } = await loadText(
      `${YAML}gui: { read_only: "${yaml}" }\n`.replaceAll(/"(true|false)"/g, "$1"),
      { files },
    );
    assert.deepEqual([gui.read_only, gui.port], [isReadOnly, 81]);
  });
}

Deno.test("loadConfig() says that a wrong value stands in the state, and where", async () => {
  const lines = await refusalOf({ version: 1, sources: [{ name: "hall", mqtt: { keepalive_seconds: -1 } }] });
  assert.match(lines, /^config\/connector_state\.json:7:9 sources\[0\]\.mqtt\.keepalive_seconds: must be/);
});

Deno.test("loadConfig() says that a wrong value stands in the YAML although a state lies over it", async () => {
  const wrong = YAML.replace("anna", "[]");
  const files = { [`/home/${STATE_FILE}`]: '{"version":1,"gui":{"port":81}}' };
  const error = await loadText(wrong, { files }).catch((error) => error);
  assert.match(findingLine("c.yaml", error.findings[0]), /^c\.yaml:8:13 sources\[0\]\.mqtt\.username/);
});

for (
  const [what, text, says] of [
    [
      "was cut short",
      '{"version":1,"gui":{"po',
      /is damaged: it is no JSON; restore it from a backup, or move it away/,
    ],
    ["is empty", "", /is damaged/],
    ["is a list", "[]", /is damaged: it must be a JSON object/],
    ["a newer version wrote", '{"version":2}', /:1:2 version: was written by a newer connector: use that version/],
    ["has a source without a name", '{"sources":[{}]}', /each of the sources must be an object with a name/],
    ["has a source twice", '{"sources":[{"name":"a"},{"name":"a"}]}', /sources has a twice/],
  ] as const
) {
  Deno.test(`loadConfig() refuses a state that ${what}, and says what to do`, async () => {
    const lines = await refusalOf(text);
    assert.match(lines, /^config\/connector_state\.json:/);
    assert.match(lines, says);
  });
}

Deno.test("loadConfig() does not quote a damaged state", async () => {
  assert.doesNotMatch(await refusalOf('{"x": hunter2}'), /hunter2/);
});

Deno.test("loadConfig() opens sealed secrets", async () => {
  const state = { version: 1, sources: [{ name: "hall", mqtt: { password: box.seal("of the state") } }] };
  const { config } = await load(state);
  assert.equal(mqttSettingsOf(config).password?.reveal(), "of the state");
});

Deno.test("loadConfig() says which secret cannot be opened without its key", async () => {
  const state = { version: 1, sources: [{ name: "hall", mqtt: { password: box.seal("x") } }] };
  const lines = await refusalOf(state, { key: false });
  assert.match(lines, /connector_state\.json:7:9 sources\[0\]\.mqtt\.password: is a secret that cannot be opened/);
  assert.match(lines, /restore certs\/secrets\.key from a backup, or enter this secret again/);
});

Deno.test("loadConfig() follows references of the state in secrets only", async () => {
  const mqtt = { username: "${IOT_USER}", password: "${IOT_PASSWORD}" };
  const { config } = await load({ version: 1, sources: [{ name: "hall", mqtt }] }, { env: { IOT_PASSWORD: "secret" } });
  assert.equal(mqttSettingsOf(config).username, "${IOT_USER}");
  assert.equal(mqttSettingsOf(config).password?.reveal(), "secret");
});

const ZEROBUS = { enabled: false, auth: { client_secret: "${MQTT_PASSWORD}" } };
const ENV = { MQTT_PASSWORD: "m", IOT_PASSWORD: "i", DATABRICKS_TOKEN: "d", OPCUA_PASSWORD: "o" };

for (
  const secret of ["${DATABRICKS_TOKEN}", "${OPCUA_PASSWORD}", "a${DATABRICKS_TOKEN:-x}", "${IOT_PASSWORD}${HOSTNAME}"]
) {
  for (const password of [secret, box.seal(secret)]) {
    Deno.test(`loadConfig() lets no source have ${secret} from the state${password === secret ? "" : ", sealed"}`, async () => {
      const lines = await refusalOf({ version: 1, sources: [{ name: "hall", mqtt: { password } }] }, { env: ENV });
      assert.match(
        lines,
        /connector_state\.json:7:9 sources\[0\]\.mqtt\.password: refers to (DATABRICKS_TOKEN|OPCUA_PASSWORD|HOSTNAME): /,
      );
      assert.match(lines, /may refer to names that begin with MQTT_ or IOT_ alone/);
    });
  }
}

for (
  const path of [
    "/run/secrets/databricks_secret",
    "/run/secrets/mqttx",
    "/run/secrets//mqtt_a",
    "/run/credentials/mqtt_a",
  ]
) {
  Deno.test(`loadConfig() lets no source have the file ${path} from the state`, async () => {
    const password = box.seal(`\${file:${path}}`);
    const lines = await refusalOf({ version: 1, sources: [{ name: "hall", mqtt: { password } }] }, {
      files: { [path]: "theirs" },
    });
    assert.ok(lines.includes(`sources[0].mqtt.password: refers to the file ${path}: `), lines);
    assert.match(lines, /whose names begin with mqtt_ or iot_ alone; write others into the YAML/);
  });
}

for (
  const path of ["/run/secrets/mqtt_hall", "/run/secrets/IOT-a", "/run/secrets/mqtt/a", "/run/credentials/u/mqtt.a"]
) {
  Deno.test(`loadConfig() lets a source have the file ${path} from the state`, async () => {
    const state = { version: 1, sources: [{ name: "hall", mqtt: { password: `\${file:${path}}` } }] };
    const { config } = await load(state, { files: { [path]: "ours\n" } });
    assert.equal(mqttSettingsOf(config).password?.reveal(), "ours");
  });
}

Deno.test("loadConfig() lets the workspace have DATABRICKS_ from the state, and no source's names", async () => {
  assert.match(await refusalOf({ version: 1, zerobus: ZEROBUS }, { env: ENV }), /begin with DATABRICKS_ or IOT_ alone/);
  await load({ version: 1, zerobus: { enabled: false, auth: { client_secret: "${DATABRICKS_TOKEN}" } } }, { env: ENV });
});

Deno.test("loadConfig() lets a source have its protocol's names from the state, and $${ for the characters", async () => {
  const passwordOf = async (password: string) =>
    mqttSettingsOf((await load({ version: 1, sources: [{ name: "hall", mqtt: { password } }] }, { env: ENV })).config)
      .password?.reveal();
  assert.equal(await passwordOf("${MQTT_PASSWORD}"), "m");
  assert.equal(await passwordOf("$${DATABRICKS_TOKEN}"), "${DATABRICKS_TOKEN}");
});

Deno.test("loadConfig() gives another tag with every change of YAML or state", async () => {
  const tags = await Promise.all([{}, { gui: { port: 1 } }, { gui: { port: 2 } }].map((state) => load(state)));
  const other = await loadText(`${YAML}# edited\n`);
  assert.equal(new Set([...tags, other].map(({ made }) => made.tag)).size, 4);
});

Deno.test("sealState() leaves no secret in clear, and nothing else sealed", () => {
  const state = { sources: [{ name: "hall", mqtt: { username: "anna", password: "hunter2" } }] };
  assert.ok(needsSealing(state, subject));
  const sealed = sealState(state, subject, box) as typeof state;
  const mqtt = sealed.sources[0]?.mqtt;
  assert.equal(mqtt?.username, "anna");
  assert.match(mqtt?.password ?? "", /^enc:v1:[0-9a-f]{8}:[A-Za-z0-9+/=]+$/);
  assert.equal(box.open(mqtt?.password ?? ""), "hunter2");
  assert.ok(!needsSealing(sealed, subject));
});

Deno.test("sealState() knows the secrets of a source that only the state has", () => {
  const state = { sources: [{ name: "new", protocol: "mqtt", mqtt: { password: "hunter2" } }] };
  const sealed = sealState(state, subject, box) as typeof state;
  assert.ok(isSealed(sealed.sources[0]?.mqtt.password ?? ""));
});

Deno.test("sealState() keeps references, but none that holds a secret itself", () => {
  const secretOf = (password: string) => sealState({ sources: [{ name: "hall", mqtt: { password } }] }, subject, box);
  assert.deepEqual(secretOf("${MQTT_PASSWORD}"), {
    sources: [{ name: "hall", mqtt: { password: "${MQTT_PASSWORD}" } }],
  });
  assert.doesNotMatch(JSON.stringify(secretOf("${X:-hunter2}")), /hunter2/);
});

Deno.test("withoutKept() takes out secrets that stay as they are", () => {
  const document = { sources: [{ name: "other" }, { name: "hall", protocol: "mqtt", mqtt: { password: "x" } }] };
  const change = { sources: [{ name: "hall", mqtt: { username: "***", password: "***" } }] };
  const kept = { sources: [{ name: "hall", mqtt: { username: "***" } }] };
  assert.deepEqual(withoutKept(change, { ...subject, document }), kept);
});

Deno.test("withoutKept() refuses *** where there is no secret that could stay: in a copy of a source", () => {
  const change = { sources: [{ name: "copy", protocol: "mqtt", mqtt: { password: "***" } }] };
  assert.throws(() => withoutKept(change, subject), {
    message: /^config\/connector_state\.json:1:1 sources\[0\]\.mqtt\.password: is \*\*\*, and there is no such secret/,
  });
});

Deno.test("SecretBox seals the same text each time to another, and notices a change", () => {
  assert.notEqual(box.seal("x"), box.seal("x"));
  const sealed = box.seal("hunter2");
  const at = sealed.length - 8;
  const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
  assert.throws(() => box.open(changed));
});

Deno.test("SecretBox says that a secret was sealed with another key", () => {
  const other = new SecretBox(new Uint8Array(32));
  assert.throws(() => box.open(other.seal("x")), /sealed with the key [0-9a-f]{8}, and the key here is/);
});
