import { ProtoReader } from "../lib/proto_reader.ts";

/** Takes from an encoded row the fields that a table has no column for. */
export type Project = (row: Uint8Array) => Uint8Array;

/**
 * A projection that keeps the fields with these numbers. It works on the wire format: fields are skipped by their length
 * and copied as they are, nothing is decoded. A row in which nothing is left out is returned itself, not a copy.
 *
 * ```ts
 * const project = projection(new Set([1, 2, 7]));
 * project(row);
 * ```
 * The projection throws a RangeError for bytes that are not a protobuf message.
 */
export function projection(keep: ReadonlySet<number>): Project {
  // Runs of neighbouring kept fields, as pairs of start and end; used again for every row.
  const runs: number[] = [];
  return (row) => {
    runs.length = 0;
    const size = findRuns(new ProtoReader(row), keep, runs);
    return size === row.length ? row : copyRuns(row, runs, size);
  };
}

/** Bytes in all runs. */
function findRuns(field: ProtoReader, keep: ReadonlySet<number>, runs: number[]): number {
  let size = 0;
  while (field.next()) {
    if (!keep.has(field.number)) continue;
    size += field.end - field.start;
    if (runs.length > 0 && runs[runs.length - 1] === field.start) runs[runs.length - 1] = field.end;
    else runs.push(field.start, field.end);
  }
  return size;
}

function copyRuns(row: Uint8Array, runs: readonly number[], size: number): Uint8Array {
  const kept = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const start = runs[i] ?? 0;
    const end = runs[i + 1] ?? 0;
    kept.set(row.subarray(start, end), at);
    at += end - start;
  }
  return kept;
}
