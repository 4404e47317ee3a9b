import { DataChangeNotification } from "node-opcua-client";
import { type DataChange, decodeDataChange } from "./decode.ts";
import { type StructureReaders, WireReader } from "./wire_reader.ts";

/**
 * The library decodes values into objects of its own, which lose what a row must keep: vendor status codes become Bad,
 * and the Variant's bytes are gone. So DataChangeNotifications (OPC UA Part 4, 7.25.2) are read by our decoder instead,
 * out of the same message. node-opcua 2.186.4: `decode(stream)` is called with the message in `stream.buffer` and the
 * place in `stream.length`, and leaves `stream.length` at the end. A notification is the body of an ExtensionObject, so
 * that its length stands before it (Part 6, 5.2.2.15).
 */
interface Stream {
  readonly buffer: Uint8Array;
  length: number;
}

/** What is left in the library's notification object. */
interface Kept {
  bytes?: Uint8Array;
}

/** Values of a notification, in the order in which the server sent them, and what could not be decoded. */
export function decodedBy(notification: DataChangeNotification, structures?: StructureReaders): DataChange {
  const { bytes } = notification as Kept; // `decode` below filled it
  if (!bytes) throw new Error("node-opcua made a notification without decode: its version is not the tested one");
  return decodeDataChange(bytes, 0, structures);
}

// The library's class is not declared with the stream's type; only `buffer` and `length` are used.
const prototype = DataChangeNotification.prototype as unknown as { decode(this: Kept, stream: Stream): void };

prototype.decode = function (stream) {
  const { buffer, length: start } = stream;
  const end = start + new WireReader(buffer, start - 4).uint32();
  // A copy of this notification alone: values keep views onto it for as long as their rows wait, and the message's buffer
  // is the library's.
  this.bytes = new Uint8Array(buffer.subarray(start, end));
  stream.length = start + this.bytes.length;
};
