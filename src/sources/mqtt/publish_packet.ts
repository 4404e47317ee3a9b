import { type FramePlace, MalformedPacket } from "./frame_reader.ts";
import type { MqttMessage } from "./message.ts";

/** Control packet types in the upper half of a packet's first byte (MQTT 5, 2.1.2). */
export const PUBLISH = 3;
export const PUBREL = 6;

const DUP = 0x08;
const RETAIN = 0x01;

const text = new TextDecoder();

/**
 * Reads PUBLISH packets (MQTT 5 and 3.1.1, 3.3) of one connection.
 *
 * ```ts
 * const read = publishReader(5);
 * const message = read(bytes, place);
 * ```
 */
export function publishReader(protocolVersion: 4 | 5): (bytes: Uint8Array, place: FramePlace) => MqttMessage {
  return (bytes, { start, body, end, skipped }) => {
    const flags = bytes[start]!; // a packet has a first byte
    const qos = (flags >> 1) & 3;
    if (qos === 3) throw new MalformedPacket("a PUBLISH has QoS 3");
    let at = body + 2 + uint16At(bytes, body, end);
    const topic = text.decode(bytes.subarray(body + 2, Math.min(at, end)));
    let packetId = 0;
    if (qos > 0) {
      packetId = uint16At(bytes, at, end);
      if (packetId === 0) throw new MalformedPacket("a PUBLISH has packet identifier 0");
      at += 2;
    }
    if (protocolVersion === 5) at = afterProperties(bytes, at, end);
    if (at > end) throw new MalformedPacket("a PUBLISH ends within its header");
    return {
      topic,
      payload: bytes.subarray(at, end),
      payloadBytes: end - at + skipped,
      qos,
      isRetained: (flags & RETAIN) !== 0,
      isRedelivered: (flags & DUP) !== 0,
      packetId,
    };
  };
}

/** The packet identifier of a PUBREL, the first thing after its length. */
export function packetIdOf(bytes: Uint8Array, { body, end }: FramePlace): number {
  return uint16At(bytes, body, end);
}

function uint16At(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) throw new MalformedPacket("a packet ends within its header");
  return (bytes[at]! << 8) | bytes[at + 1]!; // both lie before `end`
}

/** No property of a PUBLISH matters here: we offer no topic aliases and ask for no subscription identifiers. */
function afterProperties(bytes: Uint8Array, at: number, end: number): number {
  let length = 0;
  for (let scale = 1; at < end; scale *= 128) {
    const byte = bytes[at++]!; // at < end
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return at + length;
  }
  throw new MalformedPacket("a PUBLISH ends within its properties");
}
