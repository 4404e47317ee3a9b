import type { BrowseAlternative, BrowseEntry, BrowseNode, BrowseSetting } from "../../core/browse.ts";
import { protocolAddress } from "./address.ts";
import { type BrowsePlace, browsePlaceText } from "./browse_place.ts";
import { type DataType, type Order, REGISTERS_PER_VALUE } from "./data_type.ts";
import { decodeRegisters } from "./decode.ts";
import { isBitTable } from "./plan.ts";
import { scaleOf } from "./scale.ts";
import type { ModbusSettings } from "./settings.ts";

/** One address of a table, and what was found there. */
export interface Found {
  readonly place: BrowsePlace;
  readonly address: number;
  /** The register's 16 bits, or the bit. */
  readonly value: number;
  /** The register behind it, where it was read. */
  readonly next: number | undefined;
  /** Microseconds since 1970-01-01 UTC. */
  readonly timeUs: number;
}

/** A way to read registers, as people and manuals call it. */
interface Reading {
  readonly dataType: Exclude<DataType, "string">;
  readonly byteOrder: Order;
  readonly wordOrder: Order;
  readonly called: string;
}

const ORDERS: readonly Pick<Reading, "byteOrder" | "wordOrder" | "called">[] = [
  { byteOrder: "big", wordOrder: "big", called: "ABCD" },
  { byteOrder: "big", wordOrder: "little", called: "CDAB" },
  { byteOrder: "little", wordOrder: "big", called: "BADC" },
  { byteOrder: "little", wordOrder: "little", called: "DCBA" },
];
const SINGLE: readonly Reading[] = (["int16", "bcd16", "float16"] as const).map((dataType) => (
  { dataType, byteOrder: "big", wordOrder: "big", called: dataType }
));
const DOUBLE: readonly Reading[] = (["int32", "uint32", "float32"] as const).flatMap((dataType) =>
  ORDERS.map((order) => ({ ...order, dataType, called: `${dataType} ${order.called}` }))
);

/** Up to here an unsigned number is the signed one, which is shown. */
const MAX_INT32 = 2 ** 31 - 1;

/** A register or bit as it is, and the other ways to understand it and its neighbour. */
export function browseNode(found: Found, settings: ModbusSettings): BrowseNode {
  const { place, address, value, timeUs } = found;
  const isBits = isBitTable(place.registerType);
  const own = { ...place, range: { first: address, last: address } };
  const node: BrowseNode = {
    id: browsePlaceText(own, settings.slave_id),
    name: String(address),
    kind: "register",
    hasChildren: false,
    dataType: isBits ? "bool" : "uint16",
    sample: { value: String(value), timeUs },
    configure: entryOf(found, { settings, reading: undefined }),
  };
  if (isBits) return node;
  const facts = { hex: `0x${value.toString(16).padStart(4, "0")}`, bits: value.toString(2).padStart(16, "0") };
  return { ...node, facts, alternatives: alternativesOf(found, settings) };
}

function alternativesOf(found: Found, settings: ModbusSettings): BrowseAlternative[] {
  const registers = new DataView(new ArrayBuffer(4));
  registers.setUint16(0, found.value);
  registers.setUint16(2, found.next ?? 0);
  return [...SINGLE, ...found.next === undefined ? [] : DOUBLE].flatMap((reading) => {
    const value = decodeRegisters(registers, 0, formatOf(reading))?.value;
    if (value === undefined || (reading.dataType === "uint32" && value <= MAX_INT32)) return [];
    const sample = { value: String(value), timeUs: found.timeUs };
    return [{ dataType: reading.called, sample, configure: entryOf(found, { settings, reading }) }];
  });
}

function formatOf({ dataType, byteOrder, wordOrder }: Reading) {
  const width = REGISTERS_PER_VALUE[dataType];
  const whole = {
    bit: undefined,
    bitCount: 1,
    scale: scaleOf(1, 0),
    noValue: undefined,
    encoding: "auto",
    padding: "nul",
  } as const;
  return { dataType, byteOrder, wordOrder, width, ...whole };
}

/** Only what is not the case anyway in this source. */
function entryOf(
  { place: { slaveId, registerType }, address }: Found,
  { settings, reading }: { settings: ModbusSettings; reading: Reading | undefined },
): BrowseEntry {
  const isUsual = slaveId === settings.slave_id;
  const entry: Record<string, BrowseSetting> = {
    name: `${isUsual ? "" : `unit_${slaveId}_`}${registerType}_${address}`,
    address,
  };
  if (protocolAddress(address, registerType, settings.addressing) !== address) entry.addressing = "zero_based";
  if (registerType !== "holding") entry.register_type = registerType;
  if (!isUsual) entry.slave_id = slaveId;
  if (reading) entry.data_type = reading.dataType;
  if (reading?.byteOrder === "little") entry.byte_order = "little";
  if (reading?.wordOrder === "little") entry.word_order = "little";
  return { list: "registers", entry };
}
