/** The composition root: from a configuration to a running connector. */
import { openAlerts } from "./app/alerts.ts";
import { type BufferDeps, openBuffer } from "./app/buffer.ts";
import { certificateDays } from "./app/certificate_days.ts";
import { watchCertificates } from "./app/certificate_watch.ts";
import { watchClock } from "./app/clock_watch.ts";
import { openHistory } from "./app/history.ts";
import { hostMark } from "./app/host_mark.ts";
import { judgedClock } from "./app/judged_clock.ts";
import { writeLatestTime } from "./app/latest_time.ts";
import { openListeners } from "./app/listeners.ts";
import { Live, notApplied } from "./app/live.ts";
import { LiveLanes } from "./app/live_lanes.ts";
import { LiveSources } from "./app/live_sources.ts";
import { certificateRulesOf, proxyOf, readExtraRoots } from "./app/network.ts";
import { refuseNewerHome } from "./app/newer_home.ts";
import { batchLimits, breakerTimes, drainLimits, maxSpoolBytes, sinkBackoff } from "./app/options.ts";
import { SourceMemoryFile } from "./app/source_memory.ts";
import { supervise } from "./app/source_parts.ts";
import { type Target, Targets } from "./app/targets.ts";
import { openTelemetry } from "./app/telemetry.ts";
import { openTraces } from "./app/traces.ts";
import { type Board, type Expected, fault } from "./app/trial.ts";
import type { Buffer } from "./buffer/buffer.ts";
import { difference, type LedgerSnapshot } from "./buffer/ledger.ts";
import { SpoolBuffer, type SpoolTools } from "./buffer/spool/mod.ts";
import type { Config, LoadedConfig } from "./config/mod.ts";
import type { Clock } from "./core/clock.ts";
import type { Report } from "./core/event.ts";
import { type Lane, laneNamed } from "./core/lane.ts";
import type { Logger } from "./core/logger.ts";
import { Backoff } from "./lib/backoff.ts";
import { VERSION } from "./lib/version.ts";
import { within } from "./lib/within.ts";
import {
  BatchTraces,
  beginBoot,
  Breaker,
  type DrainLimits,
  Forwarder,
  Pipeline,
  RecentReadings,
} from "./pipeline/mod.ts";
import type { Trial } from "./service/config_engine.ts";
import type { Access } from "./service/access.ts";
import type { ConfigService } from "./service/config_service.ts";
import type { RecentSource } from "./service/recent_samples.ts";

const ELSEWHERE =
  "This home directory was last used on another host. If a connector still works with it there, both pass for one " +
  "installation: delete identity.json in the home of the one that is new, and start it again";
const LEDGER_WATCH_MS = 60_000;

export interface AppOptions {
  readonly loaded: LoadedConfig;
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Takes log lines, without their line feed. */
  readonly write: (line: string) => void;
  /** What pages and API change the configuration with. */
  readonly changes?: ConfigService | undefined;
  /** Users and logins, where they are to outlive this start. */
  readonly access?: Access | undefined;
}

/** A running connector. */
export interface App extends AsyncDisposable {
  readonly log: Logger;
  readonly ledger: () => LedgerSnapshot;
  /** Undefined where nothing is kept on disk. */
  readonly tools: SpoolTools | undefined;
  /** Resolves when what is on disk turns out damaged: dispose of the app then, and start it anew, which mends it. */
  readonly damaged: Promise<unknown>;
  /** Where everything stands. */
  readonly board: Board;
  /** How long the disk has not answered what is being written to the spool; 0 where nothing is. */
  unansweredMs(): number;
  /**
   * Goes over to other sources while the rest goes on.
   * @throws {ConfigError} when what is new does not start; then all is as it was
   */
  change(next: LoadedConfig, trial: Trial): Promise<void>;
  /** Waits until all this is up, as far as the trial asks for it. Resolves with why it is not; undefined when it is. */
  prove(expected: Expected, trial: Trial): Promise<string | undefined>;
  /** Makes it ready to be disposed of with nothing lost. @throws {ConfigError} when that cannot be now; then it goes on */
  pause(): Promise<void>;
  /** Takes no more, sends what is queued within the limits of the configuration. Resolves with whether all was sent. */
  stop(): Promise<boolean>;
}

/** Starts everything. @throws {ConfigError} when a part cannot work; then nothing is left running */
export async function startApp(options: AppOptions): Promise<App> {
  const { loaded, home, random, write } = options;
  const { config } = loaded;
  await using resources = new AsyncDisposableStack();
  refuseNewerHome(config, home);
  const identity = beginBoot(home, options.clock, hostMark());
  const clock = judgedClock(options, identity);
  const telemetry = resources.use(openTelemetry(loaded, { clock, home, write }));
  const { log, report, reportSink, board } = telemetry;
  const extraRoots = await readExtraRoots(config, home);
  const outgoing = { home, version: VERSION, clock, log, extraRoots, proxy: proxyOf(config), report, reportSink };
  const { tracer } = resources.use(openTraces(config, { telemetry, clock, random, extraRoots }));
  const traces = tracer && new BatchTraces(tracer, clock);
  const targets = resources.use(await Targets.open(config, outgoing));
  const { promise: damaged, resolve } = Promise.withResolvers<unknown>();
  let onLane = (_lane: string) => {}; // until there is a pipeline
  const place = {
    home,
    identity,
    clock,
    report,
    tap: targets.tap,
    damaged: resolve,
    onLane: (id: string) => onLane(id),
  };
  const buffer = resources.use(await openBuffer(config, place));
  const deps = {
    clock,
    random,
    log,
    home,
    edgeId: identity.edgeId,
    extraRoots,
    certificateRules: certificateRulesOf(config),
  };
  const pipeline = new Pipeline({ buffer, clock });
  const lanes = new LiveLanes({
    pipeline,
    targets,
    buffer,
    log,
    forward: (lane, target) => forward(lane, target, { config, random, buffer, clock, report, traces }),
  });
  const recent = new Map<string, RecentSource>();
  const sources = resources.use(
    new LiveSources({
      pipeline,
      memoryOf: (source) => new SourceMemoryFile(source, { home, clock, log }),
      supervise: (source, config, memory) => {
        const readings = new RecentReadings(clock);
        recent.set(source.config.name, { entry: source, readings });
        return supervise(source, { config, memory, buffer, deps, report, recent: readings, traces });
      },
    }),
  );
  resources.use(pipeline); // behind the sources: their memories are written once they have ended
  const live = new Live({ loaded, sources, lanes, telemetry, clock });
  onLane = (id) => lanes.add(laneNamed(id));
  telemetry.metrics.watch(buffer, board);
  if (buffer instanceof SpoolBuffer) telemetry.metrics.limitSpool(maxSpoolBytes(config));
  live.expect();
  const { history } = resources.use(openHistory({ home, clock, telemetry, buffer }));
  const alerts = resources.use(openAlerts(loaded, {
    ...deps,
    telemetry,
    buffer,
    maxSpoolBytes: buffer instanceof SpoolBuffer ? maxSpoolBytes(config) : undefined,
    certificateDays: () => certificateDays(home, clock, () => live.loaded),
  }));
  const { changes, access } = options;
  const tryNow = (names: readonly string[]) => pipeline.tryNow(names);
  const shown = { telemetry, buffer, sourceDeps: deps, recent, tryNow, history, alerts, tracer };
  resources.use(await openListeners(loaded, { ...shown, changes, access }));
  log.log("info", "The connector starts", {
    version: VERSION,
    edge_id: identity.edgeId,
    boot_epoch: identity.bootEpoch,
  });
  if (identity.isElsewhere) log.log("warn", ELSEWHERE, { code: "home_from_elsewhere", edge_id: identity.edgeId });
  resources.use(watchLedger(buffer, { clock, report }));
  resources.use(watchCertificates({ home, clock, telemetry, loaded: () => live.loaded }));
  resources.use(watchClock({ clock, report, keep: (nowUs) => writeLatestTime(home, nowUs, log) }));
  live.start();
  const kept = resources.move();
  const stopping = new AbortController();
  const limits = () => drainLimits(live.loaded.config);
  return {
    log,
    damaged,
    board,
    ledger: () => buffer.ledger(),
    tools: buffer instanceof SpoolBuffer ? buffer.tools : undefined,
    unansweredMs: () => buffer instanceof SpoolBuffer ? buffer.unansweredMs : 0,
    change: (next, trial) => live.change(next, trial, stopping.signal),
    prove: (expected, trial) => fault(expected, trial, { board, clock, signal: stopping.signal }),
    pause: () => pause(live, { buffer, clock, limits: limits() }),
    stop: () => {
      stopping.abort();
      return pipeline.stop(limits());
    },
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return kept.disposeAsync();
    },
  };
}

interface PauseDeps {
  readonly buffer: Buffer;
  readonly clock: Clock;
  readonly limits: DrainLimits;
}

/** Ends the sources. Rows that are in memory alone are sent first. @throws {ConfigError} when they cannot be: all goes on then */
async function pause(live: Live, { buffer, clock, limits }: PauseDeps): Promise<void> {
  const names = await live.stopSources();
  if (buffer instanceof SpoolBuffer) return buffer.sourcesEnd();
  const over = new AbortController();
  const isSent = await within(buffer.drained(over.signal), limits.idleMs, clock).finally(() => over.abort());
  if (isSent) return;
  live.resume(names);
  throw notApplied("rows wait in memory, which a new start would lose. Try again once they are sent");
}

/** Looks every minute whether all that was received can be accounted for: if not, there is a bug. */
function watchLedger(buffer: Buffer, { clock, report }: Pick<BufferDeps, "clock" | "report">): Disposable {
  return clock.every(LEDGER_WATCH_MS, () => {
    const { total, balanced } = buffer.ledger();
    if (!balanced) report({ kind: "ledger_unbalanced", difference: difference(total) });
  });
}

interface ForwardParts {
  readonly config: Config;
  readonly random: () => number;
  readonly buffer: Buffer;
  readonly clock: Clock;
  readonly report: Report;
  readonly traces: BatchTraces | undefined;
}

function forward({ id }: Lane, { sink, maxInFlightBytes }: Target, parts: ForwardParts): Forwarder {
  const { config, random, buffer, clock, report, traces } = parts;
  return new Forwarder({
    lane: id,
    sink,
    buffer,
    limits: batchLimits(config),
    maxInFlightBytes,
    breaker: new Breaker({
      ...breakerTimes(config),
      clock,
      changed: (state) => {
        report({ kind: "breaker", lane: id, state });
        if (state === "open") buffer.sinkAway?.(id);
      },
    }),
    backoff: new Backoff(sinkBackoff(config, random)),
    clock,
    report,
    traces,
  });
}
