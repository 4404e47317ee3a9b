import { NodeId } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { nodeIdText, parseNodeId } from "./node_id_text.ts";

await hostNameAsked();

const URIS = ["http://opcfoundation.org/UA/", "urn:server", "urn:plant;50%"];

for (
  const text of [
    "i=85",
    "nsu=urn:server;i=7",
    "nsu=urn:plant%3B50%25;s=a;b=c",
    "nsu=urn:server;g=72962b91-fa75-4ae6-8d28-b404dc7daf63",
    "nsu=urn:server;b=yv66vg==",
  ]
) {
  Deno.test(`nodeIdText() writes ${text} as parseNodeId() reads it`, () => {
    const nodeId = parseNodeId(text, URIS);
    assert.ok(nodeId instanceof NodeId);
    assert.equal(nodeIdText(nodeId, URIS).toLowerCase(), text.toLowerCase());
  });
}

Deno.test("parseNodeId() names a namespace that the server does not have", () => {
  assert.deepEqual(parseNodeId("nsu=urn:gone;s=a", URIS), { missing: "urn:gone" });
});
