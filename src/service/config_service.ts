import {
  composeState,
  configSchema,
  effectiveYaml,
  findingLine,
  hiddenIn,
  type Import,
  importOf,
  loadConfig,
  type LoadedConfig,
  type LoadOptions,
  mergeConfig,
  needsSealing,
  type Origins,
  type Prepared,
  prepareState,
  refuseKeptSecrets,
  refuseYamlSecretsLed,
  sealState,
  secretBox,
  shownConfig,
  type StatePatch,
  stateText,
  unfitSources,
  withoutKept,
} from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import type { Logger } from "../core/logger.ts";
import type { ConfigEngine, Trial } from "./config_engine.ts";
import { refuseDepth, refuseLockout, refuseReadOnly } from "./config_guards.ts";
import { compared } from "./config_comparison.ts";
import { type Change, ConfigHistory, type KeptChange } from "./config_history.ts";
import { type Confirmation, ReachProof } from "./config_reach.ts";
import { type Effects, LIVE_KEYS } from "./effects.ts";
import { OneAtATime } from "./one_at_a_time.ts";

const TRIAL_MS = 30_000;

export interface ConfigServiceOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** `--config`; undefined: config/connector.yaml. */
  readonly configFile?: string | undefined;
  env(name: string): string | undefined;
  /** @throws when the file cannot be read */
  readTextFile(path: string): Promise<string>;
  /** Not there: secrets that stand in a store cannot be had. */
  readonly storeOf?: LoadOptions["storeOf"];
  readonly clock: Clock;
  readonly engine: ConfigEngine;
  /** That of the connector that runs now. */
  readonly log: () => Logger;
  /** How long what is new may take to start before a change is taken back; half a minute unless told. */
  readonly trialMs?: number;
  /** How long an administrator has to be answered after a change of the way to the pages; a minute unless told. */
  readonly proofMs?: number;
}

/** The configuration that holds now. */
export interface CurrentConfig {
  /** For `ETag` and `If-Match`: another one after every change. */
  readonly version: string;
  /** With every default; secrets are `***`. */
  readonly config: Record<string, unknown>;
  /** By path; a value that is not named is the schema's default. */
  readonly origins: Origins;
  /** Paths of values of the YAML in whose place a change stands. */
  readonly hidden: readonly string[];
  /** The YAML's name. */
  readonly file: string;
  /** Changes are refused (`gui.read_only`). */
  readonly isReadOnly: boolean;
  /** Keys that take effect without a new start of the connector. */
  readonly live: readonly string[];
}

/** What a change would do. */
export interface Plan {
  /** What it is a plan for: a change with this as `ifMatch` does the same, or is refused. */
  readonly version: string;
  /** Lines of YAML with - and + before them, without secrets; empty where nothing would change. */
  readonly diff: string;
  readonly warnings: readonly string[];
  readonly effects: Effects;
}

export interface Author {
  readonly author: string;
}

export interface ChangeOptions extends Author {
  /** The version that the change was made for; where another one holds by then it is refused. */
  readonly ifMatch?: string | undefined;
  /** Keep the change although what is new does not start: its device may be away for now. */
  readonly evenIfDown?: boolean | undefined;
}

/** A change that is under way, or done. */
export interface Applied {
  /** In the history; undefined where nothing changed. */
  readonly id: string | undefined;
  /**
   * applied: it holds. restarting: the connector starts anew with it, which ends the listeners too; whether it then holds
   * tell `settled` and the history.
   */
  readonly state: "applied" | "restarting";
  /** @throws {ConfigError} when the change was taken back */
  readonly settled: Promise<void>;
  readonly diff: string;
  readonly effects: Effects;
  /** What differs, by path, and the SHA-256 of the difference with nothing left out. */
  readonly paths: string;
  readonly sha256: string;
  /** Not there where nobody has to confirm it. */
  readonly confirmation?: Confirmation | undefined;
}

/** Another configuration, and how it comes to be. */
interface Wanted {
  readonly kind: KeptChange["kind"];
  readonly next: LoadedConfig;
  readonly trial: Trial;
  readonly author: string;
}

/** Shows the configuration, and changes it while the connector runs. One change at a time; others wait. */
export class ConfigService {
  readonly #options: ConfigServiceOptions;
  readonly #history: ConfigHistory;
  readonly #turn = new OneAtATime();
  readonly #proof: ReachProof;

  constructor(options: ConfigServiceOptions) {
    this.#options = options;
    this.#proof = new ReachProof(options.clock, options.proofMs);
    this.#history = new ConfigHistory(options);
  }

  /** What runs now. */
  get loaded(): LoadedConfig {
    return this.#options.engine.loaded;
  }

  current(): CurrentConfig {
    const { config, file, made: { tag, origins, document, state } } = this.loaded;
    const shown = { config: shownConfig(config), origins, hidden: hiddenIn(document, state), file };
    return { version: tag, ...shown, isReadOnly: config.gui.read_only, live: LIVE_KEYS };
  }

  /** What `apply` would do; changes nothing. @throws {ConfigFileError} with everything that is wrong */
  async plan(change: StatePatch): Promise<Plan> {
    return this.#planOf(await this.#with(change, { isKept: false }));
  }

  #planOf(next: LoadedConfig): Plan {
    const before = this.loaded;
    refuseLockout(before, next);
    const warnings = [
      ...this.#proof.warnings(before, next),
      ...next.warnings.map((finding) => findingLine(next.file, finding)),
    ];
    const { diff, effects } = compared(before, next);
    return { version: before.made.tag, diff, effects, warnings };
  }

  /**
   * Changes the configuration: a merge patch in which null gives back what the YAML says, sources go by name, and `***`
   * leaves a secret as it is.
   * @throws {ConfigFileError} with everything that is wrong
   * @throws {ConfigError} `config_read_only`, `config_changed` (another version than `ifMatch`), `change_busy`, `change_unfit`,
   * `state_not_saved`, or `change_not_applied` when what is new does not start; nothing has changed then
   */
  apply(change: StatePatch, options: ChangeOptions): Promise<Applied> {
    return this.#change("change", options, () => this.#with(change, { isKept: true }));
  }

  /**
   * The configuration as it would be with a change that nobody keeps: to look at a device with settings that are not saved.
   * A secret that it does not name goes where it went before, or the change is refused.
   * @throws {ConfigFileError} with everything that is wrong
   */
  draft(change: StatePatch): Promise<LoadedConfig> {
    return this.#with(change, { isKept: false });
  }

  /** An administrator was answered: that confirms a change of the way to the pages that waits for it. */
  noteReached(): void {
    this.#proof.noteReached();
  }

  /** The connector ends: what waits to be confirmed is not kept. */
  end(): void {
    this.#proof.end();
  }

  /** The newest first. */
  history(): readonly Change[] {
    return this.#history.changes;
  }

  /** What `rollback` would do; changes nothing. @throws {ConfigFileError} where that configuration cannot be used any more */
  async rollbackPlan(id: string): Promise<Plan> {
    return this.#planOf(await this.#from(id, { isKept: false }));
  }

  /** The change that leads to what a YAML text says; changes nothing. @throws {ConfigFileError} when it cannot be understood */
  imported(yaml: string): Import {
    return importOf(yaml, this.loaded);
  }

  /** The configuration as it takes effect, as YAML with every default; secrets are `***`. */
  exported(): string {
    return effectiveYaml(this.loaded.config);
  }

  /** Goes back to the configuration from before a change: that one and all later ones are undone. @throws as `apply` */
  rollback(id: string, options: ChangeOptions): Promise<Applied> {
    return this.#change("rollback", options, () => this.#from(id, { isKept: true }));
  }

  /**
   * Takes in what was edited by hand, in the YAML or in the files that it names. A device that is away is waited for.
   * @throws {ConfigFileError} with everything that is wrong; the connector then runs on as it was
   */
  reload({ author }: Author): Promise<Applied> {
    const trial: Trial = { waitFor: "not_halted", withinMs: this.#trialMs };
    return this.#turn.run(async () => {
      const { home, configFile, env, readTextFile, storeOf } = this.#options;
      const file = configFile === undefined ? {} : { file: configFile };
      const next = await loadConfig({ home, env, readTextFile, ...(storeOf ? { storeOf } : {}), ...file });
      return await this.#goOver({ kind: "reload", next, trial, author });
    });
  }

  /** Enables a source. A device that is away is waited for. @throws as `apply` */
  startSource(name: string, options: ChangeOptions): Promise<Applied> {
    return this.#enable(name, true, options);
  }

  /** Disables a source, once what it took is safe. @throws as `apply` */
  stopSource(name: string, options: ChangeOptions): Promise<Applied> {
    return this.#enable(name, false, options);
  }

  async #enable(name: string, enabled: boolean, options: ChangeOptions): Promise<Applied> {
    if (!this.loaded.sources.some(({ config }) => config.name === name)) {
      throw new ConfigError("source_unknown", `There is no source ${name}`);
    }
    return await this.apply({ sources: [{ name, enabled }] }, { evenIfDown: true, ...options });
  }

  #change(
    kind: "change" | "rollback",
    { author, ifMatch, evenIfDown }: ChangeOptions,
    make: () => Promise<LoadedConfig>,
  ): Promise<Applied> {
    return this.#turn.run(async () => {
      refuseReadOnly(this.loaded, this.#options.home);
      this.#refuseOther(ifMatch);
      const trial: Trial = { waitFor: evenIfDown ? "nothing" : "connected", withinMs: this.#trialMs };
      const next = await make();
      refuseLockout(this.loaded, next);
      return await this.#goOver({ kind, next, trial, author });
    });
  }

  /** Saves and goes over. A new start goes on behind the answer, since it ends the listener that answers. */
  async #goOver(wanted: Wanted): Promise<Applied> {
    const before = this.loaded;
    const { diff, effects, ...rest } = compared(before, wanted.next);
    const isSame = wanted.next.made.tag === before.made.tag && diff === "";
    if (isSame) return { id: undefined, state: "applied", settled: Promise.resolve(), diff, effects, ...rest };
    const confirmation = wanted.kind === "reload" ? undefined : this.#proof.neededFor(before, wanted.next);
    const id = crypto.randomUUID();
    // Before anything is touched: a disk that does not take it is the commonest reason for not changing anything.
    const file = wanted.kind === "reload"
      ? undefined
      : prepareState(this.#options.home, stateText(wanted.next.made.state));
    const settled = this.#tryOut(wanted, file, confirmation).then(
      () => this.#note({ id, wanted, before, diff }),
      (error) => {
        this.#note({ id, wanted, before, diff, failure: reasonOf(error) });
        throw error;
      },
    );
    if (effects.connector.length === 0) {
      await settled;
      return { id, state: "applied", settled, diff, effects, ...rest };
    }
    settled.catch(() => {/* who asks for it is told, and so is the history */});
    this.#turn.run(() => settled).catch(() => {/* the same: it only keeps others waiting */});
    return { id, state: "restarting", settled, diff, effects, ...rest, confirmation };
  }

  /** The new state is on the disk by now, and takes the old one's place once all works. */
  async #tryOut({ next, trial }: Wanted, file: Prepared | undefined, needed: Confirmation | undefined): Promise<void> {
    const { engine } = this.#options;
    const before = engine.loaded;
    using _file = file;
    await engine.change(next, trial);
    try {
      if (needed) await this.#proof.await(needed);
      file?.commit();
    } catch (error) {
      if (!this.#proof.isOver) await engine.change(before, { waitFor: "nothing", withinMs: 0 });
      throw error;
    }
  }

  get #trialMs(): number {
    return this.#options.trialMs ?? TRIAL_MS;
  }

  #note({ id, wanted: { author, kind, next }, before, diff, failure = null }: Outcome): void {
    const time = new Date(this.#options.clock.nowUs() / 1000).toISOString();
    this.#history.add({ id, time, author, kind, diff, failure, before: { ...before.made.state } });
    const fields = { code: failure === null ? "config_changed" : "change_not_applied", author, change: id };
    if (failure !== null) this.#log("warn", `The configuration stays as it was: ${failure}`, fields);
    else this.#log("info", `The configuration was changed by ${author}`, { ...fields, version: next.made.tag });
  }

  #log(...line: Parameters<Logger["log"]>): void {
    this.#options.log().log(...line);
  }

  /** The configuration with a change. A key for secrets is made only where one is to be kept. */
  async #with(change: StatePatch, { isKept }: { readonly isKept: boolean }): Promise<LoadedConfig> {
    refuseDepth(change);
    const unfit = unfitSources(change);
    if (unfit !== undefined) throw new ConfigError("change_unfit", `The change is not taken: ${unfit}`);
    const { document, state } = this.loaded.made;
    const subject = { schema: configSchema, document: mergeConfig(document, state).value };
    const composed = composeState(state, withoutKept(change, subject), document);
    // All of it: a version before may have kept in the clear what is a secret by now.
    const over = { schema: configSchema, document };
    const box = isKept && needsSealing(composed, over) ? await secretBox(this.#options) : undefined;
    const after = await this.#load({ state: sealState(composed, over, box), isKept });
    await refuseKeptSecrets(change, { before: this.loaded, after, yamlAlone: this.#yamlAlone });
    return after;
  }

  /** The configuration from before a change. */
  async #from(id: string, { isKept }: { readonly isKept: boolean }): Promise<LoadedConfig> {
    const after = await this.#load({ state: this.#history.find(id).before, isKept });
    await refuseYamlSecretsLed({ before: this.loaded, after, yamlAlone: this.#yamlAlone });
    return after;
  }

  /** Undefined where it leans on the state. */
  readonly #yamlAlone = () => this.#load({ state: {}, isKept: false }).catch(() => undefined);

  /** With the YAML that runs, not with one that somebody is editing. */
  #load({ state, isKept }: { readonly state: StatePatch; readonly isKept: boolean }): Promise<LoadedConfig> {
    const { home, configFile, env, readTextFile, storeOf } = this.#options;
    const file = configFile === undefined ? {} : { file: configFile };
    return loadConfig({
      home,
      env,
      readTextFile,
      ...(storeOf ? { storeOf: isKept ? storeOf : askedOnce(storeOf) } : {}),
      ...file,
      yaml: this.loaded.made.yaml,
      state,
    });
  }

  #refuseOther(ifMatch: string | undefined): void {
    if (ifMatch === undefined || ifMatch === this.loaded.made.tag) return;
    const message =
      "Somebody else has changed the configuration meanwhile: look at it as it is now, and change it again";
    throw new ConfigError("config_changed", message);
  }
}

/** A name that is mistyped in what is only looked at is not asked for ever after. */
function askedOnce(storeOf: NonNullable<LoadOptions["storeOf"]>): typeof storeOf {
  return async (config) => {
    const store = await storeOf(config);
    const ask = (names: readonly string[]) => store.ask(names);
    return { ask, follow: ask };
  };
}

interface Outcome {
  readonly id: string;
  readonly wanted: Wanted;
  readonly before: LoadedConfig;
  readonly diff: string;
  readonly failure?: string | null;
}
