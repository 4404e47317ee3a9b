import { AttributeIds, type NodeId, ReadRequest, ReadResponse, TimestampsToReturn } from "node-opcua-client";
import { readDiagnosticInfo, readExtensionObject } from "./built_in.ts";
import { type DataChange, decodeReadResults } from "./decode.ts";
import type { RawSession } from "./session.ts";
import { type StructureReaders, WireReader } from "./wire_reader.ts";

/**
 * Values that are polled are read by our decoder out of the same message, for the reasons that `notification.ts` gives.
 * node-opcua 2.186.4: `decode(stream)` is called with the message in `stream.buffer` and the place in `stream.length`.
 */
interface Stream {
  readonly buffer: Uint8Array;
  length: number;
}

/** What is left in the library's response object. */
interface Kept {
  bytes?: Uint8Array;
}

// The library's class is not declared with the stream's type; only `buffer` and `length` are used.
const prototype = ReadResponse.prototype as unknown as { decode(this: Kept, stream: Stream): void };
const decodeByLibrary = prototype.decode;

prototype.decode = function (stream) {
  const { buffer, length: start } = stream;
  // The response is all that is left of its message. The library's buffer is used again, so this is a copy.
  this.bytes = new Uint8Array(buffer.subarray(start));
  try {
    decodeByLibrary.call(this, stream);
  } catch {
    // What the library cannot decode, ours refuses value by value.
    stream.length = buffer.length;
  }
};

/** Handles of nodes and where they are. */
export interface PolledNode {
  readonly handle: number;
  readonly nodeId: NodeId;
}

/** Reads the values of nodes as they are now, in one call (Read, OPC UA Part 4, 5.11.2). @throws what the library throws */
export async function readValues(
  session: RawSession,
  nodes: readonly PolledNode[],
  structures?: StructureReaders,
): Promise<DataChange> {
  const request = new ReadRequest({
    maxAge: 0,
    timestampsToReturn: TimestampsToReturn.Both,
    nodesToRead: nodes.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
  });
  const { bytes } = await perform(session, request) as Kept; // `decode` above filled it
  if (!bytes) throw new Error("node-opcua answers a Read with another class: its version is not the tested one");
  return decodeReadResponse(bytes, nodes.map(({ handle }) => handle), structures);
}

/** A ReadResponse (OPC UA Part 4, 5.11.2.2) from its header on; `handles` in the order in which they were asked for. */
export function decodeReadResponse(
  bytes: Uint8Array,
  handles: readonly number[],
  structures?: StructureReaders,
): DataChange {
  const reader = new WireReader(bytes, 0, structures);
  skipHeader(reader);
  return decodeReadResults(reader, handles);
}

/** A ResponseHeader (Part 4, 7.34): time, request, result, diagnostics, their texts, and what may be added. */
function skipHeader(reader: WireReader): void {
  reader.int64();
  reader.uint32();
  reader.uint32();
  readDiagnosticInfo(reader);
  for (let left = reader.arrayLength() ?? 0; left > 0; left--) reader.byteString();
  readExtensionObject(reader);
}

/** The library's session sends any request; that is not part of its declared type. */
interface Performing {
  performMessageTransaction(request: ReadRequest, done: (error: Error | null, response?: unknown) => void): void;
}

/** @throws {TypeError} for any other request: this is the one way past the services that the library declares */
export function perform(session: RawSession, request: ReadRequest): Promise<unknown> {
  if (!(request instanceof ReadRequest)) throw new TypeError("only a ReadRequest is sent to a server");
  return new Promise((resolve, reject) => {
    (session as unknown as Performing).performMessageTransaction(request, (error, response) => {
      if (error || !response) reject(error ?? new Error("no answer"));
      else resolve(response);
    });
  });
}
