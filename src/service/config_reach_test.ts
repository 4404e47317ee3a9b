import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { loadText } from "../../tests/fakes/config_file.ts";
import { ReachProof } from "./config_reach.ts";

const withGui = (gui: string) => loadText(`version: 1\ngui: ${gui}\n`);
const NEEDED = { withinSeconds: 60, address: "http://127.0.0.1:8081/" };

for (
  const [key, gui] of [
    ["bind", "{ bind: 127.0.0.2 }"],
    ["port", "{ port: 8081 }"],
    ["tls", "{ tls: { enabled: true } }"],
    ["allowed_hosts", "{ allowed_hosts: [edge7] }"],
    ["trusted_proxies", "{ trusted_proxies: [10.0.0.5] }"],
  ] as const
) {
  Deno.test(`ReachProof warns of a change of gui.${key}, and of nothing else`, async () => {
    const proof = new ReachProof(new FakeClock());
    const warnings = proof.warnings(await withGui("{}"), await withGui(gui));
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0] ?? "",
      new RegExp(`^gui\\.${key} changes: pages and API may not be reached .* within 60 s `),
    );
    assert.deepEqual(proof.warnings(await withGui("{}"), await withGui("{ session_hours: 2 }")), []);
  });
}

Deno.test("ReachProof says where to log in, and asks nothing of a connector without pages", async () => {
  const proof = new ReachProof(new FakeClock());
  const [before, closed] = [await withGui("{}"), await withGui("{ enabled: false }")];
  for (
    const [gui, address] of [
      ["{ port: 8081 }", "http://127.0.0.1:8081/"],
      ["{ bind: 0.0.0.0, tls: { enabled: true } }", "https://*:8080/"],
      ["{ bind: '::1' }", "http://[::1]:8080/"],
    ] as const
  ) {
    assert.deepEqual(proof.neededFor(before, await withGui(gui)), { withinSeconds: 60, address });
    assert.equal(proof.neededFor(closed, await withGui(gui)), undefined);
  }
});

Deno.test("ReachProof is content once an administrator was answered", async () => {
  const clock = new FakeClock();
  const proof = new ReachProof(clock);
  proof.noteReached(); // before anybody waits: counts for nothing
  const proved = proof.await(NEEDED);
  await clock.advance(59_000);
  proof.noteReached();
  await proved;
  assert.equal(clock.sleeping, 0);
});

Deno.test("ReachProof refuses a change after a minute in which nobody came, and says where", async () => {
  const clock = new FakeClock();
  const refused = assert.rejects(new ReachProof(clock).await(NEEDED), {
    code: "change_not_confirmed",
    message: /no administrator was answered at http:\/\/127\.0\.0\.1:8081\/ within 60 s/,
  });
  await clock.advance(60_000);
  await refused;
});

Deno.test("ReachProof waits no longer once the connector ends", async () => {
  const proof = new ReachProof(new FakeClock());
  const refused = assert.rejects(proof.await(NEEDED), {
    code: "change_not_confirmed",
    message: /before the connector ended/,
  });
  proof.end();
  await refused;
  assert.equal(proof.isOver, true);
});
