/** Frames that a WebSocket client sends (RFC 6455, 5.2 and 5.3). */
export const FRAME = { binary: 0x82, close: 0x88, pong: 0x8a } as const;

/**
 * One whole frame. `mask` must be new and unpredictable for each: it keeps proxies from taking what we send for HTTP.
 * @param mask 4 bytes
 */
export function frameOf(first: number, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = 2 + lengthBytes + 4;
  const frame = new Uint8Array(head + length);
  const view = new DataView(frame.buffer);
  frame[0] = first;
  frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  frame.set(mask, head - 4);
  for (let i = 0; i < length; i++) frame[head + i] = payload[i]! ^ mask[i & 3]!; // both within their arrays
  return frame;
}
