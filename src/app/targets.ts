import { messageNamed } from "../bronze/mod.ts";
import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import type { Report, ReportSink } from "../core/event.ts";
import type { Lane } from "../core/lane.ts";
import type { Logger } from "../core/logger.ts";
import type { Row } from "../core/reading.ts";
import type { Sink } from "../core/sink.ts";
import { CopyLane, LocalDatabase } from "../sinks/local/mod.ts";
import type { ProxySettings } from "../sinks/zerobus/proxy.ts";
import { loadZerobus } from "../sinks/zerobus/spec.ts";

/** Bytes on their way into the local database: it is as fast as the disk, and waiting in memory helps nobody. */
const LOCAL_IN_FLIGHT_BYTES = 1024 * 1024;

/** The way to a lane's table. */
export interface Target {
  readonly sink: Sink;
  readonly maxInFlightBytes: number;
}

export interface TargetDeps {
  readonly home: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly extraRoots: string | undefined;
  readonly proxy: ProxySettings | undefined;
  readonly report: Report;
  readonly reportSink: ReportSink;
}

/**
 * Where rows go. With Zerobus enabled it alone acknowledges, and the local database is a copy that may lag or lose;
 * without it the local database acknowledges.
 */
export class Targets implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #open: (lane: Lane) => Target;
  readonly #ways = new Map<string, Sink>();
  readonly #copies = new Map<string, CopyLane>();
  readonly #copyTo: ((lane: Lane) => CopyLane) | undefined;

  private constructor(open: (lane: Lane) => Target, copyTo: ((lane: Lane) => CopyLane) | undefined) {
    this.#open = open;
    this.#copyTo = copyTo;
  }

  /** Opens the local database where it is enabled; makes no connection. @throws {ConfigError} */
  static async open(config: Config, deps: TargetDeps): Promise<Targets> {
    await using resources = new AsyncDisposableStack();
    const database = config.local_sink.enabled ? resources.use(new LocalDatabase(config.local_sink, deps)) : undefined;
    const toDatabase = (lane: Lane): Sink => {
      if (!database) throw new TypeError("no sink is enabled"); // the configuration was checked
      return database.sink(lane, messageNamed(lane.message));
    };
    const toZerobus = config.zerobus.enabled ? await zerobusTargets(config, deps, resources) : undefined;
    const copyTo = toZerobus && database
      ? (lane: Lane) => new CopyLane(lane.id, toDatabase(lane), { clock: deps.clock, report: deps.report })
      : undefined;
    const open = toZerobus ?? ((lane) => ({ sink: toDatabase(lane), maxInFlightBytes: LOCAL_IN_FLIGHT_BYTES }));
    const targets = new Targets(open, copyTo);
    targets.#resources.use(resources.move());
    return targets;
  }

  /** The way to this lane's table, and where there is one, its copy. Call it once per lane. */
  add(lane: Lane): Target {
    const target = this.#open(lane);
    this.#ways.set(lane.id, target.sink);
    if (this.#copyTo) this.#copies.set(lane.id, this.#copyTo(lane));
    return target;
  }

  /** Closes the way to this lane's table, which nobody uses any more. */
  async remove(lane: string): Promise<void> {
    const [way, copy] = [this.#ways.get(lane), this.#copies.get(lane)];
    this.#ways.delete(lane);
    this.#copies.delete(lane);
    await way?.[Symbol.asyncDispose]();
    await copy?.[Symbol.asyncDispose]();
  }

  /** Offers accepted rows to the lane's copy; undefined where there are no copies. */
  get tap(): ((lane: string, rows: readonly Row[]) => void) | undefined {
    if (!this.#copyTo) return undefined;
    return (lane, rows) => this.#copies.get(lane)?.offer(rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#ways.keys()].map((lane) => this.remove(lane)));
    await this.#resources.disposeAsync();
  }
}

async function zerobusTargets(
  config: Config,
  { report: _report, reportSink: report, ...deps }: TargetDeps,
  resources: AsyncDisposableStack,
): Promise<(lane: Lane) => Target> {
  const { ZerobusWorkspace } = await loadZerobus();
  const streams = config.zerobus.connection.streams_per_table ?? config.performance.workers.writer_threads;
  const connection = { ...config.zerobus.connection, streams_per_table: streams };
  const workspace = resources.use(new ZerobusWorkspace({ ...config.zerobus, connection }, { ...deps, report }));
  const maxInFlightBytes = connection.max_inflight_mb * 1024 * 1024 * streams;
  return (lane) => ({ sink: workspace.sink(lane, messageNamed(lane.message)), maxInFlightBytes });
}
