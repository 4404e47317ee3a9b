/** Secrets are planted wherever a configuration may hold one, and looked for in everything that leaves a connector. */
import assert from "node:assert/strict";
import { eventually } from "../wait.ts";
import { outcomeOf } from "../fakes/terminal.ts";
import { PASSWORD, type RunningApi, startApi } from "./running_api.ts";

const CANARY = "c4n4ry";
const INPUT = { input: "a passphrase of some length\n" };
/** The file that they are planted in, and the key that the source names. */
const PLANTED = ["config/connector.yaml", "certs/planted.key"];
/** Nothing listens at port 1: errors tell of the way there. */
const YAML = `version: 1
local_sink: { enabled: true }
zerobus: { enabled: false, auth: { client_secret: ${CANARY}-client } }
security: { network: { proxy: { https_proxy: "http://user:${CANARY}-proxy@127.0.0.1:1" } } }
sources:
  - name: broker
    protocol: mqtt
    endpoint: "mqtts://127.0.0.1:1"
    mqtt:
      username: u
      password: ${CANARY}-mqtt
      tls: { client_cert_path: certs/planted.key, client_key_path: certs/planted.key }
      topics: [{ topic: a }]
  - name: press
    protocol: opcua
    endpoint: "opc.tcp://127.0.0.1:1"
    opcua: { username: u, password: ${CANARY}-opcua, nodes: [{ node_id: "ns=1;s=a" }] }
`;
const KEY = `-----BEGIN PRIVATE KEY-----\n${CANARY}0key\n-----END PRIVATE KEY-----\n`;
const CHANGED = `${CANARY}-changed`;
const DEAD = { smtp_host: "127.0.0.1", smtp_port: 1, from: "a@b.example", to: ["b@b.example"] };
/** These come through the API, so that they are in the state, its history and the audit. */
const MONITORING = {
  tracing: {
    enabled: true,
    otlp: { endpoint: "http://127.0.0.1:1", headers: [{ name: "x-key", value: `${CANARY}-header` }] },
  },
  logging: { level: "DEBUG" },
  alerts: {
    destinations: [
      { type: "email", enabled: true, ...DEAD, username: "u", password: `${CANARY}-mail` },
      { type: "webhook", enabled: true, url: `http://127.0.0.1:1/${CANARY}-hook`, secret: `${CANARY}-sign` },
    ],
  },
};
/** Of everybody that a test makes. */
const NEEDLES = [CANARY, PASSWORD, btoa(`u:${CANARY}`).slice(0, 9), btoa(`user:${CANARY}`).slice(0, 12)];

Deno.test("No secret of a configuration is in logs, answers, metrics, files, the bundle or the process in clear", async () => {
  await using api = await startApi({ yaml: YAML, files: { "certs/planted.key": KEY } });
  const { connector } = api;
  const token = await api.token("ada", "administrator");
  const needles = [...NEEDLES, token];
  const ask = asking(api, token);
  await eventually(
    "both sources have failed",
    () =>
      ["broker", "press"].every((name) =>
        connector.log.some(({ source, code }) => source === name && code !== undefined)
      ),
  );
  assert.match(await ask("PUT", "/api/config", { monitoring: MONITORING }), /"restarting"/);
  await eventually("it holds", async () => /"level":"DEBUG"/.test(await ask("GET", "/api/config").catch(() => "")));
  assert.match(await ask("PUT", "/api/sources/broker", { mqtt: { password: CHANGED } }), /"state"/);
  for (const body of [{ mqtt: { password: [CHANGED] } }, { mqtt: { pasword: CHANGED } }, CHANGED]) {
    assertNone("an error", await ask("PUT", "/api/sources/broker", body), needles);
  }
  for (const name of ["broker", "press"]) {
    const answer = await ask("POST", `/api/sources/${name}/test`, {});
    assert.match(answer, /^200/, answer);
    assertNone("a test", answer, needles);
  }

  const document = JSON.parse((await ask("GET", "/api/openapi.json")).split("\n")[1] ?? "");
  const paths = Object.entries(document.paths as Record<string, object>);
  const looked = paths.filter(([path, methods]) => "get" in methods && path !== "/api/events").map(([path]) =>
    path.replace("{name}", "broker").replaceAll(/\{\w+\}/g, "1")
  );
  let told = 0;
  for (const path of [...looked, "/health"]) {
    const answer = await ask("GET", path);
    assertNone(path, answer, needles);
    if (answer.startsWith("200")) told++;
  }
  assert.ok(told > 25, `${told} routes told something`);
  assertNone("metrics", await ask("GET", "/metrics"), needles);
  assertNone("the log", JSON.stringify(connector.log), needles);
  assertNone("the process", `${await proc(connector.pid, "environ")} ${await proc(connector.pid, "cmdline")}`, needles);
  await bundle(connector.home, needles);
  assertNoneInFiles(connector.home, needles);
  assert.equal(await connector.stop(), 0);
  assertNoneInFiles(connector.home, needles);
});

function asking({ base, metrics }: RunningApi, token: string) {
  return async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${path === "/metrics" ? metrics : base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "if-match": "*" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return `${response.status}\n${await response.text()}\n${JSON.stringify([...response.headers])}`;
  };
}

async function proc(pid: number, what: string): Promise<string> {
  return await Deno.readTextFile(`/proc/${pid}/${what}`);
}

/** Makes one beside the connector, and opens it in its home, where all files are looked through. */
async function bundle(home: string, needles: readonly string[]): Promise<void> {
  for (const more of [[], ["--open"]]) {
    const words = ["support-bundle", "export/it.bundle", ...more, "--passphrase-stdin", "--home", home];
    const { code, out, err } = await outcomeOf(words, INPUT);
    assert.equal(code, 0, err);
    assertNone("the command", out + err, needles);
  }
  const opened = (name: string) => JSON.parse(Deno.readTextFileSync(`${home}/export/it.bundle.opened/${name}`));
  assert.deepEqual(opened("manifest.json").missing, {}, "the connector's permissions let all of it through");
  assert.ok(opened("host.json").disk_free_bytes > 0);
}

function assertNoneInFiles(folder: string, needles: readonly string[], under = ""): void {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(`${folder}/${under}`)) {
    const path = `${under}${name}`;
    if (isDirectory) assertNoneInFiles(folder, needles, `${path}/`);
    if (!isFile || PLANTED.includes(path)) continue;
    assertNone(path, new TextDecoder("latin1").decode(Deno.readFileSync(`${folder}/${path}`)), needles);
  }
}

function assertNone(where: string, text: string, needles: readonly string[]): void {
  for (const needle of needles) {
    const at = text.indexOf(needle);
    assert.equal(at, -1, `${where} shows ${needle}: …${text.slice(Math.max(0, at - 80), at + 40)}…`);
  }
}
