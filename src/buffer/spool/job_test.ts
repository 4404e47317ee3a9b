import assert from "node:assert/strict";
import { type Job, sealJob } from "./job.ts";
import { Names } from "./names.ts";
import { Sealer } from "./seal.ts";
import { SpoolChunk } from "./spool_chunk.ts";

const RECORD = { lastSeq: 1, bytes: 0, live: [], upTo: 0, gone: [], fromUs: 0, toUs: 0 };

/** A job of one chunk, whose rows are these bytes. */
function jobOf(plain: Uint8Array<ArrayBuffer>): Job {
  const chunk = new SpoolChunk({ lane: 0, firstSeq: 1, names: new Names(), acceptedAtMs: 0 });
  const lane = {} as never; // not looked at
  const forming = [{ chunk, lane, isNew: true, packs: [], added: [], record: RECORD, plain }];
  return { forming, letters: [], names: undefined, entries: [], deleted: [], moved: [] };
}

Deno.test("sealJob() gives the plain bytes of rows back once they are sealed, and keeps them when sealing fails", async () => {
  const sealer = await Sealer.open(new Uint8Array(32), { isCompressed: true });
  const plain = new Uint8Array(5000).fill(7);
  const job = jobOf(plain);
  const seal = sealer.seal;
  sealer.seal = () => Promise.reject(new Error("no memory"));
  await assert.rejects(sealJob(job, sealer), /no memory/);
  assert.equal(plain.length, 5000, "it is tried again");
  sealer.seal = seal;
  const { change: { blobs } } = await sealJob(job, sealer);
  assert.equal(plain.length, 0);
  const opened = await sealer.open("chunk/0/1", new Uint8Array(blobs[0]?.sealed ?? []));
  assert.deepEqual(opened, new Uint8Array(5000).fill(7));
});
