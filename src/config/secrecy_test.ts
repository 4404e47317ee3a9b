import assert from "node:assert/strict";
import { findingsOf, loadText } from "../../tests/fakes/config_file.ts";
import { effectiveYaml } from "./mod.ts";
import { hidePassword } from "./secrecy.ts";

const CANARY = "c4n4ry-S3cr3t";

/** Each holds the canary in the place of a secret, and is wrong somewhere. */
const BROKEN: readonly (readonly [name: string, yaml: string])[] = [
  ["beside an error", `zerobus: { auth: { client_secret: ${CANARY} } }`],
  ["under a misspelt key", `zerobus: { auth: { client_secrte: ${CANARY} } }`],
  ["in a block where a text belongs", `zerobus: { auth: { client_secret: { value: ${CANARY} } } }`],
  ["in a list where a text belongs", `zerobus: { auth: { client_secret: [${CANARY}] } }`],
  ["in a block that belongs to another protocol", mqtt("modbus", CANARY)],
  ["in a source that lacks something", mqtt("mqtt", CANARY)],
  ["behind an alias sign", `zerobus:\n  auth:\n    client_secret: *${CANARY}\n`],
  ["behind a tag sign", `zerobus:\n  auth:\n    client_secret: !${CANARY}\n`],
  ["behind a percent sign", `zerobus:\n  auth:\n    client_secret: %${CANARY}\n`],
  ["with a quote that is not closed", `zerobus:\n  auth:\n    client_secret: "${CANARY}\n`],
  ["with a colon and a space in it", `zerobus:\n  auth:\n    client_secret: a: ${CANARY}\n`],
  ["with a bracket in it", `zerobus: { auth: { client_secret: ]${CANARY} } }`],
  ["in an address that cannot be read", `zerobus: { workspace_host: "https://u:${CANARY} x@h" }`],
  ["that another key repeats", `zerobus: { workspace_host: "h ${CANARY}", auth: { client_secret: ${CANARY} } }`],
  ["in a default of a reference that is refused", 'zerobus: { auth: { client_secret: "${SECRET:-' + CANARY + '}" } }'],
  ["in a proxy's address", `security: { network: { proxy: { https_proxy: "http://u:${CANARY}@p", enabled: maybe } } }`],
  ["in a proxy's address without a scheme", proxy(`u:${CANARY}@p:3128`)],
  ["in a proxy's address with a space", proxy(`http://u:a ${CANARY}@p:3128`)],
  ["in a proxy's address with a line feed", proxy(`http://u:a\\n${CANARY}@p:3128`)],
  ["in a proxy's address with a lone percent sign", proxy(`http://u:%zz${CANARY}@p:3128`)],
  ["in a proxy's address of another scheme", proxy(`socks5://u:${CANARY}@p:3128`)],
  ["in a proxy's address without a host", proxy(`http://u:${CANARY}@`)],
];

function proxy(url: string): string {
  return `local_sink: { enabled: true }\nsecurity: { network: { proxy: { https_proxy: "${url}" } } }\n`;
}

function mqtt(block: string, password: string): string {
  return `local_sink: { enabled: true }\nsources:\n  - { name: a, protocol: mqtt, ${block}: { password: ${password} } }\n`;
}

for (const [name, yaml] of BROKEN) {
  Deno.test(`loadConfig() tells no secret ${name}`, async () => {
    const findings = await findingsOf(yaml);
    assert.notDeepEqual(findings.filter(({ severity }) => severity === "error"), []);
    assert.doesNotMatch(JSON.stringify(findings), new RegExp(CANARY));
  });
}

const GOOD = `local_sink: { enabled: true }
security: { network: { proxy: { enabled: true, https_proxy: "http://user:${CANARY}@proxy:3128" } } }
sources:
  - name: a
    protocol: mqtt
    endpoint: mqtts://h
    mqtt: { username: u, password: "\${MQTT_PASSWORD}", topics: [{ topic: t }] }
  - name: b
    protocol: opcua
    endpoint: opc.tcp://h:4840
    opcua: { username: u, password: ${CANARY}, nodes: [{ node_id: i=1 }] }
`;

Deno.test("effectiveYaml() shows every key with its value, and *** for secrets", async () => {
  const { config, sources } = await loadText(GOOD, { env: { MQTT_PASSWORD: CANARY } });
  const shown = effectiveYaml(config);
  assert.match(shown, /password: "\*\*\*"/);
  assert.match(shown, /max_wait_seconds: 1/);
  assert.match(shown, /https_proxy: http:\/\/\*\*\*@proxy:3128/);
  for (
    const text of [
      shown,
      JSON.stringify(config),
      JSON.stringify({ config, sources }),
      Deno.inspect(sources, { depth: 10 }),
    ]
  ) {
    assert.doesNotMatch(text, new RegExp(CANARY));
  }
});

Deno.test("effectiveYaml() is a configuration itself, but for its secrets", async () => {
  const shown = effectiveYaml((await loadText("gui: { port: 8081 }")).config);
  assert.equal(effectiveYaml((await loadText(shown)).config), shown);
});

for (const [name, text] of [["beginnings", "a.".repeat(200_000)], ["addresses", "x://".repeat(100_000)]] as const) {
  Deno.test(`hidePassword() takes no long time over ${name} without end`, () => {
    const startedMs = performance.now();
    assert.equal(hidePassword(`${text} x`), `${text} x`);
    assert.match(hidePassword(`${text}://u:p@h`), /:\/\/\*\*\*@h$/);
    assert.ok(performance.now() - startedMs < 2000);
  });
}
