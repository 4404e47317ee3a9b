import assert from "node:assert/strict";

/** Large buffers that are left to the garbage collector add up to some 64 MB before V8 looks at them. */
const TIMES = 40;
const SLACK_BYTES = 6 * 1024 * 1024;

/**
 * Runs a task that handles some hundred kilobytes again and again: what it leaves behind must not add up. `leftBytes`:
 * what a library leaves behind each time.
 */
export async function assertNothingAddsUp(task: () => Promise<void>, leftBytes = 0): Promise<void> {
  await task();
  const before = Deno.memoryUsage().external;
  for (let i = 1; i <= TIMES; i++) {
    await task();
    const grownBytes = Deno.memoryUsage().external - before;
    assert.ok(grownBytes < SLACK_BYTES + i * leftBytes, `${grownBytes} bytes after ${i} times`);
  }
}
