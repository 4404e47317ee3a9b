import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { ConfigFileError } from "./finding.ts";
import { composeState } from "./compose.ts";
import { refuseKeptSecrets, refuseYamlSecretsLed } from "./kept_secrets.ts";
import type { StatePatch } from "./merge.ts";
import { STATE_FILE } from "./state_file.ts";

const YAML = `version: 1
zerobus:
  enabled: true
  workspace_host: https://one.cloud.databricks.com
  zerobus_endpoint: https://1.zerobus.eu.cloud.databricks.com
  auth: { client_id: c, client_secret: s }
sources:
  - name: hall
    protocol: mqtt
    endpoint: mqtts://127.0.0.1:8883
    mqtt: { username: anna, password: from-yaml, topics: [{ topic: a }] }
`;
const MOVED = { name: "hall", endpoint: "mqtts://127.0.0.2:8883" };
const OTHER_HOST = { zerobus: { workspace_host: "https://two.cloud.databricks.com" } };
const PASSWORD = "sources[0].mqtt.password";
const CLIENT_SECRET = "zerobus.auth.client_secret";

const load = (state: StatePatch) =>
  loadText(YAML, { files: { [`/home/${STATE_FILE}`]: JSON.stringify({ version: 1, ...state }) } });

/** The paths that a change is refused for. */
async function refusedOf(change: StatePatch, state: StatePatch = {}): Promise<string[]> {
  const before = await load(state);
  const after = await load(composeState(state, change, before.made.document));
  const error: unknown = await refuseKeptSecrets(change, { before, after, yamlAlone: () => load({}) })
    .catch((error) => error);
  if (error === undefined) return [];
  assert.ok(error instanceof ConfigFileError, String(error));
  for (const { message } of error.findings) assert.match(message, /^must be entered again: /);
  return error.findings.map(({ path }) => path);
}

const own = { sources: [{ ...MOVED, mqtt: { password: "entered" } }] };
const LAX = { security: { certificates: { validation: { verify_hostname: false } } } };
const PROXY = { enabled: true, https_proxy: "http://10.0.0.9:3128" };
const entered = { sources: [{ name: "hall", mqtt: { password: "n" } }] };
const MAIL_PASSWORD = "monitoring.alerts.destinations[0].password";
const mailBy = (smtp_host: string, password: string) => ({
  monitoring: {
    alerts: { destinations: [{ type: "email", smtp_host, password, from: "a@example.com", to: ["b@example.com"] }] },
  },
});
const HEADER = "monitoring.tracing.otlp.headers[0].value";
const tracesTo = (host: string, value: string) => ({
  monitoring: { tracing: { otlp: { endpoint: `https://${host}`, headers: [{ name: "authorization", value }] } } },
});
const hidden = { sources: [{ name: "hall", deleted: true }] };

for (
  const [what, change, state, paths] of [
    ["another endpoint", { sources: [MOVED] }, {}, [PASSWORD]],
    ["another endpoint and ***", { sources: [{ ...MOVED, mqtt: { password: "***" } }] }, {}, [PASSWORD]],
    ["a further endpoint", { sources: [{ name: "hall", endpoints: ["mqtts://127.0.0.3:1"] }] }, {}, [PASSWORD]],
    ["no verification", { sources: [{ name: "hall", mqtt: { tls: { verify_mode: "CERT_NONE" } } }] }, {}, [PASSWORD]],
    ["another endpoint for the state's own", { sources: [{ name: "hall", endpoint: "mqtts://127.0.0.4:1" }] }, own, [
      PASSWORD,
    ]],
    ["the YAML's password at the state's endpoint", { sources: [{ name: "hall", mqtt: { password: null } }] }, own, [
      PASSWORD,
    ]],
    ["the YAML's block at the state's endpoint", { sources: [{ name: "hall", mqtt: null }] }, own, [PASSWORD]],
    ["another endpoint for a hidden source", { sources: [MOVED] }, hidden, [PASSWORD]],
    ["the YAML's own endpoint again", { sources: [{ name: "hall", endpoint: null }] }, { sources: [MOVED] }, []],
    ["another workspace", OTHER_HOST, {}, [CLIENT_SECRET]],
    ["another token endpoint", { zerobus: { auth: { token_endpoint: "https://x.example/t" } } }, {}, [CLIENT_SECRET]],
    ["another authority", { security: { ca_bundle_path: "certs/x.pem" } }, {}, [PASSWORD, CLIENT_SECRET]],
    ["laxer checks of names", LAX, {}, [PASSWORD, CLIENT_SECRET]],
    ["laxer checks and one of the two entered", { ...LAX, ...entered }, {}, [CLIENT_SECRET]],
    ["another mail server", mailBy("smtp.example.net", "***"), mailBy("smtp.example.com", "kept"), [MAIL_PASSWORD]],
    ["another collector of traces", tracesTo("b.example", "***"), tracesTo("a.example", "kept"), [HEADER]],
    ["a proxy", { security: { network: { proxy: PROXY } } }, {}, [CLIENT_SECRET]],
    ["another authority for a source that was moved before", { security: { ca_bundle_path: "certs/x.pem" } }, {
      sources: [MOVED],
    }, [PASSWORD, CLIENT_SECRET]],
    ["a source that was moved before, and is enabled", { sources: [{ name: "hall", enabled: true }] }, {
      sources: [{ ...MOVED, enabled: false }],
    }, [PASSWORD]],
  ] as const
) {
  Deno.test(`refuseKeptSecrets() wants secrets entered again: ${what}`, async () => {
    assert.deepEqual(await refusedOf(change, state), paths);
  });
}

for (
  const [what, change, state] of [
    ["they are entered", own, {}],
    ["the workspace's is entered", { zerobus: { ...OTHER_HOST.zerobus, auth: { client_secret: "n" } } }, {}],
    ["all goes the same way", { sources: [{ name: "hall", endpoints: [], mqtt: { keepalive_seconds: 30 } }] }, {}],
    ["the same endpoint is said again", { sources: [{ name: "hall", endpoint: "mqtts://127.0.0.1:8883" }] }, {}],
    ["the state's own stays at the state's endpoint", { sources: [{ name: "hall", enabled: false }] }, own],
    ["a hidden source comes back as it was", { sources: [{ name: "hall", enabled: true }] }, hidden],
    ["the source goes", hidden, {}],
    ["another key of security is changed", { security: { certificates: { auto_rotation: false } } }, {}],
    ["another key of security is changed, and a source and the workspace were moved before", {
      security: { certificates: { auto_rotation: false } },
    }, { sources: [MOVED], ...OTHER_HOST }],
    ["traces go the same way", tracesTo("a.example", "***"), tracesTo("a.example", "kept")],
    ["mail goes the same way", mailBy("smtp.example.com", "***"), mailBy("smtp.example.com", "kept")],
    ["mail goes another way and it is entered", mailBy("smtp.example.net", "n"), mailBy("smtp.example.com", "kept")],
    ["it is about something else", { gui: { port: 81 } }, own],
  ] as const
) {
  Deno.test(`refuseKeptSecrets() lets secrets be where ${what}`, async () => {
    assert.deepEqual(await refusedOf(change, state), []);
  });
}

for (
  const [what, from, to, paths] of [
    ["a source's address", {}, { sources: [MOVED] }, [PASSWORD]],
    ["a source that is hidden now", hidden, { sources: [MOVED] }, [PASSWORD]],
    ["another workspace", {}, OTHER_HOST, [CLIENT_SECRET]],
    ["a proxy", {}, { security: { network: { proxy: PROXY } } }, [CLIENT_SECRET]],
    ["an address with a password of its own", {}, own, []],
    ["the YAML's own address", { sources: [MOVED] }, {}, []],
    [
      "something else, while the address stays as it is",
      { sources: [MOVED] },
      { sources: [MOVED], gui: { port: 81 } },
      [],
    ],
  ] as const
) {
  Deno.test(`refuseYamlSecretsLed() ${paths.length > 0 ? "refuses" : "allows"} to go back to ${what}`, async () => {
    const [before, after] = [await load(from), await load(to)];
    const error: unknown = await refuseYamlSecretsLed({ before, after, yamlAlone: () => load({}) })
      .catch((error) => error);
    assert.deepEqual(error instanceof ConfigFileError ? error.findings.map(({ path }) => path) : error ?? [], paths);
  });
}
