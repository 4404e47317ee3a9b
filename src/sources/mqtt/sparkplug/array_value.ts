import type { DataType } from "./data_type.ts";
import { isoTime, narrowed } from "./scalar.ts";
import type { TextRoom } from "./room.ts";
import { UnreadableValue } from "./unreadable.ts";

/** Bytes of an element, and how it is read from there. Everything is little-endian (Sparkplug 3.0, 6.4.16). */
interface Elements {
  readonly bytes: number;
  /** Characters of an element with the comma behind it, at most. */
  readonly most: number;
  readonly read: (view: DataView, at: number) => string;
}

const ELEMENTS: Readonly<Partial<Record<DataType, Elements>>> = {
  Int8Array: { bytes: 1, most: 5, read: (view, at) => String(view.getInt8(at)) },
  Int16Array: { bytes: 2, most: 7, read: (view, at) => String(view.getInt16(at, true)) },
  Int32Array: { bytes: 4, most: 12, read: (view, at) => String(view.getInt32(at, true)) },
  Int64Array: { bytes: 8, most: 21, read: (view, at) => String(view.getBigInt64(at, true)) },
  UInt8Array: { bytes: 1, most: 4, read: (view, at) => String(view.getUint8(at)) },
  UInt16Array: { bytes: 2, most: 6, read: (view, at) => String(view.getUint16(at, true)) },
  UInt32Array: { bytes: 4, most: 11, read: (view, at) => String(view.getUint32(at, true)) },
  UInt64Array: { bytes: 8, most: 21, read: (view, at) => String(view.getBigUint64(at, true)) },
  FloatArray: { bytes: 4, most: 26, read: (view, at) => realText(view.getFloat32(at, true)) },
  DoubleArray: { bytes: 8, most: 26, read: (view, at) => realText(view.getFloat64(at, true)) },
  DateTimeArray: { bytes: 8, most: 30, read: (view, at) => `"${isoTime(narrowed(view.getBigInt64(at, true)))}"` },
};

/** By a byte, the text of its eight booleans: they may be millions, and this is far less work than one by one. */
const EIGHT = Array.from({ length: 256 }, (_, byte) => {
  const bits = [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01];
  return bits.map((bit) => (byte & bit) !== 0).join();
});

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function isArrayType(dataType: DataType): boolean {
  return dataType.endsWith("Array");
}

/**
 * An array as JSON that loses nothing: integers in all their digits, and times as ISO 8601. JSON has no NaN and no
 * infinity: they are the strings "NaN", "Infinity" and "-Infinity".
 * @throws {UnreadableValue} where the bytes are no such array, or one that is too long for `room`
 */
export function arrayText(bytes: Uint8Array, dataType: DataType, room: TextRoom): string {
  if (dataType === "BooleanArray") return booleans(bytes, room);
  if (dataType === "StringArray") return strings(bytes, room);
  const elements = ELEMENTS[dataType];
  if (!elements || bytes.length % elements.bytes !== 0) {
    throw new UnreadableValue(`${bytes.length} bytes, which are no ${dataType}`);
  }
  room.takeText((bytes.length / elements.bytes) * elements.most);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += elements.bytes) texts.push(elements.read(view, at));
  return `[${texts.join(",")}]`;
}

/** A number as JSON, or as the string that stands for it where JSON has no such number. */
export function realText(value: number): string {
  return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
}

/** Four bytes say how many there are; then they follow, eight to a byte, the first in the highest bit. */
function booleans(bytes: Uint8Array, room: TextRoom): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes.length < 4 ? -1 : view.getUint32(0, true);
  if (count < 0 || Math.ceil(count / 8) !== bytes.length - 4) {
    throw new UnreadableValue(`${bytes.length} bytes, which are no BooleanArray`);
  }
  room.takeText(count * "false,".length);
  const texts = Array.from(bytes.subarray(4), (byte) => EIGHT[byte]);
  const beyond = texts.length * 8 - count;
  if (beyond > 0) texts.push(texts.pop()?.split(",").slice(0, -beyond).join());
  return `[${texts.join(",")}]`;
}

/** Each ends with a zero byte. */
function strings(bytes: Uint8Array, room: TextRoom): string {
  if (bytes.length > 0 && bytes.at(-1) !== 0) throw new UnreadableValue("a StringArray whose last string has no end");
  room.takeText(bytes.length);
  const text = JSON.stringify(decoded(bytes).split("\0").slice(0, -1));
  room.takeText(Math.max(0, text.length - bytes.length));
  return text;
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new UnreadableValue("a StringArray that is no UTF-8");
  }
}
