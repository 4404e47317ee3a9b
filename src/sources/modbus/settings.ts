import { z } from "zod";
import { integer } from "../../core/schema.ts";
import { ADDRESS_SPACE, ADDRESSINGS, noAddressText, protocolAddress } from "./address.ts";
import { CONNECTION_TYPES } from "./endpoint.ts";
import { deviceSettings } from "./profile.ts";
import { isBits, type MappingSettings, mappingSettings, spanOf, valueWidth } from "./mapping_settings.ts";
import { serialSettings } from "./serial/serial_settings.ts";

/** The block `modbus:` of a source. */
export const modbusSettings = z.strictObject({
  connection_type: z.enum(CONNECTION_TYPES).nullable().default(null).meta({
    description: "How the device is reached; must agree with the endpoint. Not set: as the endpoint says.",
    examples: ["tcp"],
  }),
  slave_id: integer(0, 255).default(1).meta({
    description: "Unit id of the device, for entries of registers that name none.",
    examples: [1],
  }),
  poll_interval_seconds: z.number().min(0.001).max(86_400).default(1).meta({
    description: "How often each entry of registers is read, unless it says otherwise.",
    examples: [1],
    unit: "s",
  }),
  timeout_seconds: z.number().min(0.01).max(600).default(3).meta({
    description:
      "How long the device may take to accept the connection, and to answer one request; on a serial line serial.timeout_seconds says so.",
    unit: "s",
  }),
  request_delay_ms: z.number().min(0).max(60_000).default(0).meta({
    description: "Rest between an answer and the next request, for devices that cannot keep up.",
    unit: "ms",
  }),
  connect_delay_ms: z.number().min(0).max(60_000).default(0).meta({
    description: "Rest between connecting and the first request.",
    unit: "ms",
  }),
  max_registers_per_request: integer(1, 125).default(125).meta({
    description: "The most registers the device gives in one answer; the standard allows 125.",
    unit: "registers",
  }),
  max_coils_per_request: integer(1, 2000).default(2000).meta({
    description: "The most coils or discrete inputs the device gives in one answer; the standard allows 2000.",
    unit: "coils",
  }),
  read_gap: integer(0, 124).default(8).meta({
    description:
      "Registers or coils between two entries that one request may read across; 0 reads none but those listed.",
    unit: "registers",
  }),
  addressing: z.enum(ADDRESSINGS).default("auto").meta({
    description:
      "zero_based: address is the protocol address; modicon: 40001 is holding register 0; auto: modicon where 5 or 6 digits begin with 1, 3 or 4, which must be the digit of the register_type, else zero based.",
  }),
  serial: serialSettings.prefault({}).meta({
    description: "The serial line, for an endpoint modbus+rtu:// or modbus+ascii://.",
  }),
  devices: z.array(deviceSettings).max(1000).default([]).meta({
    description: "Devices whose registers are listed in a profile: its entries are added to registers.",
    examples: [[{ profile: "eastron_sdm630", slave_id: 2, prefix: "main_" }]],
  }),
  registers: z.array(mappingSettings).max(50_000).default([]).meta({
    description: "What to read. Neighbours are read together.",
    examples: [[{ name: "temperature", address: 40001, data_type: "float32", unit: "degC" }]],
  }),
}).superRefine(checkTogether);

export type ModbusSettings = z.output<typeof modbusSettings>;

/** What no single entry can say. */
function checkTogether(settings: ModbusSettings, context: z.RefinementCtx): void {
  const names = new Map<string, number>();
  for (const [index, mapping] of settings.registers.entries()) {
    const fail = (key: keyof MappingSettings, message: string) =>
      context.addIssue({ code: "custom", path: ["registers", index, key], message });
    const twin = names.get(mapping.name);
    const remedy = settings.devices.length > 1 ? "; give each device a prefix, or its profile's names come twice" : "";
    if (twin !== undefined) fail("name", `must be unique: registers[${twin}] is called ${mapping.name} too${remedy}`);
    else names.set(mapping.name, index);
    const misplaced = misplacement(mapping, settings);
    if (misplaced !== undefined) fail("address", misplaced);
    const oversize = oversizeOf(mapping, settings);
    if (oversize !== undefined) fail("count", oversize);
  }
}

function misplacement(mapping: MappingSettings, settings: ModbusSettings): string | undefined {
  const { address, register_type: type } = mapping;
  const addressing = mapping.addressing ?? settings.addressing;
  const first = protocolAddress(address, type, addressing);
  if (first === undefined) return noAddressText(address, type, addressing);
  const end = first + spanOf(mapping);
  return end <= ADDRESS_SPACE ? undefined : `its last register would be ${end - 1}, and addresses end at 65535`;
}

function oversizeOf(mapping: MappingSettings, settings: ModbusSettings): string | undefined {
  const key = isBits(mapping) ? "max_coils_per_request" : "max_registers_per_request";
  const most = isBits(mapping) ? settings[key] : mapping.max_registers_per_request ?? settings[key];
  const width = valueWidth(mapping);
  return width <= most
    ? undefined
    : `one value takes ${width} registers, and one request reads at most ${most} (${key})`;
}
