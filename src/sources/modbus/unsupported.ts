import type { SourceConfig, Unsupported } from "../../core/source.ts";
import { type ConnectionType, parseModbusEndpoint, SCHEME } from "./endpoint.ts";
import { serialFaults } from "./serial/serial_faults.ts";
import type { ModbusSettings } from "./settings.ts";

/** Settings that parse and that this version cannot do, and an endpoint that contradicts them. Paths begin at the entry in `sources[]`. */
export function unsupportedModbus(config: SourceConfig<ModbusSettings>): readonly Unsupported[] {
  const reached = parseModbusEndpoint(config.endpoint)?.type;
  const { connection_type: stated } = config.settings;
  if (reached === undefined) return [];
  if (stated !== null && stated !== reached) return [disagreement(config.endpoint, reached, stated)];
  return reached === "tcp" ? [] : serialFaults(config.settings, reached);
}

function disagreement(endpoint: string, reached: ConnectionType, stated: ConnectionType): Unsupported {
  const message = `${stated} does not agree with endpoint ${endpoint}, which is ${reached}: ` +
    `use ${reached}, or an endpoint that begins with ${SCHEME[stated]}`;
  return { path: ["modbus", "connection_type"], message };
}
