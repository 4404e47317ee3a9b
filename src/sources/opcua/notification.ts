import { DataChangeNotification } from "node-opcua-client";
import { reasonOf } from "../../core/error.ts";
import { decodeDataChange, type MonitoredValue } from "./decode.ts";

/**
 * The library decodes values into objects of its own, which lose what a row must keep: vendor status codes become Bad,
 * and the Variant's bytes are gone. So DataChangeNotifications (OPC UA Part 4, 7.25.2) are read by our decoder instead,
 * out of the same message. node-opcua 2.186.4: `decode(stream)` is called with the message in `stream.buffer` and the
 * place in `stream.length`, and leaves `stream.length` at the end.
 */
interface Stream {
  readonly buffer: Uint8Array;
  length: number;
}

/** What our decoder leaves in the library's notification object. */
interface Decoded {
  values?: readonly MonitoredValue[];
  undecodable?: { reason: string; bytes: Uint8Array };
}

/** Values of a notification, in the order in which the server sent them; or why it could not be read. */
export function decodedBy(notification: DataChangeNotification): Decoded {
  return notification as Decoded; // `decode` below filled it
}

// The library's class is not declared with the stream's type; only `buffer` and `length` are used.
const prototype = DataChangeNotification.prototype as unknown as { decode(this: Decoded, stream: Stream): void };

prototype.decode = function (stream) {
  // A copy: values keep views onto it for as long as their rows wait, and the message's buffer is the library's.
  const bytes = stream.buffer.slice(stream.length);
  try {
    const { values, end } = decodeDataChange(bytes, 0);
    this.values = values;
    stream.length += end;
  } catch (error) {
    this.undecodable = { reason: reasonOf(error), bytes };
  }
};
