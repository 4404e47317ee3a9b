import assert from "node:assert/strict";
import { ApiError, lineGroupsIn, linesIn } from "./api.ts";

const { signal } = new AbortController();

/** An answer that comes in these pieces, and then ends or breaks. */
function answer(pieces: readonly string[], failure?: Error): Response {
  const bytes = new TextEncoder();
  return new Response(
    new ReadableStream({
      pull(controller) {
        const [piece, ...rest] = pieces;
        pieces = rest;
        if (piece !== undefined) controller.enqueue(bytes.encode(piece));
        else if (failure) controller.error(failure);
        else controller.close();
      },
    }),
  );
}

Deno.test("linesIn() puts lines together that come in pieces", async () => {
  const pieces = ['{"n":1}\n{"n"', ':2}\n{"n":3}\n'];
  assert.deepEqual(await Array.fromAsync(lineGroupsIn(answer(pieces), signal)), [[{ n: 1 }], [{ n: 2 }, { n: 3 }]]);
  assert.deepEqual(await Array.fromAsync(linesIn(answer(pieces), signal)), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  assert.deepEqual(await Array.fromAsync(linesIn(new Response(null), signal)), []);
});

Deno.test("linesIn() tells of a connection that is lost, and ends the answer where nobody reads on", async () => {
  await assert.rejects(Array.fromAsync(linesIn(answer(['{"n":1}\n'], new Error("reset")), signal)), ApiError);
  let isCancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode("{}\n")),
    cancel: () => void (isCancelled = true),
  });
  for await (const _line of linesIn(new Response(endless), signal)) break;
  assert.ok(isCancelled);
});
