/** What a client asked of a device, read from its bytes on the wire: for tests that it only ever read. */

/** Names of what clients may send over MQTT (MQTT 5.0, 2.1.2): whatever a subscriber needs. */
const MQTT_PACKETS: Readonly<Record<number, string>> = {
  1: "CONNECT",
  4: "PUBACK",
  5: "PUBREC",
  7: "PUBCOMP",
  8: "SUBSCRIBE",
  10: "UNSUBSCRIBE",
  12: "PINGREQ",
  14: "DISCONNECT",
};

/** Requests that look and do not touch, by their ids in binary encoding (OPC UA NodeIds.csv, `…_Encoding_DefaultBinary`). */
const OPCUA_REQUESTS: Readonly<Record<number, string>> = {
  422: "FindServers",
  428: "GetEndpoints",
  446: "OpenSecureChannel",
  452: "CloseSecureChannel",
  461: "CreateSession",
  467: "ActivateSession",
  473: "CloseSession",
  527: "Browse",
  533: "BrowseNext",
  554: "TranslateBrowsePathsToNodeIds",
  631: "Read",
  751: "CreateMonitoredItems",
  763: "ModifyMonitoredItems",
  769: "SetMonitoringMode",
  781: "DeleteMonitoredItems",
  787: "CreateSubscription",
  793: "ModifySubscription",
  799: "SetPublishingMode",
  826: "Publish",
  832: "Republish",
  847: "DeleteSubscriptions",
};

const MODBUS_READS: Readonly<Record<number, string>> = {
  1: "Read Coils",
  2: "Read Discrete Inputs",
  3: "Read Holding Registers",
  4: "Read Input Registers",
};

/** The requests of a Modbus TCP client; those that are no reads begin with `!`. */
export function modbusRequests(said: Uint8Array): string[] {
  const names: string[] = [];
  const view = viewOf(said);
  for (let at = 0; at + 8 <= said.length; at += 6 + view.getUint16(at + 4)) {
    names.push(nameOf(MODBUS_READS, view.getUint8(at + 7), "function"));
  }
  return names;
}

/** The packets of an MQTT client; those that a mere subscriber does not send begin with `!`, a will is one of them. */
export function mqttPackets(said: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at < said.length;) {
    const { length, bytes } = variableInt(said, at + 1);
    const start = at + 1 + bytes;
    const type = (said[at] ?? 0) >> 4;
    names.push(nameOf(MQTT_PACKETS, type, "packet"));
    if (type === 1 && hasWill(said.subarray(start))) names.push("!CONNECT with a will");
    at = start + length;
  }
  return names;
}

/** The requests of an OPC UA client over a channel without security; those that may change something begin with `!`. */
export function opcuaRequests(said: Uint8Array): string[] {
  const names: string[] = [];
  const view = viewOf(said);
  for (let at = 0; at + 8 <= said.length; at += view.getUint32(at + 4, true)) {
    const kind = new TextDecoder("latin1").decode(said.subarray(at, at + 4));
    // Header (8), channel and token (8), sequence header (8), then the request's type (OPC UA Part 6, 6.7.2).
    if (kind.startsWith("MSG")) names.push(nameOf(OPCUA_REQUESTS, typeAt(view, at + 24), "request"));
  }
  return names;
}

/** A numeric node id in its four-byte form (OPC UA Part 6, 5.2.2.9); -1 for another. */
function typeAt(view: DataView, at: number): number {
  return view.getUint8(at) === 1 ? view.getUint16(at + 2, true) : -1;
}

/** Bit 2 of the flags behind the protocol's name and version (MQTT 5.0, 3.1.2.3). */
function hasWill(connect: Uint8Array): boolean {
  const nameLength = viewOf(connect).getUint16(0);
  return ((connect[2 + nameLength + 1] ?? 0) & 0b100) !== 0;
}

function variableInt(bytes: Uint8Array, at: number): { length: number; bytes: number } {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i] ?? 0;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { length, bytes: i + 1 };
  }
  throw new Error("a length of MQTT has four bytes at most");
}

function nameOf(names: Readonly<Record<number, string>>, number: number, what: string): string {
  return names[number] ?? `!${what} ${number}`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
