/** The composition root: from a configuration to a running connector. */
import { MESSAGES } from "./bronze/mod.ts";
import { type BufferDeps, openBuffer } from "./app/buffer.ts";
import { watchClock } from "./app/clock_watch.ts";
import { HostClock } from "./app/host_clock.ts";
import { readLatestTime, writeLatestTime } from "./app/latest_time.ts";
import { batchLimits, breakerTimes, drainLimits, reconnectOptions, sinkBackoff } from "./app/options.ts";
import { hostMark } from "./app/host_mark.ts";
import { proxyOf, readExtraRoots } from "./app/network.ts";
import { type Target, Targets } from "./app/targets.ts";
import type { Buffer } from "./buffer/buffer.ts";
import { difference, type LedgerSnapshot } from "./buffer/ledger.ts";
import { SpoolBuffer, type SpoolTools } from "./buffer/spool/mod.ts";
import type { Config, LoadedConfig, SourceEntry } from "./config/mod.ts";
import type { Clock } from "./core/clock.ts";
import { type Lane, laneNamed, laneTo } from "./core/lane.ts";
import type { Logger } from "./core/logger.ts";
import type { SourceConfig, SourceDeps } from "./core/source.ts";
import type { SourceMemory } from "./core/source_memory.ts";
import { Backoff } from "./lib/backoff.ts";
import { RELEASED_US, VERSION } from "./lib/version.ts";
import {
  beginBoot,
  Breaker,
  Forwarder,
  type InstallationIdentity,
  Pipeline,
  type Place,
  Supervisor,
} from "./pipeline/mod.ts";
import { paceOf } from "./service/pace.ts";
import { rowFaultOf } from "./service/row_fault.ts";
import { type TargetProtocol, targetTable } from "./sinks/zerobus/spec.ts";
import { openListeners } from "./app/listeners.ts";
import { SourceMemoryFile } from "./app/source_memory.ts";
import { openTelemetry, type Telemetry } from "./app/telemetry.ts";

const ELSEWHERE =
  "This home directory was last used on another host. If a connector still works with it there, both pass for one " +
  "installation: delete identity.json in the home of the one that is new, and start it again";
const LEDGER_WATCH_MS = 60_000;
/** Starts within one second count the epoch up, so that it is ahead by as many seconds. */
const MAX_STARTS_AHEAD_SECONDS = 60;

export interface AppOptions {
  readonly loaded: LoadedConfig;
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Takes log lines, without their line feed. */
  readonly write: (line: string) => void;
}

/** A running connector. */
export interface App extends AsyncDisposable {
  readonly log: Logger;
  readonly ledger: () => LedgerSnapshot;
  /** Undefined where nothing is kept on disk. */
  readonly tools: SpoolTools | undefined;
  /** Resolves when what is on disk turns out damaged: dispose of the app then, and start it anew, which mends it. */
  readonly damaged: Promise<unknown>;
  /** Takes no more, sends what is queued within the limits of the configuration. Resolves with whether all was sent. */
  stop(): Promise<boolean>;
}

/** What the parts are made from. */
interface Parts {
  readonly options: AppOptions;
  readonly identity: InstallationIdentity;
  readonly telemetry: Telemetry;
  readonly buffer: Buffer;
  readonly deps: Omit<SourceDeps, "report">;
  readonly memoryOf: (source: string) => SourceMemory;
}

/** Starts everything. @throws {ConfigError} when a part cannot work; then nothing is left running */
export async function startApp(options: AppOptions): Promise<App> {
  const { loaded, home, random, write } = options;
  const { config } = loaded;
  await using resources = new AsyncDisposableStack();
  const identity = beginBoot(home, options.clock, hostMark());
  const clock = judgedClock(options, identity);
  const telemetry = resources.use(openTelemetry(loaded, { clock, write }));
  const { log, report, reportSink } = telemetry;
  const extraRoots = await readExtraRoots(config, home);
  const outgoing = { home, version: VERSION, clock, log, extraRoots, proxy: proxyOf(config), report, reportSink };
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
  const deps = { clock, random, log, home, edgeId: identity.edgeId, extraRoots };
  const memoryOf = (source: string) => resources.use(new SourceMemoryFile(source, { home, clock, log }));
  const parts = { options, identity, telemetry, buffer, deps, memoryOf };
  const enabled = loaded.sources.filter((source) => source.isEnabled);
  // Rows of an earlier start go to their tables although no source writes there any more.
  const all = [...enabled.map((source) => laneOf(source, config)), ...buffer.lanes().map(laneNamed)];
  const lanes = new Map(all.filter((lane) => isKnown(lane, log)).map((lane) => [lane.id, lane]));
  const pipeline = resources.use(
    new Pipeline({
      supervisors: enabled.map((source) => supervise(source, parts)),
      forwarders: [...lanes.values()].map((lane) => forward(lane, targets.add(lane), parts)),
      buffer,
      clock,
    }),
  );
  onLane = (id) => {
    const lane = laneNamed(id);
    if (lanes.has(id) || !isKnown(lane, log)) return;
    lanes.set(id, lane);
    pipeline.add(forward(lane, targets.add(lane), parts));
  };
  telemetry.metrics.watch(buffer, () => telemetry.board.sources);
  telemetry.board.expect({ sources: enabled.map((source) => source.config.name), lanes: [...lanes.keys()] });
  resources.use(await openListeners(loaded, { telemetry, buffer, sourceDeps: deps }));
  log.log("info", "The connector starts", {
    version: VERSION,
    edge_id: identity.edgeId,
    boot_epoch: identity.bootEpoch,
  });
  if (identity.isElsewhere) log.log("warn", ELSEWHERE, { code: "home_from_elsewhere", edge_id: identity.edgeId });
  resources.use(watchLedger(buffer, { clock, report }));
  resources.use(watchClock({ clock, report, keep: (nowUs) => writeLatestTime(home, nowUs, log) }));
  pipeline.start();
  const kept = resources.move();
  return {
    log,
    damaged,
    ledger: () => buffer.ledger(),
    tools: buffer instanceof SpoolBuffer ? buffer.tools : undefined,
    stop: () => pipeline.stop(drainLimits(config)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The host's clock, with what is known of where it should be at least. */
function judgedClock({ clock, home }: AppOptions, { bootEpoch }: InstallationIdentity): HostClock {
  const startedUs = (bootEpoch - MAX_STARTS_AHEAD_SECONDS) * 1_000_000;
  return new HostClock({ clock, releasedUs: RELEASED_US, knownUs: Math.max(startedUs, readLatestTime(home)) });
}

/** Rows of a message that this version does not know stay where they are: a newer version has put them there. */
function isKnown({ id, message }: Lane, log: Logger): boolean {
  if (MESSAGES.some(({ name }) => name === message)) return true;
  log.log("warn", `Rows to ${id} wait in the spool: only a newer version of the connector can send them`, { lane: id });
  return false;
}

/** Looks every minute whether all that was received can be accounted for: if not, there is a bug. */
function watchLedger(buffer: Buffer, { clock, report }: Pick<BufferDeps, "clock" | "report">): Disposable {
  return clock.every(LEDGER_WATCH_MS, () => {
    const { total, balanced } = buffer.ledger();
    if (!balanced) report({ kind: "ledger_unbalanced", difference: difference(total) });
  });
}

function laneOf({ spec, table }: SourceEntry, { zerobus }: Config): Lane {
  return laneTo(targetTable(zerobus.target, spec.type as TargetProtocol, table), spec.message); // a table per spec: the schema says so
}

/** The source at one of its endpoints, which its rows may name. */
function placeOf(source: SourceEntry, config: SourceConfig, whole: Config): Place {
  const { spec } = source;
  const encode = spec.encoder(config);
  return {
    config,
    route: { source: config.name, lane: laneOf(source, whole), encode, fault: rowFaultOf(spec, whole) },
  };
}

function supervise(source: SourceEntry, { options, telemetry, buffer, deps, memoryOf }: Parts): Supervisor {
  const { spec, config, alternates, rateLimit } = source;
  const whole = options.loaded.config;
  const pace = paceOf(rateLimit, deps.clock);
  const own = { log: deps.log.with({ source: config.name }), memory: memoryOf(config.name), ...(pace ? { pace } : {}) };
  return new Supervisor({
    spec,
    ...placeOf(source, config, whole),
    alternates: alternates.map((alternate) => placeOf(source, alternate, whole)),
    maxReadingsPerSecond: rateLimit.readings_per_second ?? undefined,
    buffer,
    reconnect: reconnectOptions(whole),
    deps: { ...deps, ...own },
    report: telemetry.report,
  });
}

function forward(
  { id }: Lane,
  { sink, maxInFlightBytes }: Target,
  { options, telemetry, buffer, deps: { clock } }: Parts,
): Forwarder {
  const { random, loaded: { config } } = options;
  const { report } = telemetry;
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
  });
}
