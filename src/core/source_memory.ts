/**
 * What one source has learned of its device and keeps beyond a restart: values by key, each as large as JSON makes it.
 * It saves time after a start and holds nothing that could not be learned again: whoever reads it checks what he gets,
 * and stores beside it what it was learned of, so that another device or another configuration is not taken for it.
 */
export interface SourceMemory {
  /** What `keep` last took under `key`; undefined where there is nothing. It comes from a file: anything may be in it. */
  recall(key: string): unknown;
  /** Keeps a value that JSON can hold; undefined forgets. It is on disk some seconds later, or at the source's end. */
  keep(key: string, value: unknown): void;
}
