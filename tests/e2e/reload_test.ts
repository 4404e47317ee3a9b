/** The program itself, told by SIGHUP that its configuration was edited, and started with changes that were made before. */
import assert from "node:assert/strict";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { stopBalanced } from "./stand.ts";

const entry = (name: string, port: number) =>
  `  - { name: ${name}, protocol: mqtt, endpoint: mqtt://127.0.0.1:${port}, mqtt: { client_id: client-${name}, ` +
  `topics: [{ topic: "${name}/#", qos: 1 }] } }\n`;

const yaml = (...sources: string[]) =>
  `version: 1\nlocal_sink: { enabled: true }\nbackpressure: { disk_spool: { reserve_mb: 0 } }\n` +
  `sources:\n${sources.join("")}`;

Deno.test("SIGHUP loads the edited YAML beside running sources, refuses a wrong one, and loses nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const ports = { gui: freePort(), metrics: freePort() };
  const connector = stack.use(await Connector.start({ yaml: yaml(entry("a", broker.port)), ports }));
  const path = `${connector.home}/config/connector.yaml`;
  const first = await Deno.readTextFile(path);
  await connector.logged(/Source a is connected/);
  await publisher.numbers("a/n", 100);

  await Deno.writeTextFile(path, first.replace("sources:\n", `sources:\n${entry("b", broker.port)}`));
  Deno.kill(connector.pid, "SIGHUP");
  await connector.logged(/Source b is connected/);
  assert.match((await connector.logged(/config_changed/)).message, /was changed by SIGHUP/);
  await publisher.numbers("b/n", 100);

  await Deno.writeTextFile(path, first.replace("protocol: mqtt", "protocol: mqqt"));
  Deno.kill(connector.pid, "SIGHUP");
  const refused = await connector.logged(/was not loaded, the one before holds/);
  assert.match(refused.message, /connector\.yaml:\d+:\d+ sources\[0\]\.protocol: .*did you mean mqtt\?/);
  await publisher.numbers("a/n", 100, { from: 100 });

  await Deno.writeTextFile(
    path,
    first.replace("version: 1\n", "version: 1\nprocessing: { batch: { max_size: 50 } }\n"),
  );
  Deno.kill(connector.pid, "SIGHUP");
  await eventually(
    "it has started anew",
    () => connector.log.filter(({ message }) => message === "The connector starts").length === 2,
  );
  await publisher.numbers("a/n", 100, { from: 200 });
  // The ledger of the spool: it counts over the new start.
  const written = () => connector.metric('connector_ledger_records{state="written"}');
  await eventually("all is written", async () => (await written()) === 400, 30_000);
  const last = await stopBalanced(connector);
  assert.equal(last.written, 400);
});

Deno.test("a change made before lies over the YAML at the next start, and a damaged one stops it with what to do", async () => {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const options = { yaml: yaml(entry("a", broker.port)), ports: { gui: freePort(), metrics: freePort() } };
  const state = JSON.stringify({
    version: 1,
    sources: [{ name: "a", deleted: true }, {
      name: "c",
      protocol: "mqtt",
      endpoint: `mqtt://127.0.0.1:${broker.port}`,
      mqtt: { topics: [{ topic: "c/#" }] },
    }],
  });
  const connector = stack.use(
    await Connector.start({ ...options, files: { "config/connector_state.json": state } }),
  );
  await connector.logged(/Source c is connected/);
  assert.deepEqual(Object.keys((await connector.health()).sources ?? {}).filter((name) => name === "a"), []);
  assert.equal(await connector.stop(), 0);

  await Deno.writeTextFile(`${connector.home}/config/connector_state.json`, state.slice(0, 40));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("../../main.ts", import.meta.url).pathname, "check", "--home", connector.home],
  });
  const { code, stderr } = await command.output();
  assert.equal(code, 78);
  assert.match(
    new TextDecoder().decode(stderr),
    /^config\/connector_state\.json:1:\d+ is damaged: it is no JSON; restore it from a backup, or move it away/,
  );
});
