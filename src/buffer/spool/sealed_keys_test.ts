/** Which keys a start deletes after a change of keys: none that somebody may still need. */
import assert from "node:assert/strict";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { changeRecords, filledRoute, readRows } from "../../../tests/fakes/spool_damage.ts";
import { RejectedError } from "../../core/error.ts";
import { DamagedError } from "./faults.ts";
import { neededKeyIds } from "./sealed_keys.ts";
import { SpoolAdmin } from "./spool_admin.ts";
import type { Store } from "./store.ts";
import { systemClock } from "../../lib/clock.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

function keyFiles(home: SpoolHome): number {
  return [...Deno.readDirSync(`${home.path}/certs`)].length;
}

/** A spool whose first 10 rows are sealed with a key that is not the newest, and the id of the newest. */
async function rotated(home: SpoolHome, before: (home: SpoolHome) => Promise<void> = rowsIn): Promise<string> {
  await before(home);
  await using buffer = await home.open();
  return await buffer.tools.rotateKey();
}

async function rowsIn(home: SpoolHome): Promise<void> {
  await using buffer = await home.open();
  await (await buffer.accept(handover(10), filledRoute, NEVER)).durable;
}

async function letterIn(home: SpoolHome): Promise<void> {
  await rowsIn(home);
  await using buffer = await home.open();
  const rows = await readRows(buffer, 10);
  for (const row of rows) await buffer.reject(row, new RejectedError("refused", "no such column"));
  await buffer.ack(lane, 10);
}

Deno.test("A chunk whose record names another key still opens after the next start", async () => {
  await using home = new SpoolHome();
  const newest = await rotated(home);
  await changeRecords(home.directory, [{ key: ["info", 0, 1], value: { keyId: newest } }]);
  for (let start = 0; start < 2; start++) {
    await using buffer = await home.open();
    assert.equal(keyFiles(home), 2);
    assert.deepEqual(numbersOf(await readRows(buffer, 10)), [...Array(10).keys()]);
  }
});

Deno.test("A dead letter whose record names another key still opens after the next start", async () => {
  await using home = new SpoolHome();
  const newest = await rotated(home, letterIn);
  const ids = Array.from({ length: 10 }, (_, i) => i + 1);
  await changeRecords(home.directory, ids.map((id) => ({ key: ["letter", id], value: { keyId: newest } })));
  await (await home.open())[Symbol.asyncDispose]();
  using admin = await SpoolAdmin.open(home, systemClock);
  const letters = await Array.fromAsync(admin.letters());
  assert.equal(letters.length, 10);
  assert.ok(letters.every(({ letter }) => letter));
});

Deno.test("The key of a chunk that is in quarantine stays", async () => {
  await using home = new SpoolHome();
  await rotated(home);
  {
    using kv = await Deno.openKv(`${home.directory}/spool.db`);
    const { value } = await kv.get<Uint8Array>(["chunk", 0, 1]);
    assert.ok(value);
    value[value.length - 1] = (value[value.length - 1] ?? 0) ^ 1;
    await kv.set(["chunk", 0, 1], value);
  }
  {
    await using buffer = await home.open();
    await (await buffer.accept(handover(1, 10), filledRoute, NEVER)).durable;
    await readRows(buffer, 1);
  }
  await (await home.open())[Symbol.asyncDispose]();
  assert.equal(home.eventsOf("rows_quarantined").length, 1);
  assert.equal(keyFiles(home), 2);
});

for (const isOwn of [true, false]) {
  const [how, what] = isOwn ? ["the spool's key", "stays"] : ["a passphrase", "goes with the last row of the spool"];
  Deno.test(`The key of rows that were carried out with ${how} ${what}`, async () => {
    await using home = new SpoolHome();
    await rowsIn(home);
    const path = `${home.path}/rows`;
    {
      await using buffer = await home.open();
      const sealing = isOwn ? {} : { passphrase: "correct horse" };
      await Array.fromAsync(buffer.tools.export(path, sealing, NEVER));
      await buffer.tools.rotateKey();
    }
    for (let start = 0; start < 2; start++) await (await home.open())[Symbol.asyncDispose]();
    assert.equal(keyFiles(home), isOwn ? 2 : 1);
    await using buffer = await home.open();
    await Array.fromAsync(buffer.tools.import(path, isOwn ? {} : { passphrase: "correct horse" }, NEVER));
    assert.deepEqual(numbersOf(await readRows(buffer, 10)), [...Array(10).keys()]);
  });
}

Deno.test("neededKeyIds() keeps all keys where the sealed values cannot be read", async () => {
  const store: Pick<Store, "list"> = {
    list([first]) {
      if (first === "chunk") throw new DamagedError("malformed");
      return new ReadableStream({ start: (controller) => controller.close() });
    },
  };
  const keyIds = new Set(["00000001", "00000002"]);
  assert.deepEqual(await neededKeyIds(store, { keyIds }, new Set(["00000001"])), keyIds);
});
