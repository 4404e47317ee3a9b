import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { beginBoot, edgeIdOf } from "./identity.ts";

const START_US = 1_700_000_000_000_000;

async function inHome(run: (home: string) => void): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    run(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("beginBoot() makes an identity once and keeps it", () =>
  inHome((home) => {
    const first = beginBoot(home, new FakeClock(START_US));
    const second = beginBoot(home, new FakeClock(START_US + 5_000_000));
    assert.match(first.edgeId, /^[0-9a-f]{32}$/);
    assert.equal(second.edgeId, first.edgeId);
    assert.deepEqual([first.bootEpoch, second.bootEpoch], [1_700_000_000, 1_700_000_005]);
    assert.equal(Deno.statSync(`${home}/identity.json`).mode! & 0o777, 0o600);
  }));

Deno.test("beginBoot() notices that the home was on another host before, once, and where no host is known never", () =>
  inHome((home) => {
    const clock = new FakeClock(START_US);
    const hosts = ["a", "a", undefined, "a", "b", "b", undefined, "a"];
    const noticed = hosts.map((host) => beginBoot(home, clock, host).isElsewhere);
    assert.deepEqual(noticed, [false, false, false, false, true, false, false, true]);
  }));

Deno.test("edgeIdOf() makes the identity where there is none, and uses up no epoch where there is one", () =>
  inHome((home) => {
    const edgeId = edgeIdOf(home, new FakeClock(START_US));
    assert.equal(edgeIdOf(home, new FakeClock(START_US)), edgeId);
    assert.deepEqual(beginBoot(home, new FakeClock(START_US)), {
      edgeId,
      bootEpoch: 1_700_000_001,
      isElsewhere: false,
    });
  }));

Deno.test("beginBoot() never repeats an epoch, though the host's clock stands still or jumps back a day", () =>
  inHome((home) => {
    const epochs = [START_US, START_US, START_US - 86_400_000_000, START_US].map((us) =>
      beginBoot(home, new FakeClock(us)).bootEpoch
    );
    assert.deepEqual(epochs, [1_700_000_000, 1_700_000_001, 1_700_000_002, 1_700_000_003]);
  }));

for (const text of ["", "{", "null", '{"version":1,"edge_id":"../x","boot_epoch":1}', '{"version":0}']) {
  Deno.test(`beginBoot() refuses a damaged file ${JSON.stringify(text)} and leaves it as it is`, () =>
    inHome((home) => {
      Deno.writeTextFileSync(`${home}/identity.json`, text);
      assert.throws(() => beginBoot(home, new FakeClock()), { code: "identity_damaged" });
      assert.equal(Deno.readTextFileSync(`${home}/identity.json`), text);
    }));
}

Deno.test("beginBoot() says so when the home is not there", () => {
  assert.throws(() => beginBoot("/nonexistent/home", new FakeClock()), { code: "identity_not_kept" });
});

Deno.test("beginBoot() follows no link", () =>
  inHome((home) => {
    Deno.writeTextFileSync(`${home}/elsewhere`, "kept");
    Deno.symlinkSync(`${home}/elsewhere`, `${home}/identity.json.new`);
    beginBoot(home, new FakeClock());
    assert.equal(Deno.readTextFileSync(`${home}/elsewhere`), "kept");
    Deno.renameSync(`${home}/identity.json`, `${home}/moved.json`);
    Deno.symlinkSync(`${home}/moved.json`, `${home}/identity.json`);
    assert.throws(() => beginBoot(home, new FakeClock()), { code: "link_in_home" });
  }));
