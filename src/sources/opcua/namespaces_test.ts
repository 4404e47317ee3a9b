import assert from "node:assert/strict";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { FakeSourceMemory } from "../../../tests/fakes/source_memory.ts";
import { NamespaceMemory } from "./namespace_memory.ts";
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

/** Namespaces of a source that starts again and again, each time with what the run before kept. */
function restarting() {
  const values = new Map<string, unknown>();
  const file = {
    recall: (key: string) => values.get(key),
    keep: (key: string, value: unknown) => void values.set(key, JSON.parse(JSON.stringify(value))),
  };
  return (uris: readonly string[], { endpoint = "opc.tcp://plc:4840", nodes = [byIndex] } = {}) => {
    const namespaces = new Namespaces(new NamespaceMemory(file, { endpoint, nodes }));
    namespaces.see(uris);
    return namespaces.moved(byIndex, uris, new FakeLogger());
  };
}

Deno.test("Namespaces finds out that an index moved while the connector did not run", () => {
  const start = restarting();
  assert.equal(start(FIRST), undefined);
  for (let run = 0; run < 2; run++) assert.equal(start(MOVED), "ns=2 was urn:plant:a and is now urn:plant:b");
  assert.equal(start(FIRST), undefined);
});

Deno.test("Namespaces remembers each endpoint of a source, whichever was read last", () => {
  const start = restarting();
  const endpoint = "opc.tcp://standby:4840";
  start(FIRST);
  start(MOVED, { endpoint });
  assert.equal(start(MOVED), "ns=2 was urn:plant:a and is now urn:plant:b");
  assert.equal(start(FIRST, { endpoint }), "ns=2 was urn:plant:b and is now urn:plant:a");
});

Deno.test("Namespaces begins anew with another server, another address, or other nodes", () => {
  const others = [
    { uris: [UA, "urn:other", ...MOVED.slice(2)] },
    { uris: MOVED, endpoint: "opc.tcp://plc2:4840" },
    { uris: MOVED, nodes: [byIndex, standard] },
  ];
  for (const { uris, ...other } of others) {
    const start = restarting();
    start(FIRST);
    assert.equal(start(uris, other), undefined);
  }
});

Deno.test("NamespaceMemory takes nothing from a file that holds something else", () => {
  const of = { endpoint: "", nodes: [] };
  const kept = new FakeSourceMemory();
  new NamespaceMemory(kept, of).keep("urn:server", new Map([[2, "urn:plant:a"]]));
  const [mark] = Object.keys(Object(kept.recall("namespaces")));
  for (const value of [undefined, "text", { [`${mark}`]: "text" }, { [`${mark}`]: [["2", 7]] }]) {
    const memory = new NamespaceMemory({ recall: () => value, keep: () => {} }, of);
    assert.equal(memory.recall("urn:server").size, 0);
  }
});
