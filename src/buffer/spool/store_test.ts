import assert from "node:assert/strict";
import { fakeRoute, handover, numbersOf } from "../../../tests/fakes/rows.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import { changeRecords, filledHome, filledRoute, readRows, rowsOf } from "../../../tests/fakes/spool_damage.ts";
import { assertNothingAddsUp } from "../../../tests/fakes/memory.ts";
import { eventually } from "../../../tests/wait.ts";
import { freeMemory } from "../../lib/free_memory.ts";
import { type Change, Store } from "./store.ts";

const NEVER = new AbortController().signal;
const RECORD: Deno.KvKey = ["info", 0, 1];
const VALUE: Deno.KvKey = ["chunk", 0, 1];

function change(bytes: number, filler: number): Change {
  const blob = { key: VALUE, sealed: new Uint8Array(bytes).fill(filler), newWith: RECORD };
  return {
    blobs: [blob],
    entries: [{ key: RECORD, value: filler }, { key: ["ledger", 2], value: filler }],
    deleted: [],
  };
}

/** One value fits into a transaction, the other goes there in pieces. */
for (const bytes of [100, 2_000_000]) {
  Deno.test(`Store writes a new value of ${bytes} bytes again when nobody knows whether the first time got to the disk`, async () => {
    await using home = new SpoolHome();
    using store = await Store.open(`${home.path}/x.db`);
    await store.write(change(bytes, 1));
    await store.write({ blobs: [], entries: [{ key: ["later"], value: 7 }], deleted: [] });
    await store.write(change(bytes, 1));
    assert.deepEqual(await store.read(VALUE, bytes), new Uint8Array(bytes).fill(1));
  });

  Deno.test(`Store writes a new value of ${bytes} bytes over what a kill left without a record`, async () => {
    await using home = new SpoolHome();
    using store = await Store.open(`${home.path}/x.db`);
    await store.write({ blobs: [{ key: VALUE, sealed: new Uint8Array(9) }], entries: [], deleted: [] });
    await store.write(change(bytes, 1));
    assert.deepEqual(await store.read(VALUE, bytes), new Uint8Array(bytes).fill(1));
  });

  Deno.test(`Store overwrites nothing with a new value of ${bytes} bytes: that the place is taken is damage`, async () => {
    await using home = new SpoolHome();
    using store = await Store.open(`${home.path}/x.db`);
    const told: Error[] = [];
    store.watch((error) => told.push(error));
    await store.write(change(bytes, 1));
    await assert.rejects(store.write(change(bytes, 2)), { name: "DamagedError", message: /overwrite chunk\/0\/1/ });
    assert.equal(told.length, 1);
    assert.deepEqual(await store.read(VALUE, bytes), new Uint8Array(bytes).fill(1));
    assert.equal(await store.get(["ledger", 2]), 1);
  });
}

for (const bytes of [100, 2_000_000]) {
  Deno.test(`Store leaves a value of ${bytes} bytes as it is, written or not: it may be written again`, async () => {
    await using home = new SpoolHome();
    using store = await Store.open(`${home.path}/x.db`);
    const [first, second] = [change(bytes, 1), change(bytes, 2)];
    await store.write(first);
    await store.write(first);
    await assert.rejects(store.write(second), { name: "DamagedError" });
    for (const [i, { blobs }] of [first, second].entries()) {
      assert.deepEqual(blobs[0]?.sealed, new Uint8Array(bytes).fill(i + 1));
    }
  });
}

Deno.test("Store leaves behind no memory of the values that it reads", async () => {
  await using home = new SpoolHome();
  using store = await Store.open(`${home.path}/x.db`);
  await store.write(change(600_000, 1));
  await assertNothingAddsUp(async () => freeMemory(await store.read(VALUE, 600_000) ?? new Uint8Array()));
});

Deno.test("Store leaves behind no memory of the values that it writes", async () => {
  await using home = new SpoolHome();
  using store = await Store.open(`${home.path}/x.db`);
  const { blobs } = change(600_000, 1);
  const blob = { key: VALUE, sealed: blobs[0]?.sealed ?? new Uint8Array() };
  await assertNothingAddsUp(() => store.write({ blobs: [blob], entries: [], deleted: [] }));
});

Deno.test("SpoolBuffer that would overwrite a chunk says that its file is damaged, and keeps the chunk", async () => {
  await using home = new SpoolHome();
  await filledHome(home, 2);
  const told: Error[] = [];
  {
    await using buffer = await home.open({ damaged: (error) => told.push(error) });
    await changeRecords(home.directory, [{ key: ["info", 0, 201], value: { lastSeq: 300 } }]);
    const receipt = await buffer.accept(handover(100, 200), filledRoute, NEVER);
    const failed = receipt.durable.then(() => "durable", () => "failed");
    await eventually("it is told", () => told.length > 0);
    await buffer[Symbol.asyncDispose]();
    assert.equal(await failed, "failed");
  }
  await using buffer = await home.open();
  assert.equal(home.eventsOf("spool_salvaged").length, 1);
  assert.deepEqual(numbersOf(await readRows(buffer, 200, fakeRoute().lane.id)), rowsOf([0, 1]));
});
