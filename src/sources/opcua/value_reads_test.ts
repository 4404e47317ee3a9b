import { NodeId } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import type { PolledNode } from "./read_response.ts";
import { ValueReads } from "./value_reads.ts";

await hostNameAsked();

const NODES: readonly PolledNode[] = [0, 1, 2, 3, 4, 5, 6].map((handle) => ({ handle, nodeId: new NodeId() }));

/** Reads at a server that takes `most` nodes at once, and states 6; the handles of each call. */
function reads(most: number) {
  const calls: string[] = [];
  const valueReads = new ValueReads({
    limits: { read: 6 },
    pace: undefined,
    read(nodes) {
      calls.push(nodes.map(({ handle }) => handle).join());
      if (nodes.length > most) return Promise.reject(new Error("serviceResult = BadTooManyOperations"));
      return Promise.resolve({ values: [], refusals: [], end: nodes.length });
    },
  });
  return { valueReads, calls };
}

Deno.test("ValueReads reads each node once at a server that takes fewer than it states, and asks for no more again", async () => {
  const { valueReads, calls } = reads(2);
  const answers = await Array.fromAsync(valueReads.of(NODES, new AbortController().signal));
  assert.deepEqual(answers.map(({ end }) => end), [2, 2, 2, 1]);
  assert.deepEqual(calls, ["0,1,2,3,4,5", "0,1,2", "0,1", "2,3", "4,5", "6"]);
  await Array.fromAsync(valueReads.of(NODES.slice(0, 3), new AbortController().signal));
  assert.deepEqual(calls.slice(6), ["0,1", "2"]);
});

Deno.test("ValueReads gives up where the server does not even take one node, and when it is aborted", async () => {
  await assert.rejects(Array.fromAsync(reads(0).valueReads.of(NODES, new AbortController().signal)), /BadTooMany/);
  const { valueReads, calls } = reads(6);
  await assert.rejects(Array.fromAsync(valueReads.of(NODES, AbortSignal.abort())), { name: "AbortError" });
  assert.deepEqual(calls, []);
});
