import type { Encoding } from "./data_type.ts";
import type { ValueFormat } from "./mapping.ts";

/** The text in the registers that begin at byte `at`: to the first NUL, without its padding. */
export function textOf(data: DataView, at: number, format: ValueFormat): string {
  const bytes = new Uint8Array(2 * format.width);
  for (let byte = 0; byte < bytes.length; byte++) {
    bytes[byte] = data.getUint8(at + (format.byteOrder === "big" ? byte : byte ^ 1));
  }
  const text = decoded(upToNul(bytes, format.encoding), format.encoding);
  return format.padding === "space" ? text.replace(/ +$/, "") : text;
}

/** A character of UTF-16 is a whole register, and one of its bytes may be zero. */
function upToNul(bytes: Uint8Array, encoding: Encoding): Uint8Array {
  const step = encoding === "utf-16" ? 2 : 1;
  for (let at = 0; at < bytes.length; at += step) {
    if (bytes[at] === 0 && (step === 1 || bytes[at + 1] === 0)) return bytes.subarray(0, at);
  }
  return bytes;
}

function decoded(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === "latin-1") return latin1(bytes);
  if (encoding === "utf-16") return new TextDecoder("utf-16be", { ignoreBOM: true }).decode(bytes);
  if (encoding !== "auto") return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // TypeError: not UTF-8
    return latin1(bytes);
  }
}

/** Every byte is the character of its number; TextDecoder reads "latin1" as windows-1252. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (code) => String.fromCharCode(code)).join("");
}
