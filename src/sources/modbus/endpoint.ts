/** How requests reach a device. */
export const CONNECTION_TYPES = ["tcp", "rtu", "rtu_over_tcp", "ascii", "ascii_over_tcp"] as const;
export type ConnectionType = (typeof CONNECTION_TYPES)[number];

/** Where a device is, parsed once from the configuration's text. */
export type ModbusEndpoint =
  | { readonly type: "tcp" | "rtu_over_tcp" | "ascii_over_tcp"; readonly hostname: string; readonly port: number }
  | { readonly type: "rtu" | "ascii"; readonly device: string };

/** What an endpoint of each type begins with. */
export const SCHEME: Readonly<Record<ConnectionType, string>> = {
  tcp: "modbus+tcp://",
  rtu: "modbus+rtu://",
  rtu_over_tcp: "modbus+rtutcp://",
  ascii: "modbus+ascii://",
  ascii_over_tcp: "modbus+asciitcp://",
};

/** The registered port (Modbus Messaging on TCP/IP Implementation Guide V1.0b, 4.2.2). */
const DEFAULT_PORT = 502;

const NETWORK = /^modbus\+(tcp|rtutcp|asciitcp):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/;
const NETWORK_TYPES = { tcp: "tcp", rtutcp: "rtu_over_tcp", asciitcp: "ascii_over_tcp" } as const;
const SERIAL = /^modbus\+(rtu|ascii):\/\/(\/[^\s?#]+)$/;

/**
 * Reads `endpoint:` of a Modbus source.
 *
 * ```ts
 * parseModbusEndpoint("modbus+tcp://192.168.1.150"); // { type: "tcp", hostname: "192.168.1.150", port: 502 }
 * parseModbusEndpoint("modbus+rtu:///dev/ttyUSB0"); // { type: "rtu", device: "/dev/ttyUSB0" }
 * ```
 * @returns undefined when `text` is none
 */
export function parseModbusEndpoint(text: string): ModbusEndpoint | undefined {
  const [, framing, device] = SERIAL.exec(text) ?? [];
  if (device !== undefined) return { type: framing === "ascii" ? "ascii" : "rtu", device };
  const [, scheme, host, portText] = NETWORK.exec(text) ?? [];
  if (host === undefined) return undefined;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  // The expression lets no other scheme through.
  const type = NETWORK_TYPES[scheme as keyof typeof NETWORK_TYPES];
  return { type, hostname: host.replace(/^\[|\]$/g, ""), port };
}
