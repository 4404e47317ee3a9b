import type { Config, LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError } from "../core/error.ts";
import { lanesOf } from "./lanes.ts";
import { runSteps } from "./run_steps.ts";
import type { Progress } from "./step.ts";
import { ZerobusSteps, type ZerobusStepsOptions } from "./zerobus_steps.ts";

/** Tests at a time: each opens connections, and streams to every table. */
const MAX_TESTS = 2;

export interface ZerobusDoctorOptions {
  readonly clock: Clock;
  readonly version: string;
  /** @throws {ConfigError} when the bundle of authorities cannot be read */
  network(config: Config): Promise<Pick<ZerobusStepsOptions, "extraRoots" | "proxy">>;
}

/** Tests the way to Databricks beside a connector that may run. */
export class ZerobusDoctor {
  readonly #options: ZerobusDoctorOptions;
  #running = 0;

  constructor(options: ZerobusDoctorOptions) {
    this.#options = options;
  }

  /**
   * What its steps find, as they find it; whoever leaves the loop ends them.
   * @throws {ConfigError} when Zerobus is not enabled in it, or others test already
   */
  async begin(loaded: LoadedConfig, signal: AbortSignal): Promise<AsyncGenerator<Progress>> {
    const { config } = loaded;
    if (!config.zerobus.enabled) {
      throw new ConfigError("zerobus_disabled", "There is nothing to test: zerobus is not enabled");
    }
    if (this.#running >= MAX_TESTS) {
      throw new ConfigError("too_many_looks", `${MAX_TESTS} tests run already: try again in some seconds`);
    }
    // Before the first wait: of many that come at once no more may pass.
    const turn = this.#takeTurn();
    signal.addEventListener("abort", () => turn[Symbol.dispose](), { once: true });
    try {
      const steps = await this.#stepsFor(loaded);
      return endedWith(turn, this.#run(steps, signal));
    } catch (error) {
      turn[Symbol.dispose]();
      throw error;
    }
  }

  async #stepsFor(loaded: LoadedConfig): Promise<ZerobusSteps> {
    const { network, ...rest } = this.#options;
    const { config } = loaded;
    return new ZerobusSteps({ ...rest, ...await network(config), settings: config.zerobus, lanes: lanesOf(loaded) });
  }

  #takeTurn(): Disposable {
    this.#running++;
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (!isOver) this.#running--;
        isOver = true;
      },
    };
  }

  async *#run(steps: ZerobusSteps, signal: AbortSignal): AsyncGenerator<Progress> {
    using _steps = steps;
    yield* runSteps(steps.steps, { clock: this.#options.clock, signal });
  }
}

/** Ends the turn with the steps, and with steps that nobody ever reads: a generator that was not begun runs no `finally`. */
function endedWith(turn: Disposable, steps: AsyncGenerator<Progress>): AsyncGenerator<Progress> {
  const settled = async (step: Promise<IteratorResult<Progress>>) => {
    const result = await step.catch((error) => {
      turn[Symbol.dispose]();
      throw error;
    });
    if (result.done) turn[Symbol.dispose]();
    return result;
  };
  const wrapped: AsyncGenerator<Progress> = {
    next: () => settled(steps.next()),
    return: (value) => settled(steps.return(value)),
    throw: (error) => settled(steps.throw(error)),
    [Symbol.asyncIterator]: () => wrapped,
    [Symbol.asyncDispose]: async () => void await wrapped.return(undefined),
  };
  return wrapped;
}
