import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeDevice } from "../../tests/fakes/source.ts";
import { fakeSourceDeps } from "../../tests/fakes/source_deps.ts";
import { eventually } from "../../tests/wait.ts";
import type { SourceEntry } from "../config/mod.ts";
import type { BrowsePage } from "../core/browse.ts";
import { AuthError, ConfigError, ConnectionError } from "../core/error.ts";
import { BrowseVisits } from "./browse_visits.ts";

const TREE = {
  "": Array.from(
    { length: 5 },
    (_, i) => ({ id: `n${i}`, name: `n${i}`, kind: "variable", hasChildren: false } as const),
  ),
};

function bench() {
  const device = new FakeDevice();
  device.tree = TREE;
  const clock = new FakeClock();
  const visits = new BrowseVisits(fakeSourceDeps({ clock }));
  const entry: SourceEntry = {
    spec: device.spec,
    config: { name: "press", endpoint: "fake://press", labels: {}, settings: {} },
    alternates: [],
    rateLimit: { requests_per_second: null, readings_per_second: null },
    isEnabled: false,
    table: null,
  };
  let asked = 0;
  const page = (owner: string, subject: string, after?: string): Promise<BrowsePage> =>
    visits.page({ owner, subject }, () => Promise.resolve((asked++, entry)), {
      request: { under: undefined, after, limit: 3, listenMs: 0 },
      signal: new AbortController().signal,
    });
  return { device, clock, visits, page, asked: () => asked };
}

Deno.test("BrowseVisits turns page after page in one session, for the same owner and settings", async () => {
  const { device, visits, page, asked } = bench();
  await using _visits = visits;
  assert.deepEqual([(await page("anna", "a")).nodes.length, (await page("anna", "a", "3")).nodes.length], [3, 2]);
  assert.deepEqual([device.looks.length, asked()], [1, 1]);
  await page("ben", "a");
  assert.equal(device.looks.length, 2, "nobody goes on with the session of another");
  assert.equal(device.looks[0]?.disposals, 0);
});

Deno.test("BrowseVisits opens one session for two first pages at once, and tells both of a refusal", async () => {
  const { device, visits, page } = bench();
  await using _visits = visits;
  const both = await Promise.all([page("anna", "a"), page("anna", "a", "3")]);
  assert.deepEqual([both.map(({ nodes }) => nodes.length), device.looks.length], [[3, 2], 1]);
  device.refusal = new AuthError("refused", "no");
  const refused = await Promise.allSettled([page("ben", "a"), page("ben", "a")]);
  assert.deepEqual(refused.map(({ status }) => status), ["rejected", "rejected"], "each is told why");
});

Deno.test("BrowseVisits closes the session before when its owner looks at another device, and all when he leaves", async () => {
  const { device, visits, page } = bench();
  await using _visits = visits;
  await page("anna", "a");
  await page("anna", "b");
  assert.deepEqual(device.looks.map(({ disposals }) => disposals), [1, 0]);
  await page("ben", "a");
  await visits.leave("anna");
  assert.deepEqual(device.looks.map(({ disposals }) => disposals), [1, 1, 0]);
});

Deno.test("BrowseVisits closes a session that nobody asked for anything for a minute", async () => {
  const { device, clock, visits, page } = bench();
  await using _visits = visits;
  await page("anna", "a");
  for (let i = 0; i < 11; i++) await clock.advance(5000);
  assert.equal(device.looks[0]?.disposals, 0);
  await clock.advance(5000);
  await eventually("it is closed", () => device.looks[0]?.disposals === 1);
  assert.equal(clock.sleeping, 0, "nothing is swept where nothing is");
  await page("anna", "a");
  assert.equal(device.looks.length, 2);
});

Deno.test("BrowseVisits lets who has waited longest make way for a fifth, and refuses it while all are asked", async () => {
  const { device, clock, visits, page } = bench();
  await using _visits = visits;
  for (const owner of ["a", "b", "c", "d"]) {
    await page(owner, "x");
    await clock.advance(1);
  }
  await page("e", "x");
  assert.deepEqual(device.looks.map(({ disposals }) => disposals), [1, 0, 0, 0, 0]);
  device.maxPages = 0;
  await visits.leave("e");
  const busy = ["v", "w", "x", "y"].map((owner) => page(owner, "busy").catch(() => {}));
  await eventually("all are asked", () => device.looks.filter(({ requests }) => requests.length > 0).length === 9);
  await assert.rejects(page("z", "x"), (error) => error instanceof ConfigError && error.code === "too_many_looks");
  void busy;
});

Deno.test("BrowseVisits forgets a session that is lost, and one that could not be opened", async () => {
  const { device, visits, page } = bench();
  await using _visits = visits;
  device.refusal = new AuthError("refused", "no");
  await assert.rejects(page("anna", "a"), AuthError);
  device.refusal = undefined;
  await page("anna", "a");
  const look = device.looks[1]!;
  look.children = () => Promise.reject(new ConnectionError("lost", "the cable was pulled"));
  await assert.rejects(page("anna", "a"), ConnectionError);
  assert.equal(look.disposals, 1);
  await page("anna", "a");
  assert.equal(device.looks.length, 3);
});
