import { bcdAt } from "./bcd.ts";
import type { ValueFormat } from "./mapping.ts";
import type { ModbusValue } from "./reading.ts";
import { scaled, scaledText } from "./scale.ts";
import { textOf } from "./text.ts";

/** Value bytes in the order of the standard, most significant first, for those that arrive otherwise. */
const scratch = new DataView(new ArrayBuffer(8));

/**
 * The value whose registers begin at byte `at` of `data`. Registers arrive big-endian (Modbus Application Protocol
 * V1.1b3, 4.2); devices put the bytes and registers of longer values in four orders, named by `byteOrder` and
 * `wordOrder`: big big is ABCD, big little CDAB, little big BADC, little little DCBA.
 *
 * @returns undefined where they hold no value: a BCD digit above 9, or what the device puts there instead
 */
export function decodeRegisters(data: DataView, at: number, format: ValueFormat): ModbusValue | undefined {
  const read = valueAt(data, at, format);
  return read?.raw !== undefined && read.raw === format.noValue ? undefined : read;
}

function valueAt(data: DataView, at: number, format: ValueFormat): ModbusValue | undefined {
  if (format.dataType === "string") return { raw: undefined, value: undefined, text: textOf(data, at, format) };
  const isAsIs = format.byteOrder === "big" && (format.wordOrder === "big" || format.width === 1);
  const view = isAsIs ? data : reordered(data, at, format);
  const start = isAsIs ? at : 0;
  switch (format.dataType) {
    case "int64":
      return longValue(view.getBigInt64(start), format);
    case "uint64":
      return longValue(view.getBigUint64(start), format);
    case "bcd16":
    case "bcd32":
    case "bcd64": {
      const digits = bcdAt(view, start, format.width);
      return digits === undefined ? undefined : longValue(digits, format);
    }
    default:
      return numberValue(numberAt(view, start, format), format);
  }
}

/** The coil or discrete input number `index` of an answer: eight to a byte, least significant first (V1.1b3, 6.1). */
export function decodeBit(data: DataView, index: number): ModbusValue {
  const raw = (data.getUint8(index >> 3) >> (index & 7)) & 1;
  return { raw, value: raw, text: undefined };
}

function numberAt(view: DataView, at: number, { dataType, bit, bitCount }: ValueFormat): number {
  switch (dataType) {
    case "bool":
      return (view.getUint16(at) >> (bit ?? 0)) & 1;
    case "int16":
      return view.getInt16(at);
    case "uint16":
      return bit === undefined ? view.getUint16(at) : (view.getUint16(at) >> bit) & (2 ** bitCount - 1);
    case "int32":
      return view.getInt32(at);
    case "uint32":
      return view.getUint32(at);
    case "float16":
      return view.getFloat16(at);
    case "float32":
      return view.getFloat32(at);
    case "float64":
      return view.getFloat64(at);
    default:
      throw new TypeError(`${dataType} is not decoded here`);
  }
}

function numberValue(raw: number, format: ValueFormat): ModbusValue {
  return { raw, value: scaled(raw, format.scale), text: undefined };
}

function longValue(raw: bigint, format: ValueFormat): ModbusValue {
  const number = Number(raw);
  if (Number.isSafeInteger(number)) return numberValue(number, format);
  const text = scaledText(raw, format.scale);
  // Not number * factor: the text's value is rounded once, not twice.
  return { raw: number, value: text === undefined ? scaled(number, format.scale) : Number(text), text };
}

function reordered(data: DataView, at: number, { width, byteOrder, wordOrder }: ValueFormat): DataView {
  for (let word = 0; word < width; word++) {
    const from = at + 2 * (wordOrder === "big" ? word : width - 1 - word);
    scratch.setUint16(2 * word, data.getUint16(from, byteOrder === "little"));
  }
  return scratch;
}
