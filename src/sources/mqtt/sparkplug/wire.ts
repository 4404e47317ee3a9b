import { ProtoReader } from "../../../lib/proto_reader.ts";

/** Bytes that are no protobuf message. The message goes on after "it has": "a field 3 that ends behind its message". */
export class MalformedPayload extends Error {}

/** Steps through the fields of a part of a payload. What is wrong with it is a {@link MalformedPayload}. */
export class WireFields extends ProtoReader {
  constructor(bytes: Uint8Array) {
    super(bytes, MalformedPayload);
  }
}
