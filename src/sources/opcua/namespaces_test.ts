import assert from "node:assert/strict";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { Namespaces } from "./namespaces.ts";
import { nodeSettings } from "./node_settings.ts";

const UA = "http://opcfoundation.org/UA/";
const FIRST = [UA, "urn:server", "urn:plant:a", "urn:plant:b"];
const MOVED = [UA, "urn:server", "urn:plant:b", "urn:plant:a"];

const byIndex = nodeSettings.parse({ node_id: "ns=2;s=v0" });
const byUri = nodeSettings.parse({ node_id: "nsu=urn:plant:a;s=v0" });
const byPath = nodeSettings.parse({ browse_path: "0:Root/0:Objects/2:Area" });
const standard = nodeSettings.parse({ node_id: "i=2258" });

/** A server that was seen with `FIRST`. */
function known() {
  const namespaces = new Namespaces();
  const log = new FakeLogger();
  namespaces.see(FIRST);
  const see = (uris: readonly string[]) => {
    namespaces.see(uris);
    return [byIndex, byUri, byPath, standard].map((entry) => namespaces.moved(entry, uris, log));
  };
  return { see, log };
}

Deno.test("Namespaces finds nothing moved where the URIs are as they were, and where others come behind them", () => {
  const { see, log } = known();
  for (const uris of [FIRST, [...FIRST, "urn:more"]]) assert.deepEqual(see(uris), Array(4).fill(undefined));
  assert.deepEqual(log.lines, []);
});

Deno.test("Namespaces refuses what is written by an index whose URI is another one now, and says once what to write", () => {
  const { see, log } = known();
  const reason = "ns=2 was urn:plant:a and is now urn:plant:b";
  for (let session = 0; session < 3; session++) {
    assert.deepEqual(see(MOVED), [reason, undefined, reason, undefined]);
  }
  assert.deepEqual(log.lines.map(({ level, message }) => `${level}: ${message}`), [
    `error: ${reason}: write nsu=urn:plant:a;s=v0`,
  ]);
});

Deno.test("Namespaces lets an index be read again when its URI is back, and tells the next move", () => {
  const { see, log } = known();
  see(MOVED);
  assert.deepEqual(see(FIRST), Array(4).fill(undefined));
  see(MOVED);
  assert.equal(log.lines.length, 2);
});

Deno.test("Namespaces refuses an index that is gone, without a word in the log: the tags say so", () => {
  const { see, log } = known();
  assert.equal(see([UA, "urn:server"])[0], "ns=2 was urn:plant:a and is now gone");
  assert.deepEqual(log.lines, []);
});
