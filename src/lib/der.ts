/**
 * Reads ASN.1 in BER, of which DER is a part (ITU-T X.690): as much as certificates' containers are made of. Lengths may be
 * indefinite and strings in parts, as some programs write PKCS#12 files so.
 */

export interface DerValue {
  /** The identifier octet: class, whether it is constructed, and the number of the tag. */
  readonly tag: number;
  /** What it holds, without its identifier and length. */
  readonly content: Uint8Array;
  /** All of it, over which signatures are made. */
  readonly raw: Uint8Array;
}

const MAX_DEPTH = 40;
const CONSTRUCTED = 0x20;

/** The value at the beginning of `bytes`. @throws {Error} when they are none */
export function readDer(bytes: Uint8Array): DerValue {
  return readAt(bytes, 0, 0).value;
}

/** The values in a constructed one. @throws {Error} as above */
export function partsOf(value: DerValue): readonly DerValue[] {
  return [...partsIn(value)];
}

/** The same one by one, for a value that has very many. @throws {Error} as above */
export function* partsIn({ content }: DerValue): Generator<DerValue> {
  for (let at = 0; at < content.length;) {
    const { value, end } = readAt(content, at, 0);
    yield value;
    at = end;
  }
}

/** The part at this place. @throws {Error} when there is none */
export function partOf(value: DerValue, index: number): DerValue {
  return partsOf(value)[index] ?? fail("a part is missing");
}

/** The bytes of a string of octets, whatever its tag, put together where it is in parts. */
export function octetsOf(value: DerValue, depth = 0): Uint8Array {
  if ((value.tag & CONSTRUCTED) === 0) return value.content;
  if (depth > MAX_DEPTH) return fail("it is nested too deep");
  const parts = partsOf(value).map((part) => octetsOf(part, depth + 1));
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** An object identifier: `1.2.840.113549.1.7.1`. */
export function oidOf({ tag, content }: DerValue): string {
  if (tag !== 0x06 || content.length === 0) fail("an object identifier is missing");
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...rest] = numbers;
  const arc = Math.min(2, Math.floor(first / 40));
  return [arc, first - arc * 40, ...rest].join(".");
}

/** A whole number of 0 or more. */
export function numberOf({ tag, content }: DerValue): number {
  if (tag !== 0x02 || content.length > 6) fail("a number is missing, or too large");
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

interface Read {
  readonly value: DerValue;
  readonly end: number;
}

function readAt(bytes: Uint8Array, at: number, depth: number): Read {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > MAX_DEPTH) {
    return fail("it is cut off");
  }
  const begin = at + 2;
  if (first === 0x80) return readIndefinite(bytes, { tag, start: at, depth });
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (count > 4) return fail("a length is too large");
  let length = count === 0 ? first : 0;
  for (const byte of bytes.subarray(begin, begin + count)) length = length * 256 + byte;
  const end = begin + count + length;
  if (end > bytes.length) return fail("it is cut off");
  return { value: { tag, content: bytes.subarray(begin + count, end), raw: bytes.subarray(at, end) }, end };
}

/** Up to two octets of zero (X.690, 8.1.5). */
function readIndefinite(bytes: Uint8Array, { tag, start, depth }: { tag: number; start: number; depth: number }): Read {
  let at = start + 2;
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) at = readAt(bytes, at, depth + 1).end;
  const end = at + 2;
  return { value: { tag, content: bytes.subarray(start + 2, at), raw: bytes.subarray(start, end) }, end };
}

function fail(why: string): never {
  throw new Error(`its structure cannot be read: ${why}`);
}
