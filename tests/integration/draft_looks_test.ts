/** Devices are looked at with settings that nobody has saved: tested, listened to, and read register by register. */
import assert from "node:assert/strict";
import type { Listened } from "../../src/service/listen_source.ts";
import { LOCAL_PEER } from "../../src/web/mod.ts";
import { type DraftStand, draftStand } from "../fakes/draft_stand.ts";
import { sparkplugPayload } from "../fakes/sparkplug_payload.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { eventually } from "../wait.ts";

const YAML = (port: number) =>
  `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${port}
    modbus: { registers: [{ name: a, address: 1, data_type: uint16 }] }
  - name: oven
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${port}
    mqtt: { username: edge, password: a word, topics: [{ topic: "#" }] }
`;

const NOTHING_SAID = { samples: [], refused: [], no_value: [], error: null };

Deno.test("A form is tested as it stands: real values as rows, and what is wrong at its field", async () => {
  await using device = startModbusServer();
  device.setRegister("holding", 7, 215);
  await using desk = await draftStand(YAML(device.port));
  const test = (source: unknown) => desk.admin("POST", "/api/draft/test", { body: { source, seconds: 1 } });
  const registers = [{ name: "oven", address: 7, data_type: "int16", scale_factor: 0.1, unit: "degC" }];
  const good = await test({ name: "meters", modbus: { registers } });
  const [sample] = good.body.samples;
  assert.deepEqual([sample.tag, sample.value, sample.unit], ["oven", "21.5", "degC"]);
  assert.equal(good.body.error, null);
  const wrong = await test({ name: "meters", modbus: { registers: [{ name: "oven", address: 70_000 }] } });
  assert.equal(wrong.status, 422);
  assert.match(wrong.body.errors[0].path, /^sources\[0\]\.modbus\.registers\[0\]\.address$/);
  const away = await test({ protocol: "modbus", endpoint: "modbus+tcp://127.0.0.1:1", modbus: { registers } });
  assert.deepEqual([away.body.endpoint, away.body.error.path], [null, "endpoint"]);
  const endpoint = `modbus+tcp://127.0.0.1:${device.port}`;
  const empty = await test({ protocol: "modbus", endpoint });
  assert.deepEqual(empty.body, { ...NOTHING_SAID, endpoint, lists_nothing: true });
  assert.equal(good.body.lists_nothing, false);
  assert.deepEqual(device.seen.map(({ table }) => table).filter((table) => table !== "holding"), []);
});

Deno.test("A kept secret stays where it was saved for, whatever looks at a draft", async () => {
  await using desk = await draftStand(YAML(1));
  const source = { name: "oven", endpoint: "mqtt://127.0.0.1:2" };
  for (
    const [path, more] of [["draft/test", { seconds: 1 }], ["listen", { filter: "#" }], ["lab", {
      address: 0,
    }]] as const
  ) {
    const { status, body } = await desk.admin("POST", `/api/${path}`, { body: { source, ...more } });
    assert.equal(status, 422, path);
    assert.match(JSON.stringify(body.errors), /mqtt\.password.*must be entered again/, path);
  }
  const operator = await desk.stand.login("operator");
  assert.equal((await operator("POST", "/api/draft/test", { body: { source } })).status, 403);
});

Deno.test("mosquitto: what is heard is told as it came, beside the rows that the form would make of it", async () => {
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  await using desk = await draftStand(YAML(broker.port));
  const topics = [{ topic: "plant/#", payload: { format: "json", value: "$.v", unit: "$.u" } }];
  const source = {
    protocol: "mqtt",
    endpoint: `mqtt://127.0.0.1:${broker.port}`,
    name: "oven",
    mqtt: { topics, password: "", username: "" },
  };
  const told = listening(desk, { source, filter: "#", seconds: 20, messages: 5 });
  await publisher.publish("plant/oven", '{"v":21.5,"u":"degC"}', { retain: true });
  await publisher.publish("plant/bad", "<b>no JSON</b>", { retain: true });
  await publisher.publish("raw", Uint8Array.of(0, 1, 255), { retain: true });
  const metrics = [{ name: "Temperature", type: 10, double: 20.25 }];
  await publisher.publish("spBv1.0/g/NBIRTH/n", sparkplugPayload({ seq: 0, metrics }), { retain: true });
  await publisher.publish("plant/last", '{"v":1}', { retain: true });
  const all = await told;
  assert.deepEqual(all.map(({ kind }) => kind), ["connected", ...Array(5).fill("message"), "end"]);
  const heard = new Map(all.flatMap((each) => each.kind === "message" ? [[each.topic, each]] : []));
  const oven = heard.get("plant/oven");
  assert.deepEqual([oven?.payload.format, oven?.reason], ["json", null]);
  assert.deepEqual([oven?.rows[0]?.value, oven?.rows[0]?.unit, oven?.row_count], ["21.5", "degC", 1]);
  const bad = heard.get("plant/bad");
  assert.deepEqual([bad?.payload.text, bad?.rows], ["<b>no JSON</b>", []]);
  assert.match(bad?.reason ?? "", /is not JSON/);
  assert.deepEqual(heard.get("raw")?.payload, { format: "hex", text: "0001ff", is_cut: false });
  assert.match(heard.get("spBv1.0/g/NBIRTH/n")?.decoded ?? "", /seq 0.*\nTemperature = 20\.25 \(Double\)/);
  const clients = broker.lines.flatMap((line) => /as (iot-connector-\S+) /.exec(line)?.[1] ?? []);
  assert.deepEqual(
    clients.filter((id) => !/^iot-connector-test-[0-9a-f]{8}-oven$/.test(id)),
    [],
    "a client id of its own",
  );
});

Deno.test("mosquitto: listening ends with who listens, and says why it could not begin", async () => {
  await using broker = await Mosquitto.start();
  await using desk = await draftStand(YAML(broker.port));
  const mqtt = { protocol: "mqtt", endpoint: `mqtt://127.0.0.1:${broker.port}`, mqtt: { topics: [] } };
  const leaving = new AbortController();
  const response = await ask(desk, { source: mqtt, filter: "a/#" }, leaving.signal);
  const reader = response.body?.getReader();
  assert.match(new TextDecoder().decode((await reader?.read())?.value), /"connected"/);
  const pending = reader?.read();
  leaving.abort();
  const gone = /iot-connector-test-\S+.*(closed|disconnected)/;
  await eventually("the broker sees us go", () => broker.lines.some((line) => gone.test(line)));
  await pending;
  const refused = await listening(desk, { source: mqtt, filter: "a/#/b" });
  assert.deepEqual(refused.at(-1)?.kind === "end" && refused.at(-1), {
    kind: "end",
    error: {
      code: "listen_no_filter",
      message:
        "Cannot listen to a/#/b: # must be the whole of the last level; a topic filter looks like plant/+/temperature or plant/#",
      path: null,
    },
  });
  const modbus = await desk.admin("POST", "/api/listen", { body: { source: { name: "meters" }, filter: "#" } });
  assert.equal(modbus.body.code, "listen_unsupported");
});

Deno.test("Registers are read now, in every type and order, told in both ways to count, and refusals in words", async () => {
  await using device = startModbusServer();
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, 21.5);
  device.setRegister("holding", 0, view.getUint16(2), view.getUint16(0), 0x1234, 0x4142);
  device.allowAtMost("holding", 3);
  device.refuse({ table: "input", from: 0, to: 65_535, code: 2 });
  device.setRegister("coil", 3, 1);
  await using desk = await draftStand(YAML(device.port));
  const lab = async (more: Record<string, unknown>) =>
    (await desk.admin("POST", "/api/lab", {
      body: { source: { name: "meters", modbus: { max_registers_per_request: 3 } }, ...more },
    })).body;
  const { reading, error } = await lab({ address: 40_001, count: 4 });
  assert.equal(error, null);
  const [first, , third, fourth] = reading.registers;
  assert.deepEqual([first.address, first.modicon, first.entry], [0, "40001", { name: "holding_0", address: 0 }]);
  const inOrders = (register: typeof first, type: string) =>
    register.values.find((each: { type: string }) => each.type === type)?.values;
  assert.equal(inOrders(first, "float32")[1], "21.5", "CDAB is the right one");
  assert.deepEqual(inOrders(third, "bcd16"), ["1234", null, "3412", null]);
  assert.deepEqual(inOrders(fourth, "string"), ["AB", null, "BA", null]);
  assert.equal(inOrders(fourth, "uint32"), undefined, "the register behind it was not read");
  const coil = await lab({ table: "coil", address: 3, addressing: "zero_based", count: 1 });
  assert.deepEqual(coil.reading.registers[0].raw, 1);
  const refused = await lab({ table: "input", address: 0, count: 2 });
  assert.match(refused.error.message, /illegal data address \(exception 2\): it does not have all/);
  assert.equal((await lab({ table: "input", address: 40_001 })).error.code, "lab_no_range");
});

interface Wanted {
  readonly source: unknown;
  readonly filter: string;
  readonly seconds?: number;
  readonly messages?: number;
}

function ask({ stand, admin }: DraftStand, wanted: Wanted, signal?: AbortSignal): Promise<Response> {
  const headers = {
    host: "localhost:8080",
    cookie: `iot_session_8080=${admin.cookie}`,
    "x-csrf": admin.csrf,
    "content-type": "application/json",
  };
  const request = new Request("http://localhost:8080/api/listen", {
    method: "POST",
    headers,
    body: JSON.stringify(wanted),
    ...signal ? { signal } : {},
  });
  return Promise.resolve(stand.fetch(request, LOCAL_PEER));
}

async function listening(desk: DraftStand, wanted: Wanted): Promise<Listened[]> {
  const text = await (await ask(desk, wanted)).text();
  return text.trim().split("\n").map((line) => JSON.parse(line));
}
