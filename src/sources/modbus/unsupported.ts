import type { SourceConfig, Unsupported } from "../../core/source.ts";
import { type ConnectionType, parseModbusEndpoint } from "./endpoint.ts";
import type { ModbusSettings } from "./settings.ts";

const SCHEME: Readonly<Record<ConnectionType, string>> = {
  tcp: "modbus+tcp://",
  rtu: "modbus+rtu://",
  rtu_over_tcp: "modbus+rtutcp://",
};

/** Settings that parse and that this version cannot do, and an endpoint that contradicts them. Paths begin at the entry in `sources[]`. */
export function unsupportedModbus(config: SourceConfig<ModbusSettings>): readonly Unsupported[] {
  const reached = parseModbusEndpoint(config.endpoint)?.type;
  const { connection_type: stated } = config.settings;
  if (reached !== undefined && stated !== null && stated !== reached) {
    const message = `${stated} does not agree with endpoint ${config.endpoint}, which is ${reached}: ` +
      `use ${reached}, or an endpoint that begins with ${SCHEME[stated]}`;
    return [{ path: ["modbus", "connection_type"], message }];
  }
  if (reached === "rtu") return [refuse("a serial line")];
  if (reached === "rtu_over_tcp") return [refuse("RTU over TCP")];
  return [];
}

function refuse(what: string): Unsupported {
  const message = `${what} is not supported by this version: use modbus+tcp:// with a Modbus TCP device or gateway`;
  return { path: ["endpoint"], message };
}
