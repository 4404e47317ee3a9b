/** Devices whose registers a profile lists, from the configuration to the readings. */
import assert from "node:assert/strict";
import { modbus } from "../../src/sources/modbus/spec.ts";
import type { ModbusReading } from "../../src/sources/modbus/reading.ts";
import { loadText } from "../fakes/config_file.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";

/** The first reading of each tag of the devices, until `enough` says so; and what was told beside them. */
async function readDevices(
  server: ModbusServer,
  devices: string,
  enough: (found: ReadonlyMap<string, ModbusReading>) => boolean,
) {
  const { sources: [entry] } = await loadText(`local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${server.port}
    modbus:
      poll_interval_seconds: 0.05
      devices: ${devices}
`);
  const deps = fakeSourceDeps();
  await using source = (await modbus.load()).create(entry?.config ?? assert.fail(), deps);
  await source.connect(AbortSignal.timeout(10_000));
  const found = new Map<string, ModbusReading>();
  for await (const { readings } of source.batches(AbortSignal.timeout(10_000))) {
    // The batches of this source hold its own readings.
    for (const reading of readings as readonly ModbusReading[]) found.set(reading.tag, reading);
    if (enough(found)) break;
  }
  return { found, failed: deps.events.flatMap((event) => event.kind === "tag_failed" ? [event.tag] : []) };
}

Deno.test("two meters of one profile are read behind one gateway, in requests that they take", async () => {
  await using server = startModbusServer();
  server.allowAtMost("input", 80);
  server.setRegister("input", 0, 0x4366, 0x8000); // 230.5
  server.setRegister("input", 72, 0x449a, 0x5000); // 1234.5
  const devices =
    "[{ profile: eastron_sdm630, slave_id: 2, prefix: a_ }, { profile: eastron_sdm630, slave_id: 3, prefix: b_ }]";
  const { found, failed } = await readDevices(server, devices, (map) => map.size >= 2 * 58);
  assert.deepEqual(failed, []);
  assert.equal(found.size, 2 * 58);
  for (const [prefix, unit] of [["a_", 2], ["b_", 3]] as const) {
    const voltage = found.get(`${prefix}voltage_l1`);
    assert.deepEqual([voltage?.value, voltage?.from.unit, voltage?.from.slaveId], [230.5, "V", unit]);
    assert.equal(found.get(`${prefix}active_energy_import`)?.value, 1234.5);
  }
  assert.ok(server.seen.every(({ count }) => count <= 80));
});

Deno.test("what a meter does not measure is told, and its largest number is no value", async () => {
  await using server = startModbusServer();
  server.setRegister("holding", 0x5b00, 0, 2305);
  server.setRegister("holding", 0x5b06, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff);
  server.setRegister("holding", 0x5b14, 0xffff, 0xfc18);
  const { found, failed } = await readDevices(server, "[{ profile: abb_b23 }]", (map) => map.has("power_factor_l3"));
  assert.equal(found.get("voltage_l1")?.value, 230.5);
  assert.equal(found.get("active_power_total")?.value, -10);
  assert.deepEqual(failed, ["voltage_l1_l2", "voltage_l3_l2", "voltage_l1_l3"]);
  assert.equal(found.get("voltage_l1_l2"), undefined);
});
