/** Keys of the store, as its table has them: one part behind the other, each with a byte that says its type. */
const TEXT = 0x02;
const NUMBER = 0x21;
const NUMBER_BYTES = 8;
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/** The key's parts: texts and numbers, of which all of a spool's keys are. Undefined where it is none. */
export function decodeKey(bytes: Uint8Array<ArrayBuffer>): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at++];
    const end = type === TEXT ? bytes.indexOf(0, at) : type === NUMBER ? at + NUMBER_BYTES : -1;
    if (end < 0 || end > bytes.length) return undefined;
    parts.push(type === TEXT ? new TextDecoder().decode(bytes.subarray(at, end)) : numberAt(bytes, at));
    at = type === TEXT ? end + 1 : end;
  }
  return parts;
}

/** Numbers are doubles whose bytes were changed so that they sort as the numbers do. */
function numberAt(bytes: Uint8Array<ArrayBuffer>, at: number): number {
  const view = new DataView(new ArrayBuffer(NUMBER_BYTES));
  const sorted = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at);
  view.setBigUint64(0, sorted & SIGN ? sorted ^ SIGN : sorted ^ ALL);
  return view.getFloat64(0);
}
