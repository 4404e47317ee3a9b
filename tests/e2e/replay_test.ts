/** Dead letters that a person mends while the connector runs. */
import assert from "node:assert/strict";
import { startCommand } from "../../tools/start.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { stopBalanced } from "./stand.ts";

function yaml(port: number): string {
  return `version: 1
local_sink: { enabled: true }
backpressure: { disk_spool: { reserve_mb: 0 } }
processing: { validation: { required_fields: [unit] } }
sources:
  - name: line
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${port}
    mqtt: { payload: { format: json, value: "$.v", unit: "$.u" }, topics: [{ topic: "plant/#" }] }
`;
}

Deno.test("a reading that lacks a column and a message that is no JSON are mended and sent while the connector runs", async () => {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const ports = { gui: freePort(), metrics: freePort() };
  const files = { "mended.json": '{"v":7,"u":"bar"}' };
  const connector = stack.use(await Connector.start({ yaml: yaml(broker.port), ports, files }));
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  await publisher.publish("plant/oven", '{"v":1}');
  await publisher.publish("plant/press", "7 bar");
  const { home } = connector;
  await eventually("both are dead letters", async () => (await dlq(home, ["list", "--json"])).lines.length === 2);

  const reading = JSON.parse((await dlq(home, ["show", "1", "--json"])).lines.join("\n"));
  assert.deepEqual([reading.row.columns.value, reading.row.columns.unit, reading.row.seq], [1, undefined, undefined]);
  const unmended = await dlq(home, ["replay", "--all"]);
  assert.equal(unmended.code, 1);
  assert.match(unmended.err, /Dead letter 1 cannot be replayed: .*, unit is empty/);
  assert.match(unmended.err, /Dead letter 2 stays, since it cannot be decoded now either: .* plant\/press is not JSON/);

  assert.equal((await dlq(home, ["replay", "1", "--set", "unit=degC"])).code, 0);
  assert.equal((await dlq(home, ["replay", "2", "--payload-file", "mended.json"])).code, 0);
  const { written, dead_lettered, purged } = await stopBalanced(connector);
  assert.deepEqual({ written, dead_lettered, purged }, { written: 2, dead_lettered: 0, purged: 0 });
});

/** What `dlq` with these words ends with. */
async function dlq(home: string, words: readonly string[]) {
  const args = startCommand(["dlq", ...words, "--home", home], { isWatched: false });
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: home }).output();
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
  return { code, lines, err: new TextDecoder().decode(stderr) };
}
