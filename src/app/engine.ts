import { type App, type AppOptions, startApp } from "../app.ts";
import type { LoadedConfig, LoadOptions } from "../config/mod.ts";
import { reasonOf } from "../core/error.ts";
import { Access } from "../service/access.ts";
import type { ConfigEngine, Trial } from "../service/config_engine.ts";
import { ConfigService } from "../service/config_service.ts";
import { effectsOf } from "../service/effects.ts";
import { OneAtATime } from "../service/one_at_a_time.ts";
import { notApplied } from "./live.ts";
import { laneOf } from "./source_parts.ts";
import { type Expected, upNow } from "./trial.ts";

export interface EngineOptions extends Omit<AppOptions, "changes" | "access"> {
  /** `--config`; undefined: config/connector.yaml. */
  readonly configFile?: string | undefined;
  env(name: string): string | undefined;
  readTextFile(path: string): Promise<string>;
  /** Not there: secrets that stand in a store cannot be had. */
  readonly storeOf?: LoadOptions["storeOf"];
  /** Opened for each start of the connector, and closed before it ends. */
  readonly beside?: (app: App, loaded: () => LoadedConfig) => AsyncDisposable;
  /** How long what is new may take to start before a change is taken back. */
  readonly trialMs?: number;
  /** How long an administrator has to be answered after a change of the way to the pages. */
  readonly proofMs?: number;
}

/** One run of the connector between two starts inside the process. */
interface Run {
  readonly app: App;
  readonly resources: AsyncDisposable;
}

/** A connector whose configuration changes while it runs. */
export class Engine implements ConfigEngine, AsyncDisposable {
  readonly #options: EngineOptions;
  readonly service: ConfigService;
  /** Nobody is logged out by a start inside the process. */
  readonly #access: Access;
  #loaded: LoadedConfig;
  #run: Run | undefined;
  #damaged = Promise.withResolvers<"damaged">();
  readonly #broken = Promise.withResolvers<never>();
  readonly #turn = new OneAtATime();
  #isEnding = false;

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#broken.promise.catch(() => {/* whoever waits for `over` is told */});
    const { home, configFile, env, readTextFile, clock, trialMs, proofMs } = options;
    this.#access = new Access({ home, clock });
    const log = () => this.app.log;
    const stores = options.storeOf ? { storeOf: options.storeOf } : {};
    const more = { ...(trialMs === undefined ? {} : { trialMs }), ...(proofMs === undefined ? {} : { proofMs }) };
    this.service = new ConfigService({
      home,
      configFile,
      env,
      readTextFile,
      clock,
      engine: this,
      log,
      ...stores,
      ...more,
    });
  }

  /** @throws {ConfigError} when a part cannot work; then nothing is left running */
  static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    await engine.#begin(options.loaded);
    return engine;
  }

  get loaded(): LoadedConfig {
    return this.#loaded;
  }

  /** That which runs now. */
  get app(): App {
    if (!this.#run) throw new Error("the connector is between two starts");
    return this.#run.app;
  }

  /** The same; undefined between two starts. */
  get running(): App | undefined {
    return this.#run?.app;
  }

  /** Resolves when what is on disk turns out damaged: `restart` mends it. @throws when no connector runs any more */
  get over(): Promise<"damaged"> {
    return Promise.race([this.#damaged.promise, this.#broken.promise]);
  }

  /** Starts anew with the same configuration. @throws {ConfigError} when a part cannot work */
  restart(): Promise<void> {
    return this.#turn.run(async () => {
      await this.#end();
      this.#damaged = Promise.withResolvers<"damaged">();
      await this.#begin(this.#loaded);
    });
  }

  change(next: LoadedConfig, trial: Trial): Promise<void> {
    return this.#turn.run(async () => {
      if (effectsOf(this.#loaded, next).connector.length > 0) return await this.#startWith(next, trial);
      await this.app.change(next, trial);
      this.#loaded = next;
    });
  }

  /** From now on nothing is started any more. Resolves with what runs then, to be stopped; undefined where nothing does. */
  async lastRun(): Promise<App | undefined> {
    this.#isEnding = true;
    this.service.end();
    if (!this.#run) await this.#turn.run(() => Promise.resolve());
    return this.#run?.app;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.service.end();
    await this.#end();
    try {
      this.#access.flush({ isLast: true });
    } catch {
      // the disk takes nothing: how often something was read is not worth a failure to end
    }
  }

  /** Ends what runs and starts anew; when that fails, the old one is started again. */
  async #startWith(next: LoadedConfig, trial: Trial): Promise<void> {
    const before = this.#loaded;
    const wasUp = upNow(this.app.board);
    await this.app.pause();
    await this.#end();
    const why = await this.#begin(next).then(() => this.app.prove(expectedOf(next, wasUp, trial), trial), reasonOf);
    if (why === undefined) return;
    if (this.#isEnding) throw notApplied(why);
    await this.#end();
    await this.#goBack(before);
    throw notApplied(why);
  }

  /** It ran before; should it not start now, whoever started the process does that again. */
  async #goBack(before: LoadedConfig): Promise<void> {
    try {
      await this.#begin(before);
    } catch (error) {
      this.#broken.reject(error);
      throw error;
    }
  }

  async #begin(loaded: LoadedConfig): Promise<void> {
    if (this.#isEnding) throw notApplied("the connector stops");
    const { beside } = this.#options;
    await using resources = new AsyncDisposableStack();
    const app = resources.use(
      await startApp({ ...this.#options, loaded, changes: this.service, access: this.#access }),
    );
    this.#loaded = loaded;
    if (beside) resources.use(beside(app, () => this.#loaded));
    app.damaged.then(() => this.#run?.app === app && this.#damaged.resolve("damaged"));
    this.#run = { app, resources: resources.move() };
  }

  async #end(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    await run?.resources[Symbol.asyncDispose]();
  }
}

/** What was up before has to come up again, as far as it is still there; all tables, where any could be written. */
function expectedOf({ sources, config }: LoadedConfig, wasUp: Expected, { waitFor }: Trial): Expected {
  if (waitFor === "nothing") return { sources: [], lanes: [] };
  const enabled = sources.filter(({ isEnabled }) => isEnabled);
  const names = enabled.map((source) => source.config.name).filter((name) => wasUp.sources.includes(name));
  const lanes = wasUp.lanes.length > 0 ? enabled.map((source) => laneOf(source, config).id) : [];
  return { sources: names, lanes: [...new Set(lanes)] };
}
