import assert from "node:assert/strict";
import { serversWords } from "./ingest_error.ts";

Deno.test("serversWords() leaves out a note on names that says nothing, and keeps one that does", () => {
  const said = (words: string) => serversWords({ code: 14, words, info: undefined });
  const refused = "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1";
  assert.equal(said(`${refused}. Resolution note: `), `status 14 ${refused}`);
  assert.equal(said(`${refused}. Resolution note: timed out`), `status 14 ${refused}. Resolution note: timed out`);
});
