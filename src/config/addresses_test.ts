/** Addresses that are secrets, as a whole or in part. */
import assert from "node:assert/strict";
import { errorLines, loadText } from "../../tests/fakes/config_file.ts";
import { fullDiffOf } from "./diff.ts";
import { effectiveYaml, shownConfig } from "./describe.ts";
import { configSchema } from "./schema.ts";
import { needsSealing, sealState } from "./sealed_state.ts";
import { SecretBox } from "./secret_box.ts";
import { SECRETS_KEY_FILE } from "./secrets_key.ts";
import { STATE_FILE } from "./state_file.ts";

const KEY = new Uint8Array(32).fill(7);
const box = new SecretBox(KEY);
const subject = { schema: configSchema, document: {} };
const told = (url: string, enabled = true) =>
  `version: 1
local_sink: { enabled: true }
monitoring: { alerts: { destinations: [{ type: webhook, enabled: ${enabled}, url: "${url}" }] } }
`;
const HOOK = "https://hooks.example.com/services/T1/B2/hunter2";

Deno.test("The address of a webhook is shown nowhere, and sealed in the state", async () => {
  const [{ config }, other] = [await loadText(told(HOOK)), await loadText(told(`${HOOK}3`))];
  const texts = [
    JSON.stringify(shownConfig(config)),
    JSON.stringify(config),
    effectiveYaml(config),
    fullDiffOf(config, other.config),
  ];
  for (const text of texts) assert.doesNotMatch(text, /hooks|hunter2/);
  const state = { monitoring: { alerts: { destinations: [{ type: "webhook", url: HOOK }] } } };
  assert.ok(needsSealing(state, subject));
  assert.doesNotMatch(JSON.stringify(sealState(state, subject, box)), /hunter2/);
});

Deno.test("The address of a webhook is one of HTTP, or is told of with a store", async () => {
  const [line = ""] = await errorLines(told("ftp://hooks.example.com/hunter2"));
  assert.match(line, /destinations\[0\]\.url: must be an http or https address/);
  assert.doesNotMatch(line, /hunter2/);
  assert.deepEqual(await errorLines(told("https://a.example/x")), []);
});

Deno.test("The password of a proxy is sealed in the state, and opened for who goes through it", async () => {
  const proxy = (https_proxy: string) => ({ security: { network: { proxy: { enabled: true, https_proxy } } } });
  const sealed = sealState(proxy("http://u:pr0xy${x}@10.0.0.1:3128"), subject, box);
  assert.doesNotMatch(JSON.stringify(sealed), /pr0xy/);
  assert.ok(!needsSealing(sealed, subject));
  const { config } = await loadText("version: 1\nlocal_sink: { enabled: true }\n", {
    files: {
      [`/home/${STATE_FILE}`]: JSON.stringify({ version: 1, ...sealed }),
      [`/home/${SECRETS_KEY_FILE}`]: KEY.toBase64(),
    },
  });
  assert.equal(config.security.network.proxy.https_proxy, "http://u:pr0xy${x}@10.0.0.1:3128");
  assert.equal(needsSealing(proxy("http://10.0.0.1:3128"), subject), false);
});
