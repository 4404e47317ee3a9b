import assert from "node:assert/strict";
import { homeWith, outcomeOf } from "../../tests/fakes/terminal.ts";
import { startModbusServer } from "../../tests/peers/modbus_server.ts";
import { startMqttBroker } from "../../tests/peers/mqtt_broker.ts";
import { freePort } from "../../tests/peers/process.ts";

/** Registers of the text "ok", ESC [ 2 J (clears a terminal) and U+009B, which is a control character too. */
const STEERING = [0x6f6b, 0x1b5b, 0x324a, 0xc29b];

function yaml(port: number): string {
  return `version: 1
local_sink: { enabled: true }
sources:
  - name: meter
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${port}
    modbus:
      poll_interval_seconds: 0.05
      timeout_seconds: 0.3
      registers:
        - { name: voltage, address: 0, data_type: uint16, scale_factor: 0.1, unit: V }
        - { name: "note", address: 10, data_type: string, count: 4 }
`;
}

/** Reads the source `meter` of a device at `port` for a moment. */
async function read(port: number, ...words: string[]) {
  await using home = await homeWith(yaml(port));
  return await outcomeOf(["test-source", "--home", home.path, "--seconds", "0.5", ...words]);
}

Deno.test("test-source prints a table of values, and how many there were", async () => {
  await using device = startModbusServer();
  device.setRegister("holding", 0, 2304);
  const { code, out, err } = await read(device.port, "meter");
  assert.equal(code, 0, err);
  const [head, ...lines] = out.trimEnd().split("\n");
  assert.match(head ?? "", /^time +tag +value +unit +type +status$/);
  assert.match(
    lines.find((line) => line.includes("voltage")) ?? "",
    /^\d{4}-\d\d-\d\dT[\d:.]+Z voltage +230\.4 +V +number$/,
  );
  assert.match(err, /^\d+ values from meter at modbus\+tcp:\/\/127\.0\.0\.1:\d+\.\n$/);
  assert.equal(Number(err.split(" ")[0]), lines.length);
});

Deno.test("test-source --json prints an object per value", async () => {
  await using device = startModbusServer();
  device.setRegister("holding", 0, 2304);
  const { out } = await read(device.port, "meter", "--json");
  const values = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  const { time, row, ...voltage } = values.find(({ tag }) => tag === "voltage");
  assert.deepEqual(voltage, { tag: "voltage", value: "230.4", unit: "V", type: "number", status: "" });
  const { event_time, ...columns } = row;
  assert.equal(event_time, Date.parse(time) * 1000);
  assert.deepEqual(columns, {
    source_name: "meter",
    slave_id: 1,
    register_address: 0,
    register_type: "holding",
    sensor_name: "voltage",
    unit: "V",
    raw_value: 2304,
    value: 230.4,
    scaled_value: 230,
    scale_factor: 10,
  });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
});

Deno.test("test-source lets no control character of a device reach the terminal", async () => {
  await using device = startModbusServer();
  device.setRegister("holding", 10, ...STEERING);
  for (const words of [["meter"], ["meter", "--json"]]) {
    const { out, err } = await read(device.port, ...words);
    assert.match(out, /ok/);
    // deno-lint-ignore no-control-regex -- control characters are what it is about
    assert.doesNotMatch(out.replaceAll("\n", "") + err.replaceAll("\n", ""), /[\x00-\x1f\x7f-\x9f]/);
  }
});

Deno.test("test-source says of a message that it would be a dead letter, without its control characters", async () => {
  await using broker = await startMqttBroker();
  await using home = await homeWith(`version: 1
local_sink: { enabled: true }
sources:
  - name: line
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${broker.port}
    mqtt: { protocol_version: 4, topics: [{ topic: "#" }], payload: { format: json } }
`);
  await broker.publish("plant/\u001b[2J", "no JSON", { isRetained: true });
  const { code, out, err } = await outcomeOf(["test-source", "line", "--home", home.path, "--seconds", "1"]);
  assert.equal(code, 1, "there was no value");
  assert.equal(out.trimEnd().split("\n").length, 1, "the head alone");
  assert.match(err, /^refused: plant\/\ufffd\[2J: Payload of topic .* is not JSON: publish JSON/);
});

Deno.test("test-source names the sources there are", async () => {
  const port = freePort();
  assert.deepEqual(await read(port, "metre"), {
    code: 64,
    out: "",
    err: "There is no source metre; there are: meter.\n",
  });
  assert.deepEqual(await read(port), { code: 64, out: "", err: "Name a source: meter.\n" });
});

Deno.test("test-source refuses a time that is none", async () => {
  for (const seconds of ["0", "-1", "soon", "1e9"]) {
    const { code, err } = await read(freePort(), "meter", `--seconds=${seconds}`);
    assert.deepEqual([code, err], [64, "--seconds must be a number from 0 to 3600.\n"]);
  }
});

Deno.test("test-source says in one line that a device cannot be reached, and ends with 1", async () => {
  const { code, err } = await read(freePort(), "meter");
  assert.equal(code, 1);
  assert.match(err, /^Cannot reach 127\.0\.0\.1:\d+: .*; check address, port, cabling and firewall.*\n$/);
});

for (const protocol of ["opcua", "mqtt"] as const) {
  Deno.test(`test-source says in one line that an ${protocol} peer does not answer in time, and ends with 1`, async () => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const scheme = { opcua: "opc.tcp", mqtt: "mqtt" }[protocol];
    const settings = {
      opcua: 'opcua: { security_policy: None, nodes: [{ node_id: "ns=1;s=a" }] }',
      mqtt: 'mqtt: { topics: [{ topic: "#" }] }',
    }[protocol];
    await using home = await homeWith(`version: 1
local_sink: { enabled: true }
sources:
  - { name: mute, protocol: ${protocol}, endpoint: "${scheme}://127.0.0.1:${silent.addr.port}", ${settings} }
`);
    const { code, out, err } = await outcomeOf(["test-source", "mute", "--home", home.path, "--seconds", "0.5"]);
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot connect to [\w.]+:\/\/127\.0\.0\.1:\d+: .* in time; check address, port and firewall.*\n$/,
    );
    assert.equal(out.trimEnd().split("\n").length, 1);
  });
}

Deno.test("test-source ends when it is told to stop, before it is connected too", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using home = await homeWith(yaml(silent.addr.port).replace("timeout_seconds: 0.3", "timeout_seconds: 60"));
  const stopping = AbortSignal.abort();
  const { code, err } = await outcomeOf(["test-source", "meter", "--home", home.path], { stopping });
  assert.equal(code, 1);
  assert.match(err, /^0 values from meter at /);
});

Deno.test("test-source says which tags give no value, and why", async () => {
  await using device = startModbusServer();
  device.refuse({ table: "holding", from: 0, to: 100, code: 2 });
  const { code, err } = await read(device.port, "meter");
  assert.equal(code, 1);
  assert.match(err, /^no value: voltage: .*illegal data address/m);
  assert.match(err, /^0 values from meter at \S+ Is the address of what is read right/m);
});

Deno.test("test-source --json lists the tags that give no value among the others", async () => {
  await using device = startModbusServer();
  device.refuse({ table: "holding", from: 10, to: 20, code: 2 });
  const { code, out, err } = await read(device.port, "meter", "--json");
  assert.equal(code, 0, err);
  const last = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "");
  assert.deepEqual(Object.keys(last), ["tag", "no_value"]);
  assert.match(`${last.tag}: ${last.no_value}`, /^note: .*illegal data address/);
});

Deno.test("test-source asks the next endpoint when one cannot be reached, and says which it read", async () => {
  await using device = startModbusServer();
  const dead = freePort();
  await using home = await homeWith(
    yaml(dead).replace("    modbus:", `    endpoints: [modbus+tcp://127.0.0.1:${device.port}]\n    modbus:`),
  );
  const words = ["test-source", "meter", "--home", home.path, "--seconds", "0.5"];
  const { code, err } = await outcomeOf(words);
  assert.equal(code, 0, err);
  assert.match(err, new RegExp(`^\\d+ values from meter at modbus\\+tcp://127\\.0\\.0\\.1:${device.port}\\.\\n$`));
  await device[Symbol.asyncDispose]();
  const dark = await outcomeOf(words);
  assert.match(dark.err, /^None of the 2 endpoints can be used: Cannot reach .*; Cannot reach /);
});
