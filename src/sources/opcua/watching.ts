import type { DataChangeNotification } from "node-opcua-client";
import type { PollSkipCause, SourceDeps } from "../../core/source.ts";
import { DataTypes } from "./data_types.ts";
import { Deadbands } from "./deadbands.ts";
import type { DataChange } from "./decode.ts";
import type { Feed } from "./feed.ts";
import { MonitoredItems } from "./monitored_items.ts";
import { decodedBy } from "./notification.ts";
import { LearnedLimits } from "./operation_limits.ts";
import { Poller } from "./poller.ts";
import { Publisher } from "./publisher.ts";
import { readValues } from "./read_response.ts";
import type { ServerMemory } from "./server_memory.ts";
import { type Services, servicesOf } from "./services.ts";
import type { RawSession } from "./session.ts";
import type { OpcuaSettings } from "./settings.ts";
import { type Agreed, createSubscription, hasNoSubscriptions } from "./subscription.ts";
import { WatchedNodes, type Watcher } from "./watched_nodes.ts";

/** The nodes of one session, and where their values come from. */
export interface Watching {
  readonly feed: Feed;
  readonly nodes: WatchedNodes;
  readonly deadbands: Deadbands;
  /**
   * Finds the configured nodes and watches them; their values come once `feed` is asked. It takes as long as the pace of
   * requests makes it. @throws what the library throws
   */
  begin(): Promise<void>;
  /** On which other terms than asked the server watches nodes; undefined where it does as asked. */
  readonly terms: string | undefined;
}

export interface WatchOptions {
  readonly settings: OpcuaSettings;
  readonly deps: SourceDeps;
  readonly memory: ServerMemory;
  onData(change: DataChange): void;
  onLost(why: string): void;
  /** No value comes by this handle any more. */
  onForgotten(handle: number): void;
  /** The end of the session. */
  readonly signal: AbortSignal;
}

/** What is made first, and used by all of it. */
interface Parts {
  readonly session: RawSession;
  readonly services: Services;
  readonly limits: LearnedLimits;
  readonly deadbands: Deadbands;
  readonly types: DataTypes;
}

/** Makes ready to watch nodes, without a request that has to wait for its turn. @throws what the library throws */
export async function openWatching(session: RawSession, options: WatchOptions): Promise<Watching> {
  const { settings, deps, memory, onForgotten, signal } = options;
  const services = servicesOf(session, deps.pace, signal);
  const limits = new LearnedLimits();
  const deadbands = new Deadbands({ services, limits, log: deps.log });
  const types = new DataTypes({ services, limits });
  const { feed, watcher, items } = await chooseFeed({ session, services, limits, deadbands, types }, options);
  const nodes = new WatchedNodes({
    services,
    limits,
    watcher,
    types,
    namespaces: memory.namespaces,
    log: deps.log,
    report: (event) => deps.report(event),
    forget(handle) {
      deadbands.forget(handle);
      onForgotten(handle);
    },
  });
  return {
    feed,
    nodes,
    deadbands,
    async begin() {
      await limits.learn(services);
      await nodes.add(settings.nodes);
    },
    get terms() {
      return items?.revisions.sentence;
    },
  };
}

interface Chosen {
  readonly feed: Feed;
  readonly watcher: Watcher;
  readonly items: MonitoredItems | undefined;
}

/** What `mode` says; a server without subscriptions is polled. */
async function chooseFeed(parts: Parts, options: WatchOptions): Promise<Chosen> {
  if (options.settings.mode === "poll") return poll(parts, options);
  try {
    return subscribe(parts, await createSubscription(parts.session, options.settings), options);
  } catch (error) {
    if (!hasNoSubscriptions(error)) throw error;
    const { poll_interval_seconds: seconds } = options.settings;
    options.deps.log.log("warn", `The server has no subscriptions: its nodes are read every ${seconds} s instead`);
    return poll(parts, options);
  }
}

function subscribe(parts: Parts, agreed: Agreed, { settings, deps, onData, onLost }: WatchOptions): Chosen {
  const items = new MonitoredItems({
    ...parts,
    subscriptionId: agreed.subscriptionId,
    settings: settings.subscription,
  });
  const feed = new Publisher(parts.session, agreed, {
    clock: deps.clock,
    onData: (notification: DataChangeNotification) => onData(decodedBy(notification, parts.types)),
    onMissed: (count) => deps.report({ kind: "device_side", what: "overflow", count }),
    onLost,
  });
  return { feed, watcher: items, items };
}

function poll({ session, limits, deadbands, types }: Parts, { settings, deps, onData, onLost }: WatchOptions): Chosen {
  const poller = new Poller({
    clock: deps.clock,
    pace: deps.pace,
    intervalMs: settings.poll_interval_seconds * 1000,
    limits,
    answerMs: settings.transaction_timeout_seconds * 1000,
    deadbands,
    read: (nodes) => readValues(session, nodes, types),
    onData,
    onSkipped: (count: number, cause: PollSkipCause) =>
      deps.report({ kind: "device_side", what: "poll_skipped", count, cause }),
    onLost,
  });
  return { feed: poller, watcher: poller, items: undefined };
}
