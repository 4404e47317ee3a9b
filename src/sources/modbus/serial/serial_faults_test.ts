import assert from "node:assert/strict";
import { modbus } from "../spec.ts";
import { modbusSettings } from "../settings.ts";

interface Case {
  readonly endpoint: string;
  readonly block: Record<string, unknown>;
  readonly says: RegExp | undefined;
}

const RTU = "modbus+rtu:///dev/ttyUSB0";
const ASCII = "modbus+ascii:///dev/ttyUSB0";

const CASES: Readonly<Record<string, Case>> = {
  "RTU of 7 bits": { endpoint: RTU, block: { serial: { bytesize: 7 } }, says: /^modbus.serial.bytesize: must be 8/ },
  "ASCII of 7 bits": { endpoint: ASCII, block: { serial: { bytesize: 7, parity: "E" } }, says: undefined },
  "ASCII of 6 bits": { endpoint: ASCII, block: { serial: { bytesize: 6 } }, says: /bytesize: must be 7 or 8/ },
  "one and a half stop bits": { endpoint: RTU, block: { serial: { stopbits: 1.5 } }, says: /stopbits: must be 1 or 2/ },
  "a gateway that is set up by itself": {
    endpoint: "modbus+rtutcp://plc:4001",
    block: { serial: { bytesize: 7 } },
    says: undefined,
  },
  "a source that broadcasts": { endpoint: RTU, block: { slave_id: 0 }, says: /^modbus.slave_id: must be 1 to 255/ },
  "a source over a gateway that broadcasts": {
    endpoint: "modbus+rtutcp://plc:4001",
    block: { slave_id: 0 },
    says: /^modbus.slave_id: /,
  },
  "an entry that broadcasts": {
    endpoint: RTU,
    block: { registers: [{ name: "a", address: 0 }, { name: "b", address: 0, slave_id: 0 }] },
    says: /^modbus.registers.1.slave_id: must be 1 to 255/,
  },
  "a unit 0 that no entry uses": {
    endpoint: RTU,
    block: { slave_id: 0, registers: [{ name: "a", address: 0, slave_id: 3 }] },
    says: undefined,
  },
};

for (const [what, { endpoint, block, says }] of Object.entries(CASES)) {
  Deno.test(`unsupported() ${says ? "refuses" : "passes"} ${what}`, () => {
    const settings = modbusSettings.parse({ registers: [{ name: "t", address: 0 }], ...block });
    const found = modbus.unsupported({ name: "plc", endpoint, labels: {}, settings });
    assert.equal(found.length, says ? 1 : 0);
    if (says) assert.match(`${found[0]?.path.join(".")}: ${found[0]?.message}`, says);
  });
}
