import {
  type BrowseDescriptionOptions,
  coerceNodeId,
  type NodeId,
  type ReadValueIdOptions,
  StatusCodes,
} from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { DataTypes } from "./data_types.ts";
import type { Services } from "./services.ts";

await hostNameAsked();

const LIMITS = { monitoredItems: 100, browse: 100, translate: 100, read: 100 };
const DATA_TYPE = 14;
const FIELDS = 300;
const HAS_SUBTYPE = "i=45";
const VARIABLE = id(1);
const STRUCTURE = id(2);
const ENCODING = id(3);

function id(value: number): NodeId {
  return coerceNodeId(`ns=2;i=${value}`);
}

/** A server with a variable of a structure of 300 fields, each of an enumeration of its own; one field is of itself. */
function server() {
  const fields = Array.from({ length: FIELDS }, (_, i) => ({ name: `f${i}`, dataType: id(1000 + i), valueRank: -1 }));
  const structure = { structureType: 0, fields: [...fields, { name: "self", dataType: STRUCTURE, valueRank: -1 }] };
  const enumeration = { fields: [{ name: "Running", value: [0, 1] }] };
  const attribute = ({ nodeId, attributeId }: ReadValueIdOptions) => {
    const key = String(nodeId);
    if (key === "i=2255") return ["http://opcfoundation.org/UA/", "urn:server", "urn:plant"];
    if (attributeId === DATA_TYPE) return STRUCTURE;
    return key === STRUCTURE.toString() ? structure : enumeration;
  };
  const references = ({ nodeId, referenceTypeId }: BrowseDescriptionOptions) => {
    const isStructure = String(nodeId) === STRUCTURE.toString();
    if (referenceTypeId === HAS_SUBTYPE) return [{ nodeId: coerceNodeId(isStructure ? "i=22" : "i=29") }];
    return isStructure ? [{ nodeId: ENCODING, browseName: { name: "Default Binary" } }] : [];
  };
  const counts = { requests: 0, inFlight: 0, mostInFlight: 0, mostNodes: 0 };
  const answer = async <T, R>(list: readonly T[], of: (one: T) => R) => {
    counts.requests++;
    counts.mostNodes = Math.max(counts.mostNodes, list.length);
    counts.mostInFlight = Math.max(counts.mostInFlight, ++counts.inFlight);
    await Promise.resolve();
    counts.inFlight--;
    return list.map(of);
  };
  // Of the library's answers only this is looked at.
  const services = {
    read: (nodes: readonly ReadValueIdOptions[]) => answer(nodes, (node) => ({ value: { value: attribute(node) } })),
    browse: (nodes: readonly BrowseDescriptionOptions[]) =>
      answer(nodes, (node) => ({ statusCode: StatusCodes.Good, references: references(node) })),
    browseNext: () => assert.fail("no page is left"),
  } as unknown as Services;
  return { services, counts };
}

Deno.test("DataTypes asks for the types of a structure's fields together, in one request at a time as large as the server takes", async () => {
  const { services, counts } = server();
  const types = new DataTypes({ services, limits: LIMITS });
  await types.learn([VARIABLE]);
  assert.notEqual(types.reader(ENCODING.toString()), undefined);
  assert.equal(counts.mostInFlight, 1);
  assert.equal(counts.mostNodes, LIMITS.read);
  // Namespaces, the variable, the structure and what it refers to; 300 fields in 3 reads and 6 browses.
  assert.equal(counts.requests, 4 + 3 + 6);
});
