import assert from "node:assert/strict";
import { type Row, type Rows, totalSizeOf } from "../core/reading.ts";
import { Arena } from "./arena.ts";
import { joinRows } from "./joined_rows.ts";
import { RowPack } from "./row_pack.ts";

const ORIGIN = { lane: "l", source: "s", edgeId: "e", bootEpoch: 7 };

/** Rows whose bytes are their number, as often as the number says. */
function packOf(firstSeq: number, count: number): RowPack {
  const pack = new RowPack(ORIGIN, firstSeq, { arena: new Arena({ isReused: true }), firstBytes: firstSeq });
  for (let seq = firstSeq; seq < firstSeq + count; seq++) {
    assert.ok(pack.add({ tag: `t${seq}`, eventTimeUs: 1000 - seq }, new Uint8Array(seq).fill(seq)));
  }
  return pack;
}

const seqs = (rows: Rows) => Array.from(rows, (row) => row.seq);

Deno.test("RowPack gives back every row as it was put in", () => {
  const rows = [...packOf(1, 9).rows(0, 9)];
  assert.deepEqual(
    rows.map(({ lane, source, tag, edgeId, bootEpoch, seq, bytes, size }) => (
      { lane, source, tag, edgeId, bootEpoch, seq, bytes: [...bytes], size }
    )),
    Array.from({ length: 9 }, (_, i) => i + 1).map((seq) => (
      { ...ORIGIN, tag: `t${seq}`, seq, bytes: Array(seq).fill(seq), size: seq }
    )),
  );
});

Deno.test("RowPack knows the range of its event times", () => {
  const { fromUs, toUs } = packOf(1, 9);
  assert.deepEqual({ fromUs, toUs }, { fromUs: 991, toUs: 999 });
});

Deno.test("RowPack.add() copies the bytes, and refuses what its memory has no room for", () => {
  const pack = new RowPack(ORIGIN, 1, { arena: new Arena({ isReused: true }), firstBytes: 3 });
  const bytes = Uint8Array.of(1, 2, 3);
  assert.ok(pack.add({ tag: "t", eventTimeUs: 0 }, bytes));
  bytes.fill(0);
  assert.deepEqual([...pack.bytesOf(0)], [1, 2, 3]);
  assert.equal(pack.add({ tag: "t", eventTimeUs: 0 }, new Uint8Array(1 << 20)), false);
  assert.equal(pack.length, 1);
});

const LISTS: readonly { name: string; rows: Rows }[] = [
  { name: "rows of one pack", rows: packOf(1, 12).rows(2, 10) },
  {
    name: "joined rows",
    rows: joinRows([packOf(3, 2).rows(0, 2), [], packOf(5, 5).rows(0, 4), [...packOf(9, 2).rows(0, 2)]]),
  },
  { name: "an array", rows: [...packOf(3, 8).rows(0, 8)] },
];
for (const { name, rows } of LISTS) {
  Deno.test(`Rows: ${name} can be counted, looked up and cut`, () => {
    const expected = [3, 4, 5, 6, 7, 8, 9, 10];
    assert.deepEqual(seqs(rows), expected);
    assert.equal(rows.length, 8);
    assert.equal(totalSizeOf(rows), 52);
    for (let at = -9; at <= 9; at++) assert.equal(rows.at(at)?.seq, expected.at(at), `at ${at}`);
    for (let start = 0; start <= 9; start++) {
      assert.deepEqual(seqs(rows.slice(start)), expected.slice(start), `from ${start}`);
      for (let end = 0; end <= 9; end++) {
        const cut = rows.slice(start, end);
        assert.deepEqual(seqs(cut), expected.slice(start, end), `${start} to ${end}`);
        assert.equal(totalSizeOf(cut), cut.length === 0 ? 0 : seqs(cut).reduce((sum, seq) => sum + seq));
      }
    }
  });
}

Deno.test("joinRows() gives a single part itself", () => {
  const rows: readonly Row[] = [];
  assert.equal(joinRows([rows]), rows);
});

Deno.test("RowPack.of() takes rows that stand in one piece already, and no further one", () => {
  const sizes = [2, 0, 3];
  const rows = { length: 3, tags: ["a", "b"], sizeOf: (i: number) => sizes[i] ?? 0, tagOf: (i: number) => i % 2 };
  const made = { bytes: Uint8Array.of(1, 2, 3, 4, 5), rows, fromUs: 3, toUs: 8 };
  const arena = new Arena({ isReused: true });
  arena.enter(10).end += 10;
  const pack = RowPack.of(ORIGIN, 40, { arena, made });
  const seen = Array.from(pack.rows(0, 3), ({ seq, tag, bytes }) => [seq, tag, [...bytes]]);
  assert.deepEqual(seen, [[40, "a", [1, 2]], [41, "b", []], [42, "a", [3, 4, 5]]]);
  assert.deepEqual([pack.length, pack.fromUs, pack.toUs, pack.bytesIn(1, 3)], [3, 3, 8, 3]);
  assert.equal(pack.add({ tag: "t", eventTimeUs: 0 }, new Uint8Array(1)), false);
});

Deno.test("RowPack whose many rows were made already gives no row any more once it is released", () => {
  const rows = { length: 40, tags: ["a"], sizeOf: () => 2, tagOf: () => 0 };
  const made = { bytes: Uint8Array.from({ length: 80 }, (_, i) => i), rows, fromUs: 0, toUs: 0 };
  const pack = RowPack.of(ORIGIN, 1, { arena: new Arena({ isReused: true }), made });
  assert.deepEqual([...pack.bytesOf(39)], [78, 79]);
  assert.equal(pack.tagOf(39), "a");
  pack.release();
  assert.throws(() => pack.bytesOf(39), RangeError);
});
