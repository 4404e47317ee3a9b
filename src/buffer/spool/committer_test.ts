import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { Committer } from "./committer.ts";
import type { Job } from "./job.ts";
import { Sealer } from "./seal.ts";
import type { Change } from "./store.ts";

/** Commits one dead letter; `write` is told what goes to the disk. */
async function commit(write: (change: Change) => Promise<void>): Promise<void> {
  const letters = [{ id: 1, head: {} as never, plain: new Uint8Array(3000), receipt: undefined }]; // its head is only stored
  const job: Job = { forming: [], letters, names: undefined, entries: [], deleted: [], moved: [] };
  const committer = new Committer({
    state: { takeJob: () => job, finish: () => {} },
    sealer: await Sealer.open(new Uint8Array(32), { isCompressed: false }),
    writer: { write, isClosing: false },
    hot: { add: () => {}, remove: () => {}, isOver: false },
    clock: systemClock,
    written: () => {},
  });
  await committer.begin(Promise.resolve())?.written;
}

Deno.test("Committer gives the memory of what it wrote back once it is on disk, and not before", async () => {
  const changes: Change[] = [];
  await commit((change) => {
    changes.push(change);
    assert.ok(change.blobs.every(({ sealed }) => sealed.length > 3000), "it may have to be written again");
    return Promise.resolve();
  });
  assert.deepEqual(changes[0]?.blobs.map(({ sealed }) => sealed.length), [0]);
});

Deno.test("Committer keeps what could not be written", async () => {
  const changes: Change[] = [];
  await commit((change) => {
    changes.push(change);
    return Promise.reject(new Error("closing"));
  });
  assert.ok(changes[0]?.blobs.every(({ sealed }) => sealed.length > 3000));
});
