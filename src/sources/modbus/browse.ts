import type { BrowseNode, BrowsePage, BrowseRequest, BrowseSession } from "../../core/browse.ts";
import { ConnectionError } from "../../core/error.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { ADDRESS_SPACE, REGISTER_TYPES, type RegisterType } from "./address.ts";
import { browseNode } from "./browse_node.ts";
import { type BrowsePlace, browsePlaceText, parseBrowsePlace } from "./browse_place.ts";
import { BrowseScan, type ScanRange } from "./browse_scan.ts";
import { exceptionText, isAboutExtent } from "./exception_code.ts";
import { Link } from "./link.ts";
import { answerTimeoutMs, openConnection } from "./open_connection.ts";
import type { Outcome } from "./outcome.ts";
import type { ReadRange } from "./pdu.ts";
import { isBitTable } from "./plan.ts";
import type { ModbusSettings } from "./settings.ts";

/** Addresses in one folder of a table. */
const BLOCK = 1000;
/** The most addresses asked for at once: a device that lacks one of them refuses all. */
const CHUNK = 100;
/** A page ends after so many requests, wherever it got to: in a table full of holes each address is one. */
const MAX_REQUESTS = 400;

/** Registers of a device, looked at live: as they are, and in the likely types and orders. */
export class ModbusBrowse implements BrowseSession {
  readonly #config: SourceConfig<ModbusSettings>;
  readonly #deps: SourceDeps;
  readonly #link: Link;
  /** A request that was given up: its answer has to come, or its time to pass, before the next one. */
  #last: Promise<unknown> = Promise.resolve();

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

  async children(request: BrowseRequest, signal: AbortSignal): Promise<BrowsePage> {
    signal.throwIfAborted();
    const { under, after, limit } = request;
    const { settings } = this.#config;
    if (under === undefined) return pageOf(tablesOf(settings), request);
    const place = parseBrowsePlace(under, settings.slave_id);
    if (!place.range) return pageOf(blocksOf(place, settings), request);
    const { slaveId, registerType, range: { first, last } } = place;
    return await this.#registers({ slaveId, registerType, first: Number(after ?? first), last }, { limit, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link[Symbol.asyncDispose]();
  }

  async #registers(range: ScanRange, { limit, signal }: { limit: number; signal: AbortSignal }): Promise<BrowsePage> {
    const { settings } = this.#config;
    const chunk = Math.min(CHUNK, mostOf(range.registerType, settings));
    const scan = new BrowseScan(range, { chunk, values: limit, requests: MAX_REQUESTS });
    for (let next = scan.next(); next; next = scan.next()) {
      const outcome = await this.#read(next, signal);
      scan.take(next, outcome);
      if (outcome.kind === "exception" && !isAboutExtent(outcome.code)) this.#tell(next, outcome.code);
    }
    // Without the register behind it the last one cannot be read as 32 bits.
    const beyond = await this.#registerAt({ ...range, start: scan.at, count: 1 }, signal);
    const nodes = [...scan.values].map(([address, { value, timeUs }]) => {
      const next = scan.values.get(address + 1)?.value ?? (address + 1 === scan.at ? beyond : undefined);
      return browseNode({
        place: { slaveId: range.slaveId, registerType: range.registerType, range: undefined },
        address,
        value,
        next,
        timeUs,
      }, settings);
    });
    return { nodes, next: scan.isAtEnd ? undefined : String(scan.at) };
  }

  async #registerAt(range: ReadRange, signal: AbortSignal): Promise<number | undefined> {
    if (isBitTable(range.registerType) || range.start >= ADDRESS_SPACE) return undefined;
    const outcome = await this.#read(range, signal);
    return outcome.kind === "data" ? outcome.data.getUint16(0) : undefined;
  }

  async #read(range: ReadRange, signal: AbortSignal): Promise<Outcome> {
    await abortable(this.#last, signal);
    const { request_delay_ms: delayMs } = this.#config.settings;
    const reading = this.#link.read(range);
    this.#last = reading.then(() => delayMs > 0 ? this.#deps.clock.sleep(delayMs) : undefined, () => {});
    const outcome = await abortable(reading, signal);
    if (outcome.kind !== "timeout") return outcome;
    const advice = "check the unit id (7/holding looks at unit 7), and whether the device is on";
    const why = outcome.heard ?? `did not answer within ${answerTimeoutMs(this.#config)} ms`;
    throw new ConnectionError("modbus_silent", `Unit ${range.slaveId} ${why}; ${advice}`);
  }

  #tell({ slaveId, registerType, start, count }: ReadRange, code: number): void {
    const range = { first: start, last: start + count - 1 };
    const place = browsePlaceText({ slaveId, registerType, range }, this.#config.settings.slave_id);
    this.#deps.log.log("warn", `For ${place} the device answers ${exceptionText(code)}`);
  }
}

/** The four tables of every unit that the configuration names. */
function tablesOf({ slave_id, registers, devices }: ModbusSettings): BrowseNode[] {
  const named = [...registers, ...devices].flatMap((each) => each.slave_id ?? []);
  return [...new Set([slave_id, ...named])].flatMap((slaveId) =>
    REGISTER_TYPES.map((registerType) => folder({ slaveId, registerType, range: undefined }, slave_id))
  );
}

function blocksOf(table: BrowsePlace, { slave_id }: ModbusSettings): BrowseNode[] {
  return Array.from({ length: Math.ceil(ADDRESS_SPACE / BLOCK) }, (_, index) => {
    const first = index * BLOCK;
    return folder({ ...table, range: { first, last: Math.min(first + BLOCK, ADDRESS_SPACE) - 1 } }, slave_id);
  });
}

function folder(place: BrowsePlace, usualSlaveId: number): BrowseNode {
  const id = browsePlaceText(place, usualSlaveId);
  return { id, name: id, kind: "folder", hasChildren: undefined };
}

function pageOf(all: readonly BrowseNode[], { after, limit }: BrowseRequest): BrowsePage {
  const begin = Number(after ?? 0);
  const end = begin + limit;
  return { nodes: all.slice(begin, end), next: end < all.length ? String(end) : undefined };
}

function mostOf(registerType: RegisterType, settings: ModbusSettings): number {
  return isBitTable(registerType) ? settings.max_coils_per_request : settings.max_registers_per_request;
}
