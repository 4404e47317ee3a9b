import assert from "node:assert/strict";
import { Arena } from "../arena.ts";
import { RowPack } from "../row_pack.ts";
import { encodeChunk } from "./chunk_codec.ts";
import { readChunk } from "./chunk_reader.ts";
import { Names } from "./names.ts";
import { Sealer } from "./seal.ts";
import { SpoolChunk } from "./spool_chunk.ts";

/** Reads a chunk whose first row is number 1, where one that begins with `firstSeq` is expected. */
async function read(firstSeq: number) {
  const [names, arena] = [new Names(), new Arena({ isReused: false })];
  const pack = new RowPack({ lane: "l", source: "s", edgeId: "e", bootEpoch: 7 }, 1, { arena, firstBytes: 3000 });
  pack.add({ tag: "t", eventTimeUs: 1 }, new Uint8Array(3000).fill(7));
  const sealer = await Sealer.open(new Uint8Array(32), { isCompressed: true });
  const chunk = new SpoolChunk({ lane: 0, firstSeq, names, acceptedAtMs: 0 });
  const sealed = await sealer.seal(`chunk/0/${firstSeq}`, encodeChunk([pack], names));
  const plains: Uint8Array[] = [];
  const open = sealer.open.bind(sealer);
  sealer.open = async (...sealed) => {
    const plain = await open(...sealed);
    plains.push(plain);
    return plain;
  };
  const result = await readChunk(chunk, "l", { store: { read: () => Promise.resolve(sealed) }, sealer, names, arena });
  return { result, sealed, plains };
}

Deno.test("readChunk() gives the memory of what it read back once the rows are out of it", async () => {
  const { result, sealed, plains } = await read(1);
  assert.deepEqual([sealed.length, plains.map(({ length }) => length)], [0, [0]]);
  assert.ok("packs" in result);
  const [row] = [...result.packs[0]?.rows(0, 1) ?? []];
  assert.deepEqual(row?.bytes, new Uint8Array(3000).fill(7));
});

Deno.test("readChunk() keeps what is sealed of a chunk that is not what it should be", async () => {
  const { result, sealed } = await read(2);
  assert.ok("reason" in result && "sealed" in result && result.sealed === sealed);
  assert.ok(sealed.length > 0);
});
