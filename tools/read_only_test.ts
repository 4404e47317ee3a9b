import assert from "node:assert/strict";
import { encodeRead } from "../src/sources/modbus/mbap.ts";
import { FUNCTION } from "../src/sources/modbus/pdu.ts";
import { ascii } from "../src/sources/modbus/serial/ascii.ts";
import { rtu } from "../src/sources/modbus/serial/rtu.ts";
import { deviceWrites } from "./device_writes.ts";

const root = new URL("../", import.meta.url);

/** All modules of a folder that are not tests, as path below the root and text. */
function modules(folder: string): [path: string, text: string][] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return modules(`${folder}${name}/`);
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) return [];
    return [[`${folder}${name}`, Deno.readTextFileSync(new URL(folder + name, root))]];
  });
}

Deno.test("no code of a source can change a device", () => {
  const files = modules("src/sources/");
  assert.ok(files.length > 50, `only ${files.length} files were found`);
  assert.deepEqual(files.flatMap(([path, text]) => deviceWrites(path, text)), []);
});

Deno.test("Modbus requests have one of the four functions that read", () => {
  const functions = (["coil", "discrete", "holding", "input"] as const).map((registerType) =>
    encodeRead({ slaveId: 1, registerType, start: 0, count: 1 }, 1)[7]
  );
  assert.deepEqual(functions, [1, 2, 3, 4]);
});

Deno.test("Modbus knows no function but the four that read", () => {
  assert.deepEqual(Object.values(FUNCTION).sort(), [1, 2, 3, 4]);
});

Deno.test("Modbus requests on serial lines have one of the four functions that read", () => {
  const ranges = (["coil", "discrete", "holding", "input"] as const).map((registerType) => (
    { slaveId: 1, registerType, start: 0, count: 1 }
  ));
  assert.deepEqual(ranges.map((range) => rtu.encode(range)[1]), [1, 2, 3, 4]);
  assert.deepEqual(ranges.map((range) => new TextDecoder().decode(ascii.encode(range)).slice(3, 5)), [
    "01",
    "02",
    "03",
    "04",
  ]);
});

const FOUND: readonly (readonly [path: string, line: string])[] = [
  ["src/sources/modbus/mbap.ts", "const FUNCTION = 6;"],
  ["src/sources/modbus/mbap.ts", "const functionCode = 0x10;"],
  ["src/sources/modbus/mbap.ts", "{ functionCode: 0x0F, data }"],
  ["src/sources/modbus/mbap.ts", "const FUNCTIONS = { functionCode: 23 };"],
  ["src/sources/modbus/mbap.ts", "view.setUint8(7, 16);"],
  ["src/sources/modbus/mbap.ts", "view.setUint8( 7, code);"],
  ["src/sources/modbus/mbap.ts", "export function encodeWrite(range: WriteRange): Uint8Array {"],
  ["src/sources/modbus/source.ts", "await client.writeRegister(10, 1);"],
  ["src/sources/modbus/source.ts", "await client.writeCoils(10, [true]);"],
  ["src/sources/modbus/source.ts", "await conn.write(frame);"],
  ["src/sources/opcua/session.ts", "await session.write({ nodeId, attributeId });"],
  ["src/sources/opcua/session.ts", "await this.#session.write(nodes);"],
  ["src/sources/opcua/session.ts", "await this.#session!.call({ objectId, methodId });"],
  ["src/sources/opcua/session.ts", 'await session["call"](method);'],
  ["src/sources/opcua/session.ts", "const request = new WriteRequest({ nodesToWrite });"],
  ["src/sources/opcua/session.ts", "  CallRequest,"],
  ["src/sources/opcua/session.ts", "await session.writeSingleNode(nodeId, value);"],
  ["src/sources/modbus/serial/framed_connection.ts", "await this.#line.send(Uint8Array.of(id, 6, 0, 1, 0, 1));"],
  ["src/sources/modbus/pdu.ts", "const FUNCTION = { coil: 1, discrete: 2, holding: 6, input: 4 };"],
  ["src/sources/modbus/pdu.ts", '  "coil": 0x0f,'],
  ["src/sources/opcua/read_response.ts", "session.performMessageTransaction(write, done);"],
  ["src/sources/opcua/session.ts", 'const request = new opcua["Write" + "Request"](nodes);'],
  ["src/sources/mqtt/sparkplug/host.ts", 'await this.#send("plant/line1/set", "1", { qos: 1, retain: true });'],
  ["src/sources/mqtt/session.ts", 'client.publishAsync.call(client, "a", "1");'],
  ["src/sources/mqtt/session.ts", 'client.publish("plant/line1/set", "1");'],
  ["src/sources/mqtt/session.ts", 'await this.#client.publishAsync("a", "1");'],
  ["src/sources/mqtt/session.ts", 'const { publish } = client; publish("a", "1");'],
  ["src/sources/mqtt/session.ts", 'client.sendPacket({ cmd: "publish", topic });'],
  ["src/sources/mqtt/settings.ts", 'will: { topic: "STATE", payload: "offline" },'],
];

const LEFT_ALONE: readonly (readonly [path: string, line: string])[] = [
  ["src/sources/modbus/exception_code.ts", '6: "server device busy",'],
  ["src/sources/modbus/mbap.ts", "view.setUint8(7, FUNCTION[range.registerType]);"],
  ["src/sources/modbus/mbap.ts", "// Function = 6 would write a register."],
  ["src/sources/modbus/mbap.ts", "view.setUint8(6, range.slaveId);"],
  ["src/sources/opcua/publisher.ts", "this.#session.publish(request, (error, response) => {"],
  ["src/sources/opcua/session.ts", "getPublishEngine.call(session).send_publish_request = () => {};"],
  ["src/sources/opcua/browse.ts", "const found = await session.browse(nodes);"],
  ["src/sources/mqtt/publish_tap.ts", "/** Takes publish() out of the stream. */"],
];

for (const [path, line] of FOUND) {
  Deno.test(`deviceWrites() finds ${line.trim()}`, () => {
    assert.notDeepEqual(deviceWrites(path, line), []);
  });
}

for (const [path, line] of LEFT_ALONE) {
  Deno.test(`deviceWrites() leaves alone ${line}`, () => {
    assert.deepEqual(deviceWrites(path, line), []);
  });
}
