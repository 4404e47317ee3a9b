import { z } from "zod";
import { defineSource } from "../../core/source.ts";
import { modbusEncoder } from "./encode.ts";
import { parseModbusEndpoint } from "./endpoint.ts";
import { modbusSettings } from "./settings.ts";
import { unsupportedModbus } from "./unsupported.ts";

/** Modbus, as a master that reads and never writes. */
export const modbus = defineSource({
  type: "modbus",
  message: "ModbusBronzeRecord",
  summary: "Reads registers, coils and inputs of Modbus devices, again and again.",
  endpoint: z.string().refine(
    (text) => parseModbusEndpoint(text) !== undefined,
    "must look like modbus+tcp://192.168.1.150:502, modbus+rtu:///dev/ttyUSB0 or modbus+rtutcp://192.168.1.150:502",
  ).meta({
    description: "Address of the device or gateway; a port that is left out is 502.",
    examples: ["modbus+tcp://192.168.1.150:502"],
  }),
  schema: modbusSettings,
  isPaced: true,
  list: "registers",
  unsupported: unsupportedModbus,
  encoder: modbusEncoder,
  load: async () => (await import("./mod.ts")).modbusAdapter(),
});
