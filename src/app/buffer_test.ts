import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { fakeRoute, handover } from "../../tests/fakes/rows.ts";
import { configSchema } from "../config/mod.ts";
import { openBuffer } from "./buffer.ts";

const identity = { edgeId: "e", bootEpoch: 1 };

/** In memory, with this `processing.validation`. */
async function openInMemory(validation: Record<string, unknown>) {
  const disk_spool = { enabled: false, max_record_mb: 1 };
  const config = configSchema.parse({ backpressure: { disk_spool }, processing: { validation } });
  return await openBuffer(config, { home: "", identity, clock: new FakeClock(), report: () => {}, tap: undefined });
}

async function open(home: string, disk_spool: Record<string, unknown>) {
  const config = configSchema.parse({ backpressure: { disk_spool: { reserve_mb: 0, ...disk_spool } } });
  return await openBuffer(config, { home, identity, clock: new FakeClock(), report: () => {}, tap: undefined });
}

for (const [key, path] of [["path", "deep/spool"], ["encryption_key_path", "deep/spool.key"]] as const) {
  Deno.test(`openBuffer() follows no link on the way to disk_spool.${key}`, async () => {
    const home = await Deno.makeTempDir();
    const outside = await Deno.makeTempDir();
    await Deno.symlink(outside, `${home}/deep`);
    await assert.rejects(open(home, { [key]: path }), { code: "link_in_home" });
    assert.deepEqual([...Deno.readDirSync(outside)], []);
    for (const folder of [home, outside]) await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("openBuffer() makes spool and key for their owner alone", async () => {
  const home = await Deno.makeTempDir();
  {
    await using _buffer = await open(home, {});
    for (
      const [path, mode] of [["spool", 0o700], ["spool/spool.db", 0o600], ["certs", 0o700], [
        "certs/spool_encryption.key",
        0o600,
      ]] as const
    ) {
      assert.equal((Deno.statSync(`${home}/${path}`).mode ?? 0) & 0o777, mode, path);
    }
  }
  await Deno.remove(home, { recursive: true });
});

for (
  const [sentence, validation, term] of [
    ["keeps what may not be accepted", {}, "dead_lettered"],
    ["lets it go where drop_invalid says so", { drop_invalid: true }, "filtered"],
    [
      "keeps it where validation is off, whatever drop_invalid says",
      { enabled: false, drop_invalid: true },
      "dead_lettered",
    ],
  ] as const
) {
  Deno.test(`openBuffer() bounds rows by max_record_mb in memory too, and ${sentence}`, async () => {
    await using buffer = await openInMemory(validation);
    const route = { ...fakeRoute(), encode: () => new Uint8Array(1024 * 1024 + 1) };
    await buffer.accept(handover(1), route, new AbortController().signal);
    const { received, [term]: turnedAway } = buffer.ledger().total;
    assert.deepEqual([received, turnedAway], [1, 1]);
  });
}
