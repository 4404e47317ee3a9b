import assert from "node:assert/strict";
import fc from "fast-check";
import { Arena } from "../arena.ts";
import { RowPack } from "../row_pack.ts";
import { decodeChunk, encodeChunk } from "./chunk_codec.ts";
import { Names } from "./names.ts";

interface Run {
  readonly source: string;
  readonly firstSeq: number;
  readonly rows: readonly { tag: string; eventTimeUs: number; bytes: Uint8Array }[];
}

const run: fc.Arbitrary<Run> = fc.record({
  source: fc.constantFrom("press", "hall 7", "Öfen"),
  firstSeq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 100 }),
  rows: fc.array(
    fc.record({
      tag: fc.oneof(fc.constantFrom("a", "b"), fc.string({ unit: "grapheme" })),
      eventTimeUs: fc.integer({ min: -1e15, max: 4e15 }),
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

function packOf({ source, firstSeq, rows }: Run, arena: Arena): RowPack {
  const total = rows.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const pack = new RowPack({ lane: "l", source, edgeId: "e", bootEpoch: 7 }, firstSeq, { arena, firstBytes: total });
  for (const { bytes, ...reading } of rows) assert.ok(pack.add(reading, bytes));
  return pack;
}

function shown(pack: RowPack): unknown {
  const rows = Array.from(pack.rows(0, pack.length), ({ lane, source, tag, edgeId, bootEpoch, seq, bytes }) => (
    { lane, source, tag, edgeId, bootEpoch, seq, bytes: [...bytes] }
  ));
  return { rows, fromUs: pack.fromUs, toUs: pack.toUs };
}

Deno.test("decodeChunk() gives back every row that encodeChunk() was given, with its identity and the range of times", () => {
  fc.assert(fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => {
    const arena = new Arena({ isReused: false });
    const names = new Names();
    const packs = runs.map((each) => packOf(each, arena));
    const decoded = decodeChunk(encodeChunk(packs, names), { lane: "l", names, arena });
    assert.deepEqual(decoded.map(shown), packs.map(shown));
  }));
});

Deno.test("encodeChunk() makes one run of what a source hands over in pieces, and none across a gap, sources or starts", () => {
  const arena = new Arena({ isReused: false });
  const names = new Names();
  const piece = (firstSeq: number, count: number, source = "s", bootEpoch = 7) => {
    const pack = new RowPack({ lane: "l", source, edgeId: "e", bootEpoch }, firstSeq, { arena, firstBytes: 1 });
    for (let seq = firstSeq; seq < firstSeq + count; seq++) {
      assert.ok(pack.add({ tag: `t${seq % 3}`, eventTimeUs: 1000 - seq }, Uint8Array.of(seq)));
    }
    return pack;
  };
  const pieces = [
    piece(1, 2),
    piece(3, 1),
    piece(4, 60),
    piece(65, 1),
    piece(66, 1, "other"),
    piece(67, 1, "other", 8),
  ];
  const decoded = decodeChunk(encodeChunk(pieces, names), { lane: "l", names, arena });
  assert.deepEqual(
    decoded.map(({ origin, firstSeq, length, fromUs, toUs }) => [origin.source, firstSeq, length, fromUs, toUs]),
    [["s", 1, 63, 937, 999], ["s", 65, 1, 935, 935], ["other", 66, 1, 934, 934], ["other", 67, 1, 933, 933]],
  );
  const rows = decoded.flatMap((pack) =>
    Array.from(pack.rows(0, pack.length), ({ seq, tag, bytes }) => [seq, tag, ...bytes])
  );
  const expected = pieces.flatMap((pack) =>
    Array.from(pack.rows(0, pack.length), ({ seq, tag, bytes }) => [seq, tag, ...bytes])
  );
  assert.deepEqual(rows, expected);
});

Deno.test("decodeChunk() refuses bytes that end too early", () => {
  const arena = new Arena({ isReused: false });
  const names = new Names();
  const rows = [{ tag: "t", eventTimeUs: 1, bytes: new Uint8Array(50) }];
  const bytes = encodeChunk([packOf({ source: "s", firstSeq: 1, rows }, arena)], names);
  for (let end = 0; end < bytes.length; end++) {
    assert.throws(() => decodeChunk(bytes.slice(0, end), { lane: "l", names, arena }), RangeError, `${end} bytes`);
  }
});
