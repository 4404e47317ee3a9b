import type {
  FoundLetter,
  LaneLevel,
  MissingRange,
  Progress,
  SpoolKey,
  SpoolTools,
} from "../../src/buffer/spool/mod.ts";
import { Ledger, type LedgerSnapshot } from "../../src/buffer/ledger.ts";
import type { Verified } from "../../src/buffer/spool/mod.ts";
import { ConfigError } from "../../src/core/error.ts";

/** What somebody did with it. */
export interface Done {
  readonly what: "purge" | "replay" | "export" | "import" | "rotateKey";
  readonly with: readonly unknown[];
}

/** A spool that says what a test gave it, and notes what it is told to do. */
export class FakeSpoolTools implements SpoolTools {
  readonly done: Done[] = [];
  held: readonly LaneLevel[] = [];
  found: readonly FoundLetter[] = [];
  checked: readonly Verified[] = [];
  ranges: readonly MissingRange[] = [];
  /** What export and import tell, one after the other. */
  steps: readonly Progress[] = [];
  /** Why a letter cannot be sent again. */
  readonly refused = new Map<number, string>();
  /** Is waited for before each step, of verify too. */
  pace: (signal?: AbortSignal) => Promise<void> = () => Promise.resolve();
  readonly counted = new Ledger(1_700_000_000_000_000);

  ledger(): LedgerSnapshot {
    return this.counted.snapshot(new Map());
  }

  lanes(): readonly LaneLevel[] {
    return this.held;
  }

  async *verify(): AsyncIterable<Verified> {
    for (const each of this.checked) {
      await this.pace();
      yield each;
    }
  }

  async *letters(): AsyncIterable<FoundLetter> {
    yield* await Promise.resolve(this.found);
  }

  letter(id: number): Promise<FoundLetter | undefined> {
    return Promise.resolve(this.found.find((each) => each.id === id));
  }

  letterIds(): Promise<readonly number[]> {
    return Promise.resolve(this.found.map(({ id }) => id));
  }

  async *missing(): AsyncIterable<MissingRange> {
    yield* await Promise.resolve(this.ranges);
  }

  keys(): readonly SpoolKey[] {
    return [{ id: "0a1b2c3d", isCurrent: true }];
  }

  purge(ids: Iterable<number>): Promise<number> {
    const wanted = [...ids];
    this.done.push({ what: "purge", with: wanted });
    return Promise.resolve(wanted.length);
  }

  replay(id: number): Promise<number> {
    const reason = this.refused.get(id);
    if (reason !== undefined) return Promise.reject(new ConfigError("refused", reason));
    this.done.push({ what: "replay", with: [id] });
    return Promise.resolve(1);
  }

  async *export(...with_: Parameters<SpoolTools["export"]>): AsyncIterable<Progress> {
    yield* this.#carry("export", with_);
  }

  async *import(...with_: Parameters<SpoolTools["import"]>): AsyncIterable<Progress> {
    yield* this.#carry("import", with_);
  }

  rotateKey(): Promise<string> {
    this.done.push({ what: "rotateKey", with: [] });
    return Promise.resolve("0a1b2c3d");
  }

  async *#carry(what: "export" | "import", [path, sealing, signal]: Parameters<SpoolTools["export"]>) {
    for (const step of this.steps) {
      await this.pace(signal);
      signal.throwIfAborted();
      yield step;
    }
    this.done.push({ what, with: [path, sealing] });
  }
}
