/**
 * Modbus over lines whose frames bear no transaction number: RTU and ASCII, on a serial line of this host or behind a
 * gateway that passes bytes on as they are.
 */
import type { ModbusEndpoint } from "../endpoint.ts";
import type { OpenDeps } from "../open_connection.ts";
import type { ModbusSettings } from "../settings.ts";
import { Abandoned } from "./abandoned.ts";
import { ascii } from "./ascii.ts";
import type { ByteLine } from "./byte_line.ts";
import { FramedConnection } from "./framed_connection.ts";
import { rtu } from "./rtu.ts";
import { SerialLine } from "./serial_line.ts";
import { TcpLine } from "./tcp_line.ts";

export interface OpenFramedOptions extends OpenDeps {
  readonly timeoutMs: number;
  readonly settings: ModbusSettings["serial"];
  /** Bounds the attempt to connect. */
  readonly signal: AbortSignal;
}

type FramedEndpoint = Exclude<ModbusEndpoint, { type: "tcp" }> | Extract<ModbusEndpoint, { hostname: string }>;

/** @throws {ConnectionError} the line or gateway cannot be reached @throws {ConfigError} it cannot be used @throws the signal's reason when it aborts first */
export async function openFramed(endpoint: FramedEndpoint, options: OpenFramedOptions): Promise<FramedConnection> {
  const { timeoutMs, clock, onLate, report } = options;
  return new FramedConnection(await openLine(endpoint, options), {
    framing: endpoint.type === "ascii" || endpoint.type === "ascii_over_tcp" ? ascii : rtu,
    timeoutMs,
    clock,
    onLate,
    abandoned: options.abandoned ?? new Abandoned(timeoutMs),
    onFault: (kind) => report({ kind: "device_side", what: `line_${kind}`, count: 1 }),
  });
}

async function openLine(endpoint: FramedEndpoint, options: OpenFramedOptions): Promise<ByteLine> {
  const { clock, settings, signal } = options;
  if ("hostname" in endpoint) return await TcpLine.open({ ...endpoint, ...options });
  signal.throwIfAborted();
  return await SerialLine.open({ device: endpoint.device, settings, clock });
}
