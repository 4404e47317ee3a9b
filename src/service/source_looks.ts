/** Looks at the devices behind configured sources, beside the sessions that read them. */
import type { LoadedConfig, SourceEntry } from "../config/mod.ts";
import type { BrowseAlternative, BrowseEntry, BrowseNode, BrowseSample } from "../core/browse.ts";
import { ConfigError, EdgeError } from "../core/error.ts";
import type { SourceDeps, SourceEvent } from "../core/source.ts";
import { allChildren, openBrowse } from "./browse_source.ts";
import { depsFor } from "./deps_for.ts";
import { faultyField } from "./faulty_field.ts";
import { listsNothing } from "./lists_nothing.ts";
import { type Sample, sampleSource } from "./sample_source.ts";

/** Looks at a time: each is a session with a device. */
const MAX_LOOKS = 4;
const MAX_ROWS = 500;
const MAX_TAGS = 1000;

export interface SourceLooksOptions {
  readonly loaded: () => LoadedConfig;
  readonly deps: Omit<SourceDeps, "report">;
}

/** What a device said within some seconds. */
export interface Look {
  /** Where it was connected; null: nowhere. */
  readonly endpoint: string | null;
  /** It was only connected to: the source lists nothing to read yet. */
  readonly lists_nothing: boolean;
  readonly samples: readonly Sample[];
  readonly refused: readonly { readonly tag: string; readonly reason: string }[];
  /** Tags that give no value. */
  readonly no_value: readonly { readonly tag: string; readonly reason: string }[];
  /** Why it ended before its time; null: it did not. */
  readonly error: LookError | null;
}

export interface LookError {
  readonly code: string;
  readonly message: string;
  /** The setting to look at, relative to the source; null where it is none in particular. */
  readonly path: string | null;
}

export class SourceLooks {
  readonly #options: SourceLooksOptions;
  #running = 0;

  constructor(options: SourceLooksOptions) {
    this.#options = options;
  }

  /**
   * Connects, and reads for so long or until there are 500 rows. That the device cannot be reached is part of what is told.
   * @throws {ConfigError} when there is no such source, or others look at devices already
   */
  test(name: string, seconds: number, signal: AbortSignal): Promise<Look> {
    return this.testEntry(this.#entry(name), seconds, signal);
  }

  /** The same for a source that need not be saved. @throws {ConfigError} when others look at devices already */
  async testEntry(entry: SourceEntry, seconds: number, signal: AbortSignal): Promise<Look> {
    using _turn = this.turn();
    const enough = new AbortController();
    const samples: Sample[] = [];
    const refused: Look["refused"][number][] = [];
    const failing = new Map<string, string>();
    let endpoint: string | null = null;
    const found = () => ({
      endpoint,
      lists_nothing: listsNothing(entry.spec, entry.config),
      samples,
      refused,
      no_value: [...failing].map(([tag, reason]) => ({ tag, reason })),
    });
    try {
      const batches = sampleSource({
        spec: entry.spec,
        places: [entry.config, ...entry.alternates],
        deps: this.depsOf(entry, (event) => heard(failing, event)),
        signal: AbortSignal.any([signal, enough.signal, AbortSignal.timeout(seconds * 1000)]),
        connected: (where) => endpoint = where,
      });
      for await (const batch of batches) {
        samples.push(...batch.samples.slice(0, MAX_ROWS - samples.length));
        refused.push(...batch.refused.slice(0, MAX_ROWS - refused.length));
        for (const { tag, status } of batch.samples) {
          if (status === "" || status.startsWith("Good")) failing.delete(tag);
        }
        if (samples.length >= MAX_ROWS) enough.abort();
      }
      return { ...found(), error: null };
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error;
      return { ...found(), error: lookError(error, entry) };
    }
  }

  /** @throws {ConfigError} as above, and when the protocol cannot be browsed @throws {EdgeError} as `openBrowse` */
  async browse(name: string, wanted: BrowseWanted, signal: AbortSignal): Promise<BrowseFound> {
    const entry = this.#entry(name);
    using _turn = this.turn();
    const { under, most, listenSeconds } = wanted;
    const opened = await openBrowse({
      spec: entry.spec,
      places: [entry.config, ...entry.alternates],
      deps: this.depsOf(entry, () => {}),
      signal,
    });
    await using session = opened.session;
    const nodes: BrowseNode[] = [];
    let isCut = false;
    const { clock } = this.#options.deps;
    const limits = { under, most, listenMs: listenSeconds * 1000 };
    for await (const page of allChildren(session, limits, { clock, signal })) {
      nodes.push(...page.nodes);
      isCut = page.isCut;
    }
    return { nodes: nodes.map(shownNode), is_cut: isCut };
  }

  #entry(name: string): SourceEntry {
    const entry = this.#options.loaded().sources.find(({ config }) => config.name === name);
    if (!entry) throw new ConfigError("no_source", "There is no source of this name");
    return entry;
  }

  /** One more look at a device, until it is disposed of. @throws {ConfigError} `too_many_looks` */
  turn(): Disposable {
    if (this.#running >= MAX_LOOKS) {
      throw new ConfigError("too_many_looks", `${MAX_LOOKS} devices are looked at already: try again in some seconds`);
    }
    this.#running++;
    return { [Symbol.dispose]: () => void this.#running-- };
  }

  /** What a session beside the one that reads is made with. */
  depsOf(entry: SourceEntry, report: (event: SourceEvent) => void): SourceDeps {
    return depsFor(entry, { ...this.#options.deps, report });
  }
}

/** What a failure tells people. */
export function lookError(error: EdgeError, { spec, config }: SourceEntry): LookError {
  return { code: error.code, message: error.message, path: faultyField(error, { spec, config }) ?? null };
}

function heard(failing: Map<string, string>, event: SourceEvent): void {
  if (event.kind === "tag_recovered") failing.delete(event.tag);
  if (event.kind === "tag_failed" && failing.size < MAX_TAGS) failing.set(event.tag, event.reason);
}

export interface BrowseWanted {
  /** Undefined: where everything begins. */
  readonly under: string | undefined;
  readonly most: number;
  readonly listenSeconds: number;
}

export interface BrowseFound {
  readonly nodes: readonly ShownNode[];
  /** Whether there is more. */
  readonly is_cut: boolean;
}

interface ShownSample {
  readonly value: string;
  readonly status?: string;
  readonly time?: string;
}

interface ShownAlternative {
  readonly data_type: string;
  readonly sample?: ShownSample;
  readonly configure: BrowseEntry;
}

/** A `BrowseNode` as JSON shows it. */
export interface ShownNode {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** null: only looking tells. */
  readonly has_children: boolean | null;
  readonly data_type?: string;
  readonly sample?: ShownSample;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  readonly configure?: BrowseEntry;
  readonly alternatives?: readonly ShownAlternative[];
}

export function shownNode({ hasChildren, dataType, sample, alternatives, ...rest }: BrowseNode): ShownNode {
  return {
    ...rest,
    has_children: hasChildren ?? null,
    ...(dataType === undefined ? {} : { data_type: dataType }),
    ...(sample ? { sample: sampleOf(sample) } : {}),
    ...(alternatives ? { alternatives: alternatives.map(alternativeOf) } : {}),
  };
}

function alternativeOf({ dataType, sample, configure }: BrowseAlternative): ShownAlternative {
  return { data_type: dataType, ...(sample ? { sample: sampleOf(sample) } : {}), configure };
}

function sampleOf({ value, status, timeUs }: BrowseSample): ShownSample {
  const time = timeUs === undefined ? undefined : new Date(timeUs / 1000);
  return {
    value,
    ...(status === undefined ? {} : { status }),
    ...(time && !Number.isNaN(time.getTime()) ? { time: time.toISOString() } : {}),
  };
}
