/** What a connector writes of itself: the log file says what standard output says, and nothing anywhere shows a secret. */
import assert from "node:assert/strict";
import { startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { homeWith } from "../fakes/terminal.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";

const CANARIES = {
  MQTT_PASSWORD: "canary-of-the-broker-7291",
  OPCUA_PASSWORD: "canary-of-the-server-5518",
  DATABRICKS_CLIENT_SECRET: "canary-of-the-workspace-3307",
};

function configOf(ports: Readonly<Record<"gui" | "metrics" | "closed", number>>, logging: string): string {
  return `version: 1
zerobus:
  enabled: true
  workspace_host: https://127.0.0.1:${ports.closed}
  zerobus_endpoint: 1234.zerobus.localhost:${ports.closed}
  auth: { client_id: id, client_secret: "\${DATABRICKS_CLIENT_SECRET}" }
gui: { port: ${ports.gui} }
monitoring:
  metrics: { prometheus: { port: ${ports.metrics} } }
  logging: ${logging}
sources:
  - name: broker
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${ports.closed}
    mqtt: { username: u, password: "\${MQTT_PASSWORD}", topics: [{ topic: a }] }
  - name: server
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${ports.closed}
    opcua: { security_policy: None, security_mode: None, allow_plain_password: true, username: u, password: "\${OPCUA_PASSWORD}", nodes: [{ node_id: "i=2258" }] }
`;
}

async function start(logging: string) {
  await using opening = new AsyncDisposableStack();
  const ports = { gui: freePort(), metrics: freePort(), closed: freePort() };
  const home = opening.use(await homeWith(configOf(ports, logging)));
  const lines: string[] = [];
  const loaded = await loadConfig({
    home: home.path,
    env: (name) => new Map(Object.entries(CANARIES)).get(name),
    readTextFile: (path) => Deno.readTextFile(path),
  });
  const write = (line: string) => void lines.push(line);
  const app = opening.use(
    await startApp({ loaded, home: home.path, clock: systemClock, random: Math.random, write }),
  );
  const resources = opening.move();
  return { ports, home: home.path, lines, app, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

Deno.test("The log file has each line of standard output, and neither they nor metrics, health or files show a secret", async () => {
  await using it = await start("{ level: DEBUG }");
  for (const name of ["broker", "server"]) {
    await eventually(`${name} failed`, () => it.lines.some((line) => line.includes(`Source ${name} is not connected`)));
  }
  const file = `${it.home}/logs/connector.log`;
  await eventually("the file has them", () => Deno.readTextFileSync(file).split("\n").length > it.lines.length);
  const text = Deno.readTextFileSync(file);
  assert.deepEqual(text.split("\n").slice(0, it.lines.length), it.lines);
  const answers = await Promise.all(
    [`${it.ports.metrics}/metrics`, `${it.ports.gui}/health`].map(async (place) =>
      await (await fetch(`http://127.0.0.1:${place}`)).text()
    ),
  );
  for (const canary of Object.values(CANARIES)) {
    for (const shown of [text, ...answers]) assert.ok(!shown.includes(canary), canary);
  }
});

Deno.test("output: file leaves standard output empty, output: stdout makes no file", async () => {
  {
    await using it = await start("{ output: file, file_path: logs/deep/plant.log, format: text }");
    const file = `${it.home}/logs/deep/plant.log`;
    await eventually("it is written", () => {
      try {
        return / INFO {2}The connector starts /.test(Deno.readTextFileSync(file));
      } catch {
        return false; // not made yet
      }
    });
    assert.deepEqual(it.lines, []);
  }
  await using it = await start("{ output: stdout }");
  await eventually("it has begun", () => it.lines.some((line) => line.includes("The connector starts")));
  assert.throws(() => Deno.statSync(`${it.home}/logs`), Deno.errors.NotFound);
});

Deno.test("A log file that cannot be written is told of, and holds nothing up", async () => {
  await using home = await homeWith("version: 1\nlocal_sink: { enabled: true }\n");
  Deno.mkdirSync(`${home.path}/logs/connector.log`, { recursive: true });
  const loaded = await loadConfig({
    home: home.path,
    env: () => undefined,
    readTextFile: (path) => Deno.readTextFile(path),
  });
  loaded.config.gui.port = freePort();
  loaded.config.monitoring.metrics.enabled = false;
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  await using app = await startApp({ loaded, home: home.path, clock: systemClock, random: Math.random, write });
  const line = await eventually("it is told", () => lines.find((each) => each.includes("log_file_failed")));
  assert.match(
    line,
    /The log file logs\/connector\.log cannot be written, and is tried again every 5 seconds.*: .*directory/,
  );
  assert.equal(await app.stop(), true);
});
