/**
 * How V8 keeps house, written once for the tasks, the executable and the measurements.
 *
 * On a host with much memory V8 lets the heap grow to four times what is needed before it looks at all of it; with a
 * limit it looks sooner. What is needed are some 50 MB, with 25,000 registers too. Half of V8's room for new objects costs
 * nothing that can be measured. Together they take 90 of 270 MB off while a backlog goes to the workspace, at the same
 * rate; see docs/decisions/0021-memory.md. Buffers do not count: rows that wait stand outside the heap.
 */
export const V8_FLAGS = "--v8-flags=--max-old-space-size=512,--max-semi-space-size=8";
