import assert from "node:assert/strict";
import type { ZodType } from "zod";
import { modbus } from "./spec.ts";
import { type ModbusSettings, modbusSettings } from "./settings.ts";

const REGISTER = { name: "t", address: 0 };

function configOf(endpoint: string, block: Record<string, unknown> = {}) {
  const settings = modbusSettings.parse({ registers: [REGISTER], ...block });
  return { name: "plc", endpoint, labels: {}, settings };
}

/** `path: message` of every complaint about `block`. */
function complaints(schema: ZodType, block: unknown): string[] {
  const result = schema.safeParse(block);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

Deno.test("modbusSettings fills in the documented defaults", () => {
  const settings: ModbusSettings = modbusSettings.parse({ registers: [REGISTER] });
  assert.deepEqual({ ...settings, registers: [] }, {
    connection_type: null,
    slave_id: 1,
    poll_interval_seconds: 1,
    timeout_seconds: 3,
    request_delay_ms: 0,
    connect_delay_ms: 0,
    max_registers_per_request: 125,
    max_coils_per_request: 2000,
    read_gap: 8,
    addressing: "auto",
    serial: { baudrate: 9600, bytesize: 8, parity: "N", stopbits: 1, timeout_seconds: 1, rs485: null },
    devices: [],
    registers: [],
  });
});

const REFUSED: Readonly<Record<string, { block: Record<string, unknown>; says: RegExp }>> = {
  "two entries of one name": {
    block: { registers: [REGISTER, { ...REGISTER, address: 9 }] },
    says: /^registers.1.name: /,
  },
  "a name that count would give": { block: entry({ name: "t[0]" }), says: /^registers.0.name: must not end in/ },
  "an address that its addressing does not know": {
    block: { ...entry({ address: 30001 }), addressing: "modicon" },
    says: /^registers.0.address: 30001 is no holding address with addressing modicon/,
  },
  "an address of another table": {
    block: entry({ address: 30001 }),
    says: /^registers.0.address: 30001 is an input register in Modicon notation: set register_type: input, or/,
  },
  "values beyond the last address": {
    block: entry({ address: 65_535, data_type: "uint32" }),
    says: /^registers.0.address: its last register would be 65536/,
  },
  "a value longer than one request": {
    block: { ...entry({ data_type: "float64" }), max_registers_per_request: 3 },
    says: /^registers.0.count: one value takes 4 registers, and one request reads at most 3/,
  },
  "a string longer than one request": {
    block: entry({ data_type: "string", count: 126 }),
    says: /takes 126 registers/,
  },
  "a coil that is no bool": { block: entry({ register_type: "coil", data_type: "uint16" }), says: /must be bool/ },
  "a bool of a register without its bit": { block: entry({ data_type: "bool" }), says: /^registers.0.bit: must say/ },
  "a bit of a number": { block: entry({ data_type: "int16", bit: 3 }), says: /must be bool \(or left out\) with bit/ },
  "a scale of a text": { block: entry({ data_type: "string", scale_factor: 2 }), says: /has no effect on string/ },
  "a word order of one register": { block: entry({ word_order: "little" }), says: /has no effect on uint16/ },
  "bits without the first of them": {
    block: entry({ bit_count: 3 }),
    says: /^registers.0.bit_count: must stand beside/,
  },
  "bits beyond the register": { block: entry({ bit: 14, bit_count: 3 }), says: /^registers.0.bit_count: .* may be 2/ },
  "bits of another type": {
    block: entry({ bit: 3, bit_count: 2, data_type: "bool" }),
    says: /^registers.0.data_type: must be uint16 \(or left out\) with bit_count/,
  },
  "an encoding of a number": {
    block: entry({ encoding: "utf-16" }),
    says: /^registers.0.encoding: has no effect on uint16/,
  },
  "a padding of a number": {
    block: entry({ padding: "space" }),
    says: /^registers.0.padding: has no effect on uint16/,
  },
  "a word order of a short float": {
    block: entry({ data_type: "float16", word_order: "little" }),
    says: /has no effect on float16/,
  },
  "a factor of 0": { block: entry({ scale_factor: 0 }), says: /^registers.0.scale_factor: must not be 0/ },
  "an unknown key": { block: { registers: [REGISTER], retries: 3 }, says: /retries/ },
};

function entry(keys: Record<string, unknown>): Record<string, unknown> {
  return { registers: [{ ...REGISTER, ...keys }] };
}

for (const [what, { block, says }] of Object.entries(REFUSED)) {
  Deno.test(`modbusSettings refuses ${what}`, () => {
    const texts = complaints(modbusSettings, { registers: [REGISTER], ...block });
    assert.equal(texts.length, 1, texts.join("\n"));
    assert.match(texts[0] ?? "", says);
  });
}

Deno.test("modbusSettings takes a mapping longer than one request, since its values can be read apart", () => {
  assert.deepEqual(complaints(modbusSettings, entry({ count: 1000, data_type: "float32" })), []);
});

const ENDPOINTS: Readonly<Record<string, boolean>> = {
  "modbus+tcp://192.168.1.150:502": true,
  "modbus+tcp://plc": true,
  "modbus+tcp://[fe80::1]:502": true,
  "modbus+rtu:///dev/ttyUSB0": true,
  "modbus+rtutcp://gateway:4001": true,
  "modbus+ascii:///dev/ttyS0": true,
  "modbus+asciitcp://gateway:4001": true,
  "modbus+asciitcp:///dev/ttyS0": false,
  "modbus+rtu:///dev/serial/by-id/usb-FTDI_USB-RS485-if00-port0": true,
  "modbus+rtu:///dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0": true,
  "modbus+rtu:///dev/rfcomm0": true,
  "modbus+rtu:///dev/pts/3": true,
  "modbus+rtu:///dev/sda": false,
  "modbus+rtu:///dev/watchdog": false,
  "modbus+rtu:///etc/shadow": false,
  "modbus+rtu:///dev/tty/../sda": false,
  "modbus+rtu:///dev/serial/by-id/..": false,
  "modbus+rtu:///dev/serial/by-id/../../sda": false,
  "modbus+tcp://plc:70000": false,
  "modbus+tcp://": false,
  "modbus+rtu://ttyUSB0": false,
  "tcp://plc:502": false,
  "plc:502": false,
};

for (const [text, isValid] of Object.entries(ENDPOINTS)) {
  Deno.test(`the endpoint ${text} is ${isValid ? "taken" : "refused"}`, () => {
    assert.equal(modbus.endpoint.safeParse(text).success, isValid);
  });
}

const UNSUPPORTED: Readonly<Record<string, { endpoint: string; type?: string; says: RegExp | undefined }>> = {
  "Modbus TCP": { endpoint: "modbus+tcp://plc", type: "tcp", says: undefined },
  "Modbus TCP that is not named so": { endpoint: "modbus+tcp://plc", says: undefined },
  "a serial line": { endpoint: "modbus+rtu:///dev/ttyUSB0", type: "rtu", says: undefined },
  "RTU over TCP": { endpoint: "modbus+rtutcp://plc:4001", type: "rtu_over_tcp", says: undefined },
  "ASCII on a line": { endpoint: "modbus+ascii:///dev/ttyUSB0", type: "ascii", says: undefined },
  "ASCII over TCP": { endpoint: "modbus+asciitcp://plc:4001", says: undefined },
  "an endpoint of another type": {
    endpoint: "modbus+tcp://plc",
    type: "rtu",
    says: /^modbus.connection_type: rtu does not agree with endpoint modbus\+tcp:\/\/plc, which is tcp/,
  },
};

for (const [what, { endpoint, type, says }] of Object.entries(UNSUPPORTED)) {
  Deno.test(`unsupported() ${says ? "refuses" : "passes"} ${what}`, () => {
    const found = modbus.unsupported(configOf(endpoint, type ? { connection_type: type } : {}));
    assert.equal(found.length, says ? 1 : 0);
    if (says) assert.match(`${found[0]?.path.join(".")}: ${found[0]?.message}`, says);
  });
}

Deno.test("resources() names the serial line that a source holds, and nothing of others", () => {
  const names = (endpoint: string) => modbus.resources?.(configOf(endpoint)).map(({ name }) => name);
  assert.deepEqual(names("modbus+rtu:///dev/ttyUSB0"), ["the serial line /dev/ttyUSB0"]);
  assert.deepEqual(names("modbus+ascii:///dev/ttyUSB0"), ["the serial line /dev/ttyUSB0"]);
  assert.deepEqual(names("modbus+rtutcp://plc:4001"), []);
});
