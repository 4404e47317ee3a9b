/** How many tests a run of `deno test` says passed and failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Skipped by `ignore`. */
  readonly ignored: number;
}

/** The last line of each run, such as `FAILED | 12 passed (3 steps) | 1 failed | 2 ignored (4s)`. */
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/;

// deno-lint-ignore no-control-regex -- colours are control characters
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Counts of the run whose output this is; undefined when it ended before it could say. */
export function countTests(output: string): TestCounts | undefined {
  const lines = output.replace(COLOURS, "").split("\n").reverse();
  for (const line of lines) {
    const match = line.match(SUMMARY);
    if (match) return { passed: Number(match[1]), failed: Number(match[2]), ignored: Number(match[3] ?? 0) };
  }
  return undefined;
}
