import { BrowseResult, StatusCodes } from "node-opcua-client";
import assert from "node:assert/strict";
import { browseNode, type BrowsingSession } from "./browse.ts";

/** A server that shows the references of `pages`, one page after the other, and then ends or fails with `end`. */
function server(pages: readonly (readonly string[])[], end = StatusCodes.Good): BrowsingSession {
  let at = 0;
  const next = () => {
    const names = pages[at++];
    const isMore = at < pages.length || end !== StatusCodes.Good;
    return Promise.resolve(
      new BrowseResult({
        statusCode: names ? StatusCodes.Good : end,
        // The library's option wants Node's Buffer, and only its length counts here.
        continuationPoint: (names && isMore ? new Uint8Array([at % 256]) : new Uint8Array()) as never,
        references: names?.map((name) => ({ browseName: { name } })) ?? [],
      }),
    );
  };
  return { browse: next, browseNext: next } as unknown as BrowsingSession; // of the overloads only those for one node
}

const NODE = { nodeId: "i=85" };

Deno.test("browseNode() goes through all pages, also past empty ones", async () => {
  const { statusCode, references } = await browseNode(server([["a", "b"], [], ["c"]]), NODE);
  assert.equal(statusCode, StatusCodes.Good);
  assert.deepEqual(references.map(({ browseName }) => browseName.name), ["a", "b", "c"]);
});

Deno.test("browseNode() tells a later page that fails", async () => {
  const { statusCode } = await browseNode(server([["a"]], StatusCodes.BadContinuationPointInvalid), NODE);
  assert.equal(statusCode, StatusCodes.BadContinuationPointInvalid);
});

Deno.test("browseNode() gives up a server that never comes to an end", async () => {
  const { statusCode } = await browseNode(server(Array(1000).fill([])), NODE);
  assert.equal(statusCode, StatusCodes.BadUnexpectedError);
});
