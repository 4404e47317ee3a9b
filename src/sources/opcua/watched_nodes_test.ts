import { type BrowseDescriptionOptions, BrowsePathResult, coerceNodeId, StatusCodes } from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import type { SourceEvent } from "../../core/source.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import type { DecodedValue } from "./decode.ts";
import type { Item } from "./item_list.ts";
import { Namespaces } from "./namespaces.ts";
import { type BrowsePathSettings, nodeSettings } from "./node_settings.ts";
import type { Services } from "./services.ts";
import { WatchedNodes } from "./watched_nodes.ts";

await hostNameAsked();

const AREA = "0:Root/0:Objects/1:Area";
const URIS = ["http://opcfoundation.org/UA/", "urn:server"];
const LIMITS = { monitoredItems: 100, browse: 100, translate: 100, read: 100 };

/** Nodes watched at a server with one object, Area, and as many variables in it as the test says. */
function stand(settings: { max_nodes?: number } = {}) {
  const entry = nodeSettings.parse({ browse_path: AREA, ...settings }) as BrowsePathSettings; // it has a path
  const server = { variables: ["a", "b"], ids: new Map<string, string>(), breaksAt: "" };
  /** What is watched, by handle, and how much of it was watched, and left, in all. */
  const watched = new Map<number, string>();
  const counts = { watched: 0, left: 0 };
  const events: SourceEvent[] = [];
  const answer = <T>(what: string, result: T): Promise<T> =>
    server.breaksAt === what ? Promise.reject(new Error("Connection Break")) : Promise.resolve(result);
  const reference = (name: string) => ({
    nodeId: coerceNodeId(`ns=1;s=${server.ids.get(name) ?? name}`),
    browseName: { namespaceIndex: 1, name },
    nodeClass: 2,
  });
  // Of the library's answers only this is looked at.
  const services = {
    read: () => answer("read", [{ value: { value: URIS } }]),
    translate: (paths: readonly unknown[]) =>
      answer(
        "translate",
        paths.map(() =>
          new BrowsePathResult({
            targets: [{ targetId: coerceNodeId("ns=1;s=Area") as never, remainingPathIndex: 0 }],
            statusCode: StatusCodes.Good,
          })
        ),
      ),
    browse: (nodes: readonly BrowseDescriptionOptions[]) =>
      answer(
        "browse",
        nodes.map(() => ({ statusCode: StatusCodes.Good, references: server.variables.map(reference) })),
      ),
    browseNext: () => assert.fail("no page is left"),
  } as unknown as Services;
  const forgotten: number[] = [];
  const nodes = new WatchedNodes({
    services,
    limits: LIMITS,
    watcher: {
      async watch(items: readonly Item[]) {
        for (const { handle, nodeId } of items) watched.set(handle, nodeId.value.toString());
        counts.watched += items.length;
        await answer("watch", undefined);
        return items.map(() => undefined);
      },
      async unwatch(items: readonly Item[]) {
        await answer("unwatch", undefined);
        for (const { handle } of items) if (watched.delete(handle)) counts.left++;
      },
    },
    types: { learn: () => answer("learn", []) },
    namespaces: new Namespaces(),
    log: new FakeLogger(),
    report: (event) => void events.push(event),
    forget: (handle) => void forgotten.push(handle),
  });
  const names = () => [...watched.values()].sort();
  return { nodes, entry, server, watched, names, counts, events, forgotten };
}

/** Nothing else of them is looked at. */
const GONE = { statusCode: 0x80340000, status: "BadNodeIdUnknown" } as DecodedValue;
const GOOD = { statusCode: 0, status: "Good" } as DecodedValue;

Deno.test("WatchedNodes keeps to what is there at a server that renames all its variables again and again", async () => {
  const { nodes, entry, server, names, counts, forgotten, watched } = stand({ max_nodes: 10 });
  const rename = (round: number) => server.variables = Array.from({ length: 10 }, (_, i) => `v${round}_${i}`);
  rename(0);
  await nodes.add([entry]);
  for (let round = 1; round < 100; round++) {
    rename(round);
    await nodes.lookAgain([entry]);
    assert.deepEqual(names(), server.variables);
  }
  assert.deepEqual(counts, { watched: 1000, left: 990 });
  assert.equal(forgotten.length, 990);
  assert.equal(nodes.hasFailed, false);
  const [handle] = watched.keys();
  assert.equal(nodes.tag(handle ?? NaN)?.name, `${AREA}/1:v99_0`);
  assert.equal(nodes.tag(0), undefined);
});

Deno.test("WatchedNodes watches a variable again that was away between two looks, under its old name", async () => {
  const { nodes, entry, server, names, events } = stand();
  await nodes.add([entry]);
  nodes.heard(1, GONE);
  server.variables = ["a"];
  await nodes.lookAgain([entry]);
  assert.deepEqual(names(), ["a"]);
  assert.deepEqual(events.map(({ kind }) => kind), ["tag_failed", "tag_recovered"]);
  assert.deepEqual(events.at(-1), { kind: "tag_recovered", tag: `${AREA}/1:b`, isLeft: true });
  server.variables = ["a", "b"];
  await nodes.lookAgain([entry]);
  assert.deepEqual(names(), ["a", "b"]);
});

Deno.test("WatchedNodes follows a variable whose node has another id than before", async () => {
  const { nodes, entry, server, names } = stand();
  await nodes.add([entry]);
  server.ids.set("b", "b2");
  await nodes.lookAgain([entry]);
  assert.deepEqual(names(), ["a", "b2"]);
});

Deno.test("WatchedNodes keeps what gives values where there is more than max_nodes, and no more than that", async () => {
  const { nodes, entry, server, names } = stand({ max_nodes: 2 });
  await nodes.add([entry]);
  server.variables = ["x", "y", "z"];
  await nodes.lookAgain([entry]);
  assert.deepEqual(names(), ["a", "b"]);
  nodes.heard(0, GONE);
  await nodes.lookAgain([entry]);
  assert.deepEqual(names(), ["b", "x"]);
});

Deno.test("WatchedNodes leaves nothing where an object is empty, which a server may be while it starts", async () => {
  const { nodes, entry, server, names, events } = stand();
  await nodes.add([entry]);
  server.variables = [];
  await nodes.lookAgain([entry]);
  assert.deepEqual(names(), ["a", "b"]);
  server.variables = ["a", "b"];
  await nodes.lookAgain([entry]);
  assert.deepEqual(events.map(({ kind }) => kind), ["tag_failed", "tag_recovered"]);
});

for (const breaksAt of ["read", "translate", "browse", "learn", "watch", "unwatch"]) {
  Deno.test(`WatchedNodes does after a connection that broke at ${breaksAt} what it could not do before`, async () => {
    const { nodes, entry, server, names, watched } = stand();
    const single = nodeSettings.parse({ node_id: "ns=1;s=single" });
    const broken = async (task: () => Promise<void>) => {
      server.breaksAt = breaksAt;
      await assert.rejects(task(), /Connection Break/);
      server.breaksAt = "";
      assert.ok(nodes.hasFailed);
    };
    if (breaksAt === "unwatch") await nodes.add([entry, single]);
    else await broken(() => nodes.add([entry, single]));
    await nodes.retry();
    assert.deepEqual(names(), ["a", "b", "single"]);
    for (const handle of watched.keys()) nodes.heard(handle, GONE);
    await broken(() => nodes.retry());
    await nodes.retry();
    assert.deepEqual(names(), ["a", "b", "single"]);
    for (const handle of watched.keys()) assert.ok(nodes.heard(handle, GOOD));
    assert.equal(nodes.hasFailed, false);
  });
}

Deno.test("WatchedNodes takes no value of an item whose making was never answered", async () => {
  const { nodes, server, watched } = stand();
  server.breaksAt = "watch";
  await assert.rejects(nodes.add([nodeSettings.parse({ node_id: "ns=1;s=single" })]), /Connection Break/);
  server.breaksAt = "";
  assert.equal(nodes.tag(0)?.name, "ns=1;s=single");
  await nodes.retry();
  assert.deepEqual([nodes.tag(0), nodes.tag(1)?.name], [undefined, "ns=1;s=single"]);
  assert.deepEqual([...watched.keys()], [1]);
});
