import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeDevice } from "../../tests/fakes/source.ts";
import { fakeSourceDeps } from "../../tests/fakes/source_deps.ts";
import { eventually } from "../../tests/wait.ts";
import type { BrowseNode } from "../core/browse.ts";
import { AuthError, ConfigError, TimeoutError } from "../core/error.ts";
import { allChildren, openBrowse } from "./browse_source.ts";

const config = { name: "press", endpoint: "fake://press", labels: {}, settings: {} };

function numbered(count: number): BrowseNode[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `n${i}`,
    name: `n${i}`,
    kind: "variable",
    hasChildren: false,
  }));
}

async function open(device: FakeDevice) {
  const deps = fakeSourceDeps({ clock: new FakeClock() });
  return (await openBrowse({ spec: device.spec, places: [config], deps, signal: never() })).session;
}

/** Sizes of the pages that were given, and whether the last was not all. */
async function pagesOf(device: FakeDevice, most: number): Promise<{ sizes: number[]; isCut: boolean }> {
  await using session = await open(device);
  const sizes: number[] = [];
  let isCut = false;
  const wanted = { under: undefined, listenMs: 1, most };
  for await (const page of allChildren(session, wanted, { clock: new FakeClock(), signal: never() })) {
    sizes.push(page.nodes.length);
    isCut = page.isCut;
  }
  return { sizes, isCut };
}

Deno.test("openBrowse() connects a session of its own", async () => {
  const device = new FakeDevice();
  device.tree = { "": numbered(1) };
  await using session = await open(device);
  assert.deepEqual(await session.children({ under: undefined, after: undefined, limit: 1, listenMs: 0 }, never()), {
    nodes: numbered(1),
    next: undefined,
  });
  assert.equal(device.looks[0]?.isConnected, true);
  assert.equal(device.sessions.length, 0, "no reading session was made");
});

Deno.test("openBrowse() says of a protocol that it cannot show what there is", async () => {
  await assert.rejects(open(new FakeDevice()), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "browse_unsupported");
    assert.match(error.message, /^Cannot browse press: this version cannot show .* protocol fake has; docs\/protocols/);
    return true;
  });
});

Deno.test("openBrowse() disposes of a session that could not connect", async () => {
  const device = new FakeDevice();
  device.tree = {};
  device.refusal = new AuthError("refused", "wrong password");
  await assert.rejects(open(device), AuthError);
  assert.equal(device.looks[0]?.disposals, 1);
});

Deno.test("allChildren() turns pages until there are no more", async () => {
  const device = new FakeDevice();
  device.tree = { "": numbered(2500) };
  assert.deepEqual(await pagesOf(device, 100_000), { sizes: [1000, 1000, 500], isCut: false });
});

Deno.test("allChildren() stops at the most that are wanted, and says that there are more", async () => {
  const device = new FakeDevice();
  device.tree = { "": numbered(2500) };
  assert.deepEqual(await pagesOf(device, 1200), { sizes: [1000, 200], isCut: true });
  assert.deepEqual(await pagesOf(device, 2500), { sizes: [1000, 1000, 500], isCut: false });
});

Deno.test("allChildren() gives each page five minutes, and says which place took longer", async () => {
  const device = new FakeDevice();
  device.tree = { "a": numbered(2500) };
  device.maxPages = 2;
  await using session = await open(device);
  const clock = new FakeClock();
  const sizes: number[] = [];
  const listing = async () => {
    const wanted = { under: "a", listenMs: 1000, most: 2500 };
    for await (const { nodes } of allChildren(session, wanted, { clock, signal: never() })) {
      sizes.push(nodes.length);
      await clock.advance(200_000);
    }
  };
  const ended = assert.rejects(listing(), (error) => {
    assert.ok(error instanceof TimeoutError);
    assert.match(error.message, /^Cannot list what lies under a: the next page of it did not come within 301 s; look/);
    return true;
  });
  await eventually("it waits for the third page", () => device.looks[0]?.requests.length === 3);
  await clock.advance(300_999);
  assert.equal(clock.sleeping, 1, "it still waits");
  await clock.advance(1);
  await ended;
  assert.deepEqual(sizes, [1000, 1000]);
});

function never(): AbortSignal {
  return new AbortController().signal;
}
