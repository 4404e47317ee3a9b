/** A search opens every letter: it ends with whoever asked for it. */
import assert from "node:assert/strict";
import type { FoundLetter, SpoolDesk } from "../buffer/spool/mod.ts";
import { letterPage } from "./dead_letter_admin.ts";
import { chosenLetters } from "./letter_choice.ts";

/** A desk with letters that do not open, of which it counts how many were looked at; `gone` aborts at the third. */
function deskOf(letters: number, gone: AbortController) {
  const seen: number[] = [];
  const desk: Pick<SpoolDesk, "letters"> = {
    async *letters(): AsyncIterable<FoundLetter> {
      for (let id = letters; id > 0; id--) {
        seen.push(id);
        if (seen.length === 3) gone.abort(new Error("the caller has gone"));
        yield await Promise.resolve({ id, source: "press", letter: undefined });
      }
    },
  };
  return { seen, desk: desk as SpoolDesk }; // nothing else of it is asked
}

Deno.test("A search for dead letters ends when its caller has gone", async () => {
  const gone = new AbortController();
  const { desk, seen } = deskOf(1000, gone);
  const options = { limit: 10, before: Infinity, isWanted: () => false, signal: gone.signal };
  await assert.rejects(letterPage(desk, options), /the caller has gone/);
  assert.deepEqual(seen, [1000, 999, 998]);
});

Deno.test("An export of dead letters of a filter that none matches ends when its caller has gone", async () => {
  const gone = new AbortController();
  const { desk, seen } = deskOf(1000, gone);
  const letters = chosenLetters(desk, { kind: "filter", filter: { source: "other" } }, gone.signal);
  await assert.rejects(async () => {
    for await (const letter of letters) assert.fail(`it gave ${letter.id}`);
  }, /the caller has gone/);
  assert.deepEqual(seen, [1000, 999, 998]);
});
