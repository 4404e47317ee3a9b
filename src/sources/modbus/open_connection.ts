import { ConfigError } from "../../core/error.ts";
import type { Clock } from "../../core/clock.ts";
import type { SourceConfig, SourceEvent } from "../../core/source.ts";
import { ModbusConnection } from "./connection.ts";
import { type ModbusEndpoint, parseModbusEndpoint } from "./endpoint.ts";
import type { Connection } from "./link.ts";
import type { Abandoned } from "./serial/abandoned.ts";
import type { ModbusSettings } from "./settings.ts";

export interface OpenDeps {
  readonly clock: Clock;
  report(event: SourceEvent): void;
  /** An answer came `afterMs` from its request, which was given up before. */
  onLate(slaveId: number, afterMs: number): void;
  /** What earlier connections to the device gave up. */
  readonly abandoned?: Abandoned;
}

/** How long a unit may take to answer: on a line of this host its own setting says so. */
export function answerTimeoutMs({ endpoint, settings }: SourceConfig<ModbusSettings>): number {
  const isLine = isLineHere(parseModbusEndpoint(endpoint));
  return 1000 * (isLine ? settings.serial.timeout_seconds : settings.timeout_seconds);
}

/** What to say where nothing answers. */
export function silenceText({ endpoint }: SourceConfig<ModbusSettings>): string {
  const parsed = parseModbusEndpoint(endpoint);
  if (isLineHere(parsed)) return `Nothing on the line ${parsed.device} answers`;
  return "The device takes connections and does not answer";
}

/**
 * Connects as the endpoint says. The code of frames without numbers is loaded for those that need it.
 * @throws {ConnectionError} when nothing answers there in time @throws {ConfigError} when it cannot be used @throws the signal's reason when it aborts first
 */
export async function openConnection(
  config: SourceConfig<ModbusSettings>,
  deps: OpenDeps,
  signal: AbortSignal,
): Promise<Connection> {
  const endpoint = parseModbusEndpoint(config.endpoint);
  if (!endpoint) {
    throw new ConfigError("modbus_endpoint", `Cannot connect to ${config.endpoint}: use modbus+tcp://host:port`);
  }
  const timeoutMs = answerTimeoutMs(config);
  if (endpoint.type === "tcp") return await ModbusConnection.open({ ...endpoint, ...deps, timeoutMs, signal });
  const { openFramed } = await import("./serial/mod.ts");
  return await openFramed(endpoint, { ...deps, timeoutMs, settings: config.settings.serial, signal });
}

function isLineHere(endpoint: ModbusEndpoint | undefined): endpoint is ModbusEndpoint & { type: "rtu" | "ascii" } {
  return endpoint?.type === "rtu" || endpoint?.type === "ascii";
}
