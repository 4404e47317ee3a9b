/** One measured case. */
export interface Result {
  readonly name: string;
  readonly rowsPerSecond: number;
  readonly cpuPerMillion: number;
  readonly peakMb: number;
}

/** A table for people. `note` says for each case what it is compared with. */
export function table(results: readonly (Result & { readonly note?: string })[]): string {
  const head = `${"case".padEnd(46)} ${"rows/s".padStart(10)} ${"CPU s/M".padStart(8)} ${
    "peak MB".padStart(8)
  }  compared`;
  const lines = results.map(({ name, rowsPerSecond, cpuPerMillion, peakMb, note = "" }) =>
    `${name.padEnd(46)} ${Math.round(rowsPerSecond).toLocaleString("en").padStart(10)} ` +
    `${cpuPerMillion.toFixed(2).padStart(8)} ${peakMb.toFixed(0).padStart(8)}  ${note}`
  );
  return [head, ...lines].map((line) => line.trimEnd()).join("\n");
}
