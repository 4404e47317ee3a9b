import type { Config, SourceEntry } from "../config/mod.ts";
import type { SourceMemory } from "../core/source_memory.ts";
import type { Pipeline, Supervisor } from "../pipeline/mod.ts";

/** How long a source that ends may wait for what it took to be safe; then its device keeps it, and sends it again. */
const SETTLE_MS = 15_000;

export interface LiveSourcesOptions {
  readonly pipeline: Pick<Pipeline, "addSource" | "removeSource">;
  readonly memoryOf: (source: string) => SourceMemory & Disposable;
  readonly supervise: (source: SourceEntry, config: Config, memory: SourceMemory) => Supervisor;
}

/** The sources that run now. Each can be ended and others begun while the rest go on. Dispose of it after the pipeline. */
export class LiveSources implements Disposable {
  readonly #options: LiveSourcesOptions;
  readonly #memories = new Map<string, Disposable>();

  constructor(options: LiveSourcesOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#memories.keys()];
  }

  start(source: SourceEntry, config: Config): void {
    const { pipeline, memoryOf, supervise } = this.#options;
    const memory = memoryOf(source.config.name);
    this.#memories.set(source.config.name, memory);
    pipeline.addSource(supervise(source, config, memory));
  }

  /** Ends these together; each once what it took is safe or given back. */
  async stop(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#stop(name)));
  }

  [Symbol.dispose](): void {
    for (const memory of this.#memories.values()) memory[Symbol.dispose]();
    this.#memories.clear();
  }

  async #stop(name: string): Promise<void> {
    await this.#options.pipeline.removeSource(name, SETTLE_MS);
    this.#memories.get(name)?.[Symbol.dispose]();
    this.#memories.delete(name);
  }
}
