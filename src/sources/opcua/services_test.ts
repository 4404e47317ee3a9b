import { DataValue } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { readNamespaces, servicesOf } from "./services.ts";
import type { RawSession } from "./session.ts";

await hostNameAsked();

Deno.test("servicesOf() sends each request when its turn has come", async () => {
  const happened: string[] = [];
  const note = (what: string) => () => Promise.resolve(void happened.push(what));
  // Of the session only these are used here, and nobody looks at the answers.
  const session = {
    read: note("read"),
    browse: note("browse"),
    browseNext: note("browseNext"),
    translateBrowsePath: note("translate"),
    createMonitoredItems: () => note("create")().then(() => ({})),
    deleteMonitoredItems: note("delete"),
  } as unknown as RawSession;
  const services = servicesOf(session, { turn: note("turn") }, new AbortController().signal);
  await services.read([]);
  await services.browse([]);
  await services.browseNext([]);
  await services.translate([]);
  await services.createItems(1, []);
  await services.deleteItems(1, []);
  const requests = ["read", "browse", "browseNext", "translate", "create", "delete"];
  assert.deepEqual(happened, requests.flatMap((request) => ["turn", request]));
});

Deno.test("readNamespaces() says why a server shows no namespaces", async () => {
  const read = () => Promise.resolve([new DataValue({ statusCode: { value: 0x801f0000 } as never })]);
  await assert.rejects(readNamespaces({ read }), /does not show its namespaces/);
});

Deno.test("servicesOf() asks in parts at a server that takes fewer than it states, and answers in the order asked for", async () => {
  const calls: string[] = [];
  const answer = <T>(what: string, list: readonly T[]) => {
    calls.push(`${what} ${list.length}`);
    return list.length > 2 ? Promise.reject(new Error("serviceResult = BadTooManyOperations")) : Promise.resolve(list);
  };
  // The answers are what was asked for, which nobody here reads as values.
  const session = {
    read: (nodes: readonly unknown[]) => answer("read", nodes),
    translateBrowsePath: (paths: readonly unknown[]) => answer("translate", paths),
    createMonitoredItems: async ({ itemsToCreate }: { itemsToCreate: readonly unknown[] }) => ({
      results: await answer("create", itemsToCreate),
    }),
    deleteMonitoredItems: ({ monitoredItemIds }: { monitoredItemIds: readonly number[] }) =>
      answer("delete", monitoredItemIds),
  } as unknown as RawSession;
  const services = servicesOf(session, undefined, new AbortController().signal);
  const nodes = ["i=1", "i=2", "i=3", "i=4", "i=5"].map((nodeId) => ({ nodeId }));
  assert.deepEqual(await services.read(nodes), nodes);
  assert.equal((await services.translate(nodes as never[])).length, 5);
  assert.deepEqual(await services.createItems(1, nodes as never[]), nodes);
  await services.deleteItems(1, [1, 2, 3, 4, 5]);
  const sizes = [5, 3, 2, 1, 2];
  const expected = ["read", "translate", "create", "delete"].flatMap((what) => sizes.map((size) => `${what} ${size}`));
  assert.deepEqual(calls, expected);
});
