import { z } from "zod";
import { defineSource } from "../../core/source.ts";
import { modbusEncoder } from "./encode.ts";
import { isLinePath, LINE_PATHS } from "./line_path.ts";
import { parseModbusEndpoint } from "./endpoint.ts";
import { modbusProfiles } from "./profile.ts";
import { modbusSettings } from "./settings.ts";
import { valuesPerSecond } from "./values_per_second.ts";
import { unsupportedModbus } from "./unsupported.ts";

/** Modbus, as a master that reads and never writes. */
export const modbus = defineSource({
  type: "modbus",
  message: "ModbusBronzeRecord",
  summary: "Reads registers, coils and inputs of Modbus devices, again and again.",
  endpoint: z.string().refine(
    (text) => {
      const parsed = parseModbusEndpoint(text);
      return !parsed || !("device" in parsed) || isLinePath(parsed.device);
    },
    `must name a serial line: ${LINE_PATHS}`,
  ).refine(
    (text) => parseModbusEndpoint(text) !== undefined,
    "must look like modbus+tcp://192.168.1.150:502, modbus+rtu:///dev/ttyUSB0 or modbus+rtutcp://192.168.1.150:502 (modbus+ascii:// and modbus+asciitcp:// for ASCII)",
  ).meta({
    description:
      "Address of the device, gateway or serial line; a port that is left out is 502. Serial lines of the host take iot-connector-serial.",
    examples: ["modbus+tcp://192.168.1.150:502"],
  }),
  schema: modbusSettings,
  isPaced: true,
  readingsPerSecond: ({ settings }) => valuesPerSecond(settings),
  list: "registers",
  profiles: modbusProfiles,
  unsupported: unsupportedModbus,
  resources: ({ endpoint }) => {
    const parsed = parseModbusEndpoint(endpoint);
    const isLine = parsed?.type === "rtu" || parsed?.type === "ascii";
    return isLine ? [{ name: `the serial line ${parsed.device}`, path: ["endpoint"] }] : [];
  },
  encoder: modbusEncoder,
  load: async () => (await import("./mod.ts")).modbusAdapter(),
});
