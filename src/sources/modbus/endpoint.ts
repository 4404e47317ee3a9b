/** How requests reach a device. */
export type ConnectionType = "tcp" | "rtu" | "rtu_over_tcp";

/** Where a device is, parsed once from the configuration's text. */
export type ModbusEndpoint =
  | { readonly type: "tcp" | "rtu_over_tcp"; readonly hostname: string; readonly port: number }
  | { readonly type: "rtu"; readonly device: string };

/** The registered port (Modbus Messaging on TCP/IP Implementation Guide V1.0b, 4.2.2). */
const DEFAULT_PORT = 502;

const NETWORK = /^modbus\+(tcp|rtutcp):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/;
const SERIAL = /^modbus\+rtu:\/\/(\/[^\s?#]+)$/;

/**
 * Reads `endpoint:` of a Modbus source.
 *
 * ```ts
 * parseModbusEndpoint("modbus+tcp://192.168.1.150"); // { type: "tcp", hostname: "192.168.1.150", port: 502 }
 * ```
 * @returns undefined when `text` is none
 */
export function parseModbusEndpoint(text: string): ModbusEndpoint | undefined {
  const device = SERIAL.exec(text)?.[1];
  if (device !== undefined) return { type: "rtu", device };
  const [, scheme, host, portText] = NETWORK.exec(text) ?? [];
  if (host === undefined) return undefined;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  return { type: scheme === "tcp" ? "tcp" : "rtu_over_tcp", hostname: host.replace(/^\[|\]$/g, ""), port };
}
