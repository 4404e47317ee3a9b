import assert from "node:assert/strict";
import { filledHome } from "../../tests/fakes/spooled_home.ts";
import { runningHome } from "../../tests/fakes/running_home.ts";
import { homeWith, outcomeOf } from "../../tests/fakes/terminal.ts";

const INPUT = "a passphrase of some length\n";
const BUNDLE = "export/site.bundle";
const CANARY = "c4n4ry";
const SETUP_CODE = "ABCD-EFGH";
const YAML = `version: 1
local_sink: { enabled: true }
zerobus: { enabled: false, auth: { client_secret: ${CANARY}-client } }
security: { network: { proxy: { https_proxy: "http://user:${CANARY}-proxy@proxy:3128" } } }
monitoring:
  tracing: { otlp: { headers: [{ name: authorization, value: "${CANARY} header" }] } }
  alerts:
    destinations:
      - { type: email, smtp_host: mail, password: ${CANARY}-mail, from: a@example.com, to: [b@example.com] }
      - { type: webhook, url: "https://hooks.example.com/${CANARY}-hook", secret: '${CANARY}"sign' }
sources:
  - { name: broker, protocol: mqtt, endpoint: "mqtts://broker", mqtt: { username: u, password: ${CANARY}-mqtt, topics: [{ topic: a }] } }
  - { name: press, enabled: false, protocol: opcua, endpoint: "opc.tcp://press:4840", opcua: { username: u, password: ${CANARY}-opcua } }
`;
const SAID = [`${CANARY}-client`, `${CANARY}-proxy`, `${CANARY} header`, `${CANARY}-mail`, `${CANARY}-hook`];
const LOG = [
  ...[...SAID, `${CANARY}-mqtt`, `${CANARY}-opcua`].map((text) => JSON.stringify({ message: `it said ${text}` })),
  JSON.stringify({ message: `it said ${CANARY}"sign, and https://hooks.example.com/${CANARY}-hook` }),
  JSON.stringify({ message: `setup code: ${SETUP_CODE}`, code: "setup_code" }),
  JSON.stringify({ message: "the last line" }),
].join("\n");

const make = (home: { readonly path: string }, ...words: string[]) =>
  outcomeOf(["support-bundle", ...words, "--home", home.path], { input: INPUT });

async function openedIn(home: { readonly path: string }): Promise<Record<string, string>> {
  const { code, err } = await make(home, BUNDLE, "--open", "--passphrase-stdin");
  assert.deepEqual([code, err], [0, ""]);
  const texts: Record<string, string> = {};
  for (const { name } of Deno.readDirSync(`${home.path}/${BUNDLE}.opened`)) {
    texts[name] = await Deno.readTextFile(`${home.path}/${BUNDLE}.opened/${name}`);
  }
  return texts;
}

Deno.test("support-bundle holds no secret of the configuration in clear, whatever the log said, and no setup code", async () => {
  await using home = await homeWith(YAML);
  await Deno.mkdir(`${home.path}/logs`);
  await Deno.writeTextFile(`${home.path}/logs/connector.log`, LOG);
  const { code, err } = await make(home, BUNDLE, "--passphrase-stdin");
  assert.equal(code, 0, err);
  const sealed = new TextDecoder("latin1").decode(await Deno.readFile(`${home.path}/${BUNDLE}`));
  assert.doesNotMatch(sealed, /local_sink|the last line/);
  const texts = await openedIn(home);
  for (const [name, text] of Object.entries(texts)) {
    for (const secret of [...SAID, CANARY, SETUP_CODE]) assert.ok(!text.includes(secret), `${name}: ${secret}`);
  }
  assert.match(texts["log.txt"] ?? "", /the last line/);
  assert.match(texts["configuration.yaml"] ?? "", /client_secret: "\*\*\*"/);
});

Deno.test("support-bundle says how a spool stands and what could not be had, and takes nothing of the rows", async () => {
  await using home = await filledHome();
  assert.equal((await make(home, BUNDLE, "--passphrase-stdin")).code, 0);
  const texts = await openedIn(home);
  assert.deepEqual(JSON.parse(texts["spool.json"] ?? "").total.rows, 8);
  assert.ok(!Object.values(texts).some((text) => text.includes("no JSON")), "a payload");
  const { missing, files } = JSON.parse(texts["manifest.json"] ?? "");
  assert.deepEqual(Object.keys(missing), ["log.txt"], "there is no log file yet");
  assert.deepEqual(Object.keys(files).sort(), Object.keys(texts).filter((name) => name !== "manifest.json").sort());
  assert.ok(
    JSON.parse(texts["files.json"] ?? "").files.some(({ path, mode }: Record<string, unknown>) =>
      path === "config/connector.yaml" && typeof mode === "string"
    ),
  );
});

Deno.test("support-bundle lists 1,000 files at most, and says that there are more", async () => {
  await using home = await homeWith(YAML);
  await Deno.mkdir(`${home.path}/many`);
  for (let i = 0; i < 1001; i++) Deno.writeTextFileSync(`${home.path}/many/${i}`, "");
  assert.equal((await make(home, BUNDLE, "--passphrase-stdin")).code, 0);
  const { files, is_cut: isCut } = JSON.parse((await openedIn(home))["files.json"] ?? "");
  assert.deepEqual([files.length, isCut], [1000, true]);
});

Deno.test("support-bundle is made by a connector that runs, whose log tells of it", async () => {
  await using home = await runningHome();
  const { code, err } = await home.run(["support-bundle", BUNDLE, "--passphrase-stdin"], { input: INPUT });
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(home.told, [["support-bundle make", 0]]);
  assert.equal(JSON.parse((await openedIn({ path: home.home }))["spool.json"] ?? "").total.rows, 0);
});

Deno.test("support-bundle opens with its passphrase alone, says how to seal, and overwrites nothing", async () => {
  await using home = await homeWith(YAML);
  assert.match((await make(home, BUNDLE)).err, /Say how it is sealed/);
  assert.equal((await make(home, BUNDLE, "--passphrase-stdin")).code, 0);
  assert.match((await make(home, BUNDLE, "--passphrase-stdin")).err, /there is such a file already/);
  const words = ["support-bundle", BUNDLE, "--open", "--passphrase-stdin", "--home", home.path];
  const { code, err } = await outcomeOf(words, { input: "another passphrase\n" });
  assert.equal(code, 1);
  assert.match(err, /The passphrase or key is another/);
  await openedIn(home);
  assert.match((await outcomeOf(words, { input: INPUT })).err, /site\.bundle\.opened is there already/);
});
