import { ConfigError, ConnectionError } from "../../core/error.ts";
import type { LabRange, LabReading, RegisterLab } from "../../core/register_lab.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { ADDRESS_SPACE, noAddressText, protocolAddress } from "./address.ts";
import { decodeBit } from "./decode.ts";
import { exceptionText, isAboutExtent, isUnitSilent } from "./exception_code.ts";
import { labRegisters } from "./lab_values.ts";
import { Link } from "./link.ts";
import { answerTimeoutMs, openConnection } from "./open_connection.ts";
import type { ReadRange } from "./pdu.ts";
import { isBitTable } from "./plan.ts";
import type { ModbusSettings } from "./settings.ts";

/** Reads a range of registers as it is now: one request at a time, at the source's pace, within its limits, reads alone. */
export class ModbusLab implements RegisterLab {
  readonly #config: SourceConfig<ModbusSettings>;
  readonly #deps: SourceDeps;
  readonly #link: Link;

  constructor(config: SourceConfig<ModbusSettings>, deps: SourceDeps) {
    const { clock, report, pace } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#link = new Link({
      open: (signal) => openConnection(config, { clock, report, onLate: () => {} }, signal),
      clock,
      pace,
      connectDelayMs: config.settings.connect_delay_ms,
    });
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#link.connect(signal);
  }

  async read(wanted: LabRange, signal: AbortSignal): Promise<LabReading> {
    const { settings } = this.#config;
    const whole = rangeOf(wanted, settings);
    const values: number[] = [];
    for (const [index, range] of partsOf(whole, settings).entries()) {
      if (index > 0 && settings.request_delay_ms > 0) {
        await this.#deps.clock.sleep(settings.request_delay_ms, signal);
      }
      values.push(...await this.#values(range, signal));
    }
    const { slaveId, registerType, start } = whole;
    return { unit: slaveId, registers: labRegisters({ slaveId, registerType, start, values }, settings) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
  }

  async #values(range: ReadRange, signal: AbortSignal): Promise<number[]> {
    const outcome = await abortable(this.#link.read(range), signal);
    if (outcome.kind === "exception") throw refused(range, outcome.code);
    if (outcome.kind === "timeout") throw this.#silent(range, outcome.heard);
    const { data } = outcome;
    const at = isBitTable(range.registerType)
      ? (index: number) => decodeBit(data, index).raw ?? 0
      : (index: number) => data.getUint16(2 * index);
    return Array.from({ length: range.count }, (_, index) => at(index));
  }

  #silent({ slaveId }: ReadRange, heard: string | undefined): ConnectionError {
    const why = heard ?? `did not answer within ${answerTimeoutMs(this.#config)} ms`;
    const advice = "check the unit id, and whether the device is on and reachable through its gateway";
    return new ConnectionError("modbus_silent", `Unit ${slaveId} ${why}; ${advice}`);
  }
}

/** @throws {ConfigError} */
function rangeOf({ unit, table, address, addressing, count }: LabRange, settings: ModbusSettings): ReadRange {
  const way = addressing ?? settings.addressing;
  const start = protocolAddress(address, table, way);
  if (start === undefined) throw new ConfigError("lab_no_range", noAddressText(address, table, way));
  if (start + count > ADDRESS_SPACE) {
    const message = `${count} addresses from ${start} end beyond ${ADDRESS_SPACE - 1}, the last that there is`;
    throw new ConfigError("lab_no_range", message);
  }
  return { slaveId: unit ?? settings.slave_id, registerType: table, start, count };
}

/** As many at once as the device gives in one answer. */
function partsOf(range: ReadRange, settings: ModbusSettings): ReadRange[] {
  const most = isBitTable(range.registerType) ? settings.max_coils_per_request : settings.max_registers_per_request;
  return Array.from({ length: Math.ceil(range.count / most) }, (_, index) => ({
    ...range,
    start: range.start + index * most,
    count: Math.min(most, range.count - index * most),
  }));
}

function refused({ slaveId, registerType, start, count }: ReadRange, code: number): ConfigError {
  const place = `${registerType} ${start}${count > 1 ? ` to ${start + count - 1}` : ""} of unit ${slaveId}`;
  const advice = isAboutExtent(code)
    ? "it does not have all of these addresses: ask for fewer, or for one, or for another table"
    : isUnitSilent(code)
    ? "the gateway does not reach this unit: check the unit id and its line"
    : "its manual says more";
  return new ConfigError("lab_exception", `For ${place} the device answers ${exceptionText(code)}: ${advice}`);
}
