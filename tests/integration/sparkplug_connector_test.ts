/** Sparkplug through the whole connector, with a kill between: what is in the table, and what is asked of the node. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Connector } from "../e2e/connector.ts";
import { stopBalanced } from "../e2e/stand.ts";
import { type PayloadInput, sparkplugPayload } from "../fakes/sparkplug_payload.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { observe } from "../interop/sparkplug_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";

function yaml(port: number): string {
  return `version: 1
local_sink: { enabled: true }
backpressure: { disk_spool: { reserve_mb: 0 } }
sources:
  - name: plant
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${port}
    labels: { site: north }
    mqtt:
      sparkplug: { rebirth_requests: true }
      topics: [{ topic: "spBv1.0/#", payload: { format: sparkplug_b } }]
`;
}

const BIRTH: PayloadInput = {
  metrics: [{ name: "speed", alias: 1, type: 3, int: 5, properties: { engUnit: "rpm", Quality: 192 } }],
  seq: 0,
  ms: 1_700_000_000_000,
};

const data = (seq: number, int: number): PayloadInput => ({ metrics: [{ alias: 1, int }], seq, ms: 1_700_000_000_000 });

/** All rows of the table, in the order in which they were written. */
function rowsOf({ home }: Connector): Record<string, unknown>[] {
  const db = new DatabaseSync(`${home}/data/local.db`, { readOnly: true });
  try {
    const [table] = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%mqtt%'").all();
    return db.prepare(`SELECT * FROM "${table?.name}" ORDER BY boot_epoch, seq`).all().map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

Deno.test("the connector asks for births after a kill, keeps as dead letters what came before them, and loses no other row", async () => {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const observer = stack.use(await observe(broker, "spBv1.0/+/NCMD/#"));
  const send = (type: string, payload: PayloadInput) =>
    publisher.publish(`spBv1.0/g/${type}/n`, sparkplugPayload(payload), { qos: 1 });
  const options = { yaml: yaml(broker.port), ports: { gui: freePort(), metrics: freePort() } };
  const first = await Connector.start(options);
  let running = first;
  stack.defer(() => running[Symbol.asyncDispose]()); // both have one home
  await first.logged(/Source plant is connected/);
  await send("NBIRTH", BIRTH);
  await send("NDATA", data(1, 6));
  await eventually("the rows are written", async () => (await first.metric("connector_records_written_total")) === 3);
  await first.kill();
  assert.equal(observer.messages.length, 0, "nothing was missing");

  const second = await Connector.start(options, first.home);
  running = second;
  await second.logged(/Source plant is connected/);
  await send("NDATA", data(2, 7));
  await eventually("births are asked for", () => observer.messages.length === 1);
  assert.equal(observer.messages[0]?.topic, "spBv1.0/g/NCMD/n");
  await send("NBIRTH", BIRTH);
  await send("NDATA", data(1, 8));
  await second.logged(/sparkplug_no_birth/);
  await eventually("the rows are written", () => rowsOf(second).length === 6);
  const columns = [
    "topic",
    "sensor_name",
    "value",
    "value_string",
    "unit",
    "status",
    "value_type",
    "is_historical",
    "labels",
  ];
  const rows = rowsOf(second).map((row) => columns.map((column) => row[column]));
  const one = (speed: number) => [
    ["spBv1.0/g/NBIRTH/n", "n", null, "online", null, null, "State", 0, '{"site":"north"}'],
    ["spBv1.0/g/NBIRTH/n", "speed", 5, null, "rpm", "Good", "Int32", 0, '{"site":"north"}'],
    ["spBv1.0/g/NDATA/n", "speed", speed, null, "rpm", null, "Int32", 0, '{"site":"north"}'],
  ];
  assert.deepEqual(rows, [...one(6), ...one(8)]);
  await stopBalanced(second);
});
