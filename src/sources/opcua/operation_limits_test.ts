import { DataValue } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { type LimitsReader, readOperationLimits } from "./operation_limits.ts";

await hostNameAsked();

const LIMITS: Readonly<Record<string, number>> = { "i=11714": 500, "i=11710": 0, "i=11712": 20, "i=11705": 0 };
const UNSTATED = { monitoredItems: 1000, browse: 100, translate: 100, read: 1000 };

/** A server that takes `maxNodesPerRead` nodes in one call, or answers every read with `fault`. */
function reader({ maxNodesPerRead = 1000, fault = "" }): LimitsReader {
  const read = (nodes: readonly { nodeId: string }[]) => {
    const status = nodes.length > maxNodesPerRead ? "BadTooManyOperations" : fault;
    if (status !== "") return Promise.reject(new Error(`serviceResult = ${status}`));
    return Promise.resolve(nodes.map(({ nodeId }) => new DataValue({ value: { dataType: 7, value: LIMITS[nodeId] } })));
  };
  return { read } as unknown as LimitsReader; // node ids are asked for as texts here
}

Deno.test("readOperationLimits() takes what the server states, and 0 for nothing stated", async () => {
  assert.deepEqual(await readOperationLimits(reader({})), {
    monitoredItems: 500,
    browse: 100,
    translate: 20,
    read: 1000,
  });
});

Deno.test("readOperationLimits() reads one by one at a server that takes fewer nodes in one read", async () => {
  const limits = await readOperationLimits(reader({ maxNodesPerRead: 1 }));
  assert.deepEqual(limits, { monitoredItems: 500, browse: 100, translate: 20, read: 1000 });
});

Deno.test("readOperationLimits() takes a read that fails for no limits stated", async () => {
  for (const fault of ["BadUserAccessDenied", "BadTooManyOperations", "BadInternalError"]) {
    assert.deepEqual(await readOperationLimits(reader({ fault })), UNSTATED, fault);
  }
});
