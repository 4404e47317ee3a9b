import { BrowseResult, StatusCodes } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { type Browsed, browseNodes, type BrowsingServices } from "./browse.ts";

await hostNameAsked();

/** A server that shows the references of `pages`, one page after the other, and then ends or fails with `end`. */
function server(pages: readonly (readonly string[])[], end = StatusCodes.Good): BrowsingServices {
  let at = 0;
  const next = () => {
    const names = pages[at++];
    const isMore = at < pages.length || end !== StatusCodes.Good;
    return Promise.resolve([
      new BrowseResult({
        statusCode: names ? StatusCodes.Good : end,
        // The library's option wants Node's Buffer, and only its length counts here.
        continuationPoint: (names && isMore ? new Uint8Array([at % 256]) : new Uint8Array()) as never,
        references: names?.map((name) => ({ browseName: { name } })) ?? [],
      }),
    ]);
  };
  return { browse: next, browseNext: next };
}

async function browse(services: BrowsingServices): Promise<Browsed> {
  const [browsed] = await browseNodes(services, [{ nodeId: "i=85" }], 100);
  return browsed ?? assert.fail("nothing was browsed");
}

Deno.test("browseNodes() goes through all pages, also past empty ones", async () => {
  const { statusCode, references } = await browse(server([["a", "b"], [], ["c"]]));
  assert.equal(statusCode, StatusCodes.Good);
  assert.deepEqual(references.map(({ browseName }) => browseName.name), ["a", "b", "c"]);
});

Deno.test("browseNodes() tells a later page that fails", async () => {
  const { statusCode } = await browse(server([["a"]], StatusCodes.BadContinuationPointInvalid));
  assert.equal(statusCode, StatusCodes.BadContinuationPointInvalid);
});

Deno.test("browseNodes() gives up a server that never comes to an end", async () => {
  const { statusCode } = await browse(server(Array(1000).fill([])));
  assert.equal(statusCode, StatusCodes.BadUnexpectedError);
});

/** A server that takes `maxNodes` in a call, keeps one place to go on from at a time, and shows two pages of each node. */
function narrow(maxNodes: number) {
  const calls: number[] = [];
  let kept: string | undefined;
  const page = (statusCode = StatusCodes.Good, name?: string, isMore = false) =>
    new BrowseResult({
      statusCode,
      // The library's option wants Node's Buffer, and only its length counts here.
      continuationPoint: new Uint8Array(isMore ? 1 : 0) as never,
      references: name === undefined ? [] : [{ browseName: { name } }],
    });
  const services: BrowsingServices = {
    browse(nodes) {
      calls.push(nodes.length);
      if (nodes.length > maxNodes) return Promise.reject(new Error("serviceResult = BadTooManyOperations"));
      return Promise.resolve(nodes.map(({ nodeId }) => {
        if (kept !== undefined) return page(StatusCodes.BadNoContinuationPoints);
        kept = String(nodeId);
        return page(StatusCodes.Good, `${kept} first`, true);
      }));
    },
    browseNext() {
      const second = page(StatusCodes.Good, `${kept} second`);
      kept = undefined;
      return Promise.resolve([second]);
    },
  };
  return { services, calls };
}

Deno.test("browseNodes() goes through the pages of all nodes at a server that takes few and keeps one place", async () => {
  const { services, calls } = narrow(2);
  const nodes = ["a", "b", "c", "d"].map((nodeId) => ({ nodeId }));
  const browsed = await browseNodes(services, nodes, 100);
  const names = browsed.map(({ references }) => references.map(({ browseName }) => browseName.name));
  assert.deepEqual(names, ["a", "b", "c", "d"].map((node) => [`${node} first`, `${node} second`]));
  assert.deepEqual(calls, [4, 2, 1, 2, 1]);
});
