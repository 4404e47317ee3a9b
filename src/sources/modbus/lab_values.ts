import { LAB_ORDERS, type LabRegister, type LabValues } from "../../core/register_lab.ts";
import { protocolAddress, type RegisterType } from "./address.ts";
import { type DataType, type Order, REGISTERS_PER_VALUE } from "./data_type.ts";
import { decodeRegisters } from "./decode.ts";
import { isBitTable } from "./plan.ts";
import { scaleOf } from "./scale.ts";
import type { ModbusSettings } from "./settings.ts";

/** What was read: data of one answer or of several, without a gap. */
export interface LabData {
  readonly slaveId: number;
  readonly registerType: RegisterType;
  /** Protocol address of the first. */
  readonly start: number;
  /** The 16 bits of each register, or one bit each. */
  readonly values: readonly number[];
}

type NumberType = Exclude<DataType, "string" | "bool">;

const TYPES: readonly NumberType[] = [
  "uint16",
  "int16",
  "bcd16",
  "float16",
  "uint32",
  "int32",
  "float32",
  "bcd32",
  "uint64",
  "int64",
  "float64",
  "bcd64",
];
/** How many registers a text is shown of. */
const TEXT_REGISTERS = 16;
/** As `LAB_ORDERS` calls them. */
const ORDERS: Readonly<Record<(typeof LAB_ORDERS)[number], { readonly byteOrder: Order; readonly wordOrder: Order }>> =
  {
    ABCD: { byteOrder: "big", wordOrder: "big" },
    CDAB: { byteOrder: "big", wordOrder: "little" },
    BADC: { byteOrder: "little", wordOrder: "big" },
    DCBA: { byteOrder: "little", wordOrder: "little" },
  };
const DIGIT: Readonly<Record<RegisterType, string>> = { coil: "0", discrete: "1", input: "3", holding: "4" };
/** Addresses that five digits can name. */
const SHORT = 9999;

/** Each address, in every type and order that what was read is long enough for. */
export function labRegisters(data: LabData, settings: ModbusSettings): LabRegister[] {
  const { registerType, start, values } = data;
  const isBits = isBitTable(registerType);
  const view = new DataView(new ArrayBuffer(2 * values.length));
  for (const [index, value] of values.entries()) view.setUint16(2 * index, value);
  return values.map((raw, index) => ({
    address: start + index,
    modicon: modiconOf(start + index, registerType),
    raw,
    values: isBits ? [] : valuesAt(view, index),
    entry: entryOf(data, start + index, settings),
  }));
}

/** `40001` is the first holding register; from the ten thousandth on six digits are needed. */
export function modiconOf(address: number, registerType: RegisterType): string {
  const number = address + 1;
  return `${DIGIT[registerType]}${String(number).padStart(number > SHORT ? 5 : 4, "0")}`;
}

function valuesAt(view: DataView, index: number): LabValues[] {
  const left = view.byteLength / 2 - index;
  const numbers = TYPES.filter((type) => REGISTERS_PER_VALUE[type] <= left).map((type) => ({
    type,
    values: LAB_ORDERS.map((order) => hasOrder(type, order) ? numberAt(view, index, { type, order }) : null),
  }));
  const width = Math.min(left, TEXT_REGISTERS);
  const text = { type: "string", values: LAB_ORDERS.map((order) => textAt(view, index, { order, width })) };
  return [...numbers, text];
}

/** One register has no order of registers. */
function hasOrder(type: NumberType | "string", order: (typeof LAB_ORDERS)[number]): boolean {
  return ORDERS[order].wordOrder === "big" || (type !== "string" && REGISTERS_PER_VALUE[type] > 1);
}

interface Way {
  readonly type: NumberType;
  readonly order: (typeof LAB_ORDERS)[number];
}

function numberAt(view: DataView, index: number, { type, order }: Way): string | null {
  const format = { dataType: type, ...ORDERS[order], width: REGISTERS_PER_VALUE[type], ...PLAIN };
  const read = decodeRegisters(view, 2 * index, format);
  return read === undefined ? null : read.text ?? String(read.value);
}

function textAt(
  view: DataView,
  index: number,
  { order, width }: { readonly order: Way["order"]; readonly width: number },
): string | null {
  if (!hasOrder("string", order)) return null;
  const text = decodeRegisters(view, 2 * index, { dataType: "string", ...ORDERS[order], width, ...PLAIN })?.text ?? "";
  // deno-lint-ignore no-control-regex -- control characters show that it is no text
  return text === "" || /[\u0000-\u001f\u007f-\u009f]/.test(text) ? null : text;
}

const PLAIN = {
  bit: undefined,
  bitCount: 1,
  scale: scaleOf(1, 0),
  noValue: undefined,
  encoding: "auto",
  padding: "nul",
} as const;

/** Only what is not the case anyway in this source. */
function entryOf({ slaveId, registerType }: LabData, address: number, settings: ModbusSettings): LabRegister["entry"] {
  const isUsual = slaveId === settings.slave_id;
  return {
    name: `${isUsual ? "" : `unit_${slaveId}_`}${registerType}_${address}`,
    address,
    ...(protocolAddress(address, registerType, settings.addressing) === address ? {} : { addressing: "zero_based" }),
    ...(registerType === "holding" ? {} : { register_type: registerType }),
    ...(isUsual ? {} : { slave_id: slaveId }),
  };
}
