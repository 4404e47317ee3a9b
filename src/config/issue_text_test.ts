import assert from "node:assert/strict";
import { errorLines } from "../../tests/fakes/config_file.ts";

Deno.test("loadConfig() names the keys of which an unknown one is a word", async () => {
  const register = "{ name: r, address: 0, type: float32 }";
  const source = `{ name: s, protocol: modbus, endpoint: "modbus+tcp://h", modbus: { registers: [${register}] } }`;
  const [line] = await errorLines(`local_sink: { enabled: true }\nsources:\n  - ${source}\n`);
  const place = "sources[0].modbus.registers[0].type";
  assert.match(
    line ?? "",
    new RegExp(`${RegExp.escape(place)}: is not a known key; did you mean register_type, data_type or sensor_type\\?$`),
  );
});
