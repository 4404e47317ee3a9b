/** Another sink, other tables and another buffer for a connector that runs, while numbers are published to it. */
import assert from "node:assert/strict";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus, type StoredRow, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { mqttEntry, mqttPatch, ReloadStand, sessionsOf } from "./reload_stand.ts";

const who = { author: "anna" };

/** Numbers that a workspace has of each topic, by table. */
class Written {
  readonly #numbers = new Map<string, number[]>();

  readonly keep = (table: string, { topic, value }: StoredRow): void => {
    const key = `${table.split(".").at(-1)} ${topic}`;
    this.#numbers.set(key, [...this.of(key), Number(value)]);
  };

  of(key: string): readonly number[] {
    return this.#numbers.get(key) ?? [];
  }

  async has(key: string, from: number, count: number): Promise<void> {
    const wanted = Array.from({ length: count }, (_, i) => from + i);
    await eventually(`${count} numbers of ${key}`, () => this.of(key).length >= count, 20_000);
    assert.deepEqual([...this.of(key)].sort((a, b) => a - b), wanted);
  }
}

function zerobusPatch(peer: ZerobusPeer): Record<string, unknown> {
  return {
    enabled: true,
    workspace_host: peer.workspaceHost,
    zerobus_endpoint: peer.zerobusEndpoint,
    workspace_id: String(peer.workspaceId),
    auth: { client_id: peer.clientId, client_secret: peer.clientSecret },
    connection: { health_check_interval_seconds: 1 },
  };
}

const CA = "security: { ca_bundle_path: certs/workspace.pem }";

Deno.test("a workspace takes the place of the local file, one that refuses us does not, and nothing is lost on the way", async () => {
  await using stack = new AsyncDisposableStack();
  const written = new Written();
  const peer = stack.use(await startZerobus({ keep: written.keep }));
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const files = { "certs/workspace.pem": peer.caPem };
  const sources = [mqttEntry("a", broker.port)];
  const stand = stack.use(await ReloadStand.start({ sources, settings: CA, files }));
  await stand.connected("a");
  await publisher.numbers("a/n", 100);
  await eventually("they are in the file", () => stand.numbers("a/n").length === 100);

  const zerobus = zerobusPatch(peer);
  const wrong = { ...zerobus, auth: { client_id: peer.clientId, client_secret: "another" } };
  const refused = await stand.service.apply({ zerobus: wrong, local_sink: { enabled: false } }, who);
  assert.deepEqual([refused.state, refused.effects.connector], ["restarting", ["zerobus", "local_sink"]]);
  await assert.rejects(refused.settled, /runs as before: the table iot_data\.bronze\.mqtt_bronze cannot be written \(/);
  await stand.connected("a");
  await publisher.numbers("a/n", 100, { from: 100 });
  await eventually("they are in the file", () => stand.numbers("a/n").length === 200);

  const taken = await stand.service.apply({ zerobus, local_sink: { enabled: false } }, who);
  await publisher.numbers("a/n", 100, { from: 200 });
  await taken.settled;
  await publisher.numbers("a/n", 100, { from: 300 });
  await eventually(
    "all are somewhere",
    () => stand.numbers("a/n").length + written.of("mqtt_bronze a/n").length >= 400,
  );
  await eventually("the ledger says so", () => stand.engine.app.ledger().total.written === 400);
  const all = [...stand.numbers("a/n"), ...written.of("mqtt_bronze a/n")].sort((one, other) => one - other);
  assert.deepEqual(all, Array.from({ length: 400 }, (_, i) => i));
  stand.assertBalanced();
  assert.doesNotMatch(stand.state(), new RegExp(peer.clientSecret));
});

Deno.test("a source with a table of its own writes there, and one to a table that is not there is taken back", async () => {
  await using stack = new AsyncDisposableStack();
  const written = new Written();
  const peer = stack.use(await startZerobus({ keep: written.keep }));
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const files = { "certs/workspace.pem": peer.caPem };
  const settings = `${CA}\nzerobus: ${JSON.stringify(zerobusPatch(peer))}\n`;
  const stand = stack.use(
    await ReloadStand.start({ sources: [mqttEntry("a", broker.port)], settings, files, trialMs: 1500 }),
  );
  await stand.connected("a");
  await eventually("its table is open", () => stand.engine.app.board.lanes.get(LANE)?.isConnected);
  const nowhere = { ...mqttPatch("b", broker.port), table: "iot_data.bronze.nowhere" };
  await assert.rejects(stand.service.apply({ sources: [nowhere] }, who), {
    code: "change_not_applied",
    message: /the table iot_data\.bronze\.nowhere cannot be written \(/,
  });
  assert.deepEqual([...stand.engine.app.board.lanes.keys()], [LANE], "and nobody goes on trying");
  await publisher.numbers("a/n", 100);
  await written.has("mqtt_bronze a/n", 0, 100);
  assert.equal(sessionsOf(broker, "client-a"), 1);
  stand.assertBalanced();
});

const LANE = "iot_data.bronze.mqtt_bronze#MQTTBronzeRecord";

Deno.test("a source takes over another's session at the broker, with what waited there", async () => {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const stand = stack.use(await ReloadStand.start({ sources: [mqttEntry("a", broker.port)] }));
  await stand.connected("a");
  const heir = { ...mqttPatch("heir", broker.port), mqtt: mqttPatch("a", broker.port).mqtt };
  const change = stand.service.apply({ sources: [{ name: "a", deleted: true }, heir] }, who);
  await publisher.numbers("a/n", 200);
  await change;
  await stand.hasAll("a/n", 200);
  assert.equal(stand.numbers("a/n").length, 200, "each once");
  assert.ok(!broker.lines.some((line) => line.includes("already connected")), "the old one had left");
  stand.assertBalanced();
});

Deno.test("a new start that would lose rows in memory is refused, and the connector goes on", async () => {
  await using stack = new AsyncDisposableStack();
  const written = new Written();
  const peer = stack.use(await startZerobus({ keep: written.keep }));
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const files = { "certs/workspace.pem": peer.caPem };
  const settings = `${CA}
zerobus: ${JSON.stringify(zerobusPatch(peer))}
backpressure: { disk_spool: { enabled: false } }
deployment: { shutdown: { grace_period_seconds: 1 } }`;
  const entry = mqttEntry("a", broker.port).replace("qos: 1", "qos: 0");
  const stand = stack.use(await ReloadStand.start({ sources: [entry], settings, files }));
  await stand.connected("a");
  await publisher.numbers("a/n", 50);
  await written.has("mqtt_bronze a/n", 0, 50);
  await peer.stop();
  await publisher.numbers("a/n", 50, { from: 50 });
  await eventually("they wait", () => stand.engine.app.ledger().total.queued === 50);
  const applied = await stand.service.apply({ processing: { batch: { max_size: 7 } } }, who);
  await assert.rejects(applied.settled, /rows wait in memory, which a new start would lose/);
  await peer.start();
  await stand.connected("a");
  await publisher.numbers("a/n", 50, { from: 100 });
  await written.has("mqtt_bronze a/n", 0, 150);
  stand.assertBalanced();
});

Deno.test("a local file in place of another kind of file is refused, and both stay as they are", async () => {
  await using broker = await Mosquitto.start();
  const files = { "notes/hall.txt": "what the night shift wrote down" };
  await using stand = await ReloadStand.start({ sources: [mqttEntry("a", broker.port)], files });
  await stand.connected("a");
  const { settled } = await stand.service.apply({ local_sink: { path: "notes/hall.txt" } }, who);
  await assert.rejects(settled, /runs as before: .*notes\/hall\.txt is no SQLite file, and is left as it is/);
  assert.equal(await Deno.readTextFile(`${stand.home}/notes/hall.txt`), "what the night shift wrote down");
  await stand.connected("a");
  const own = stand.service.plan({ local_sink: { path: "certs/users.json" } });
  await assert.rejects(own, /local_sink\.path: must name another place: certs is the connector's own/);
});
