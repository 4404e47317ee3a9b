import { homeWarnings } from "../app/home_owners.ts";
import type { App } from "../app.ts";
import { Engine } from "../app/engine.ts";
import { watchdogOf } from "../app/watchdog_of.ts";
import type { LedgerTerms } from "../buffer/ledger.ts";
import { ConfigFileError, type LoadedConfig } from "../config/mod.ts";
import { denoFault } from "../lib/version.ts";
import { runningWorkplace } from "../service/workplace.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import type { Request } from "./channel/protocol.ts";
import { Channel } from "./channel/server.ts";
import { answerRequest } from "./desk_command.ts";
import { DESK_COMMANDS } from "./desk_commands.ts";
import { loadOrExplain, textReader } from "./load.ts";
import { printable } from "./printable.ts";
import { Restarts } from "./restarts.ts";
import { secretStores } from "./secret_stores.ts";
import type { SecretStores } from "../secrets/mod.ts";
import type { Told } from "./told.ts";

type Place = Parameters<typeof runningWorkplace>[0];

/** `run`: the connector, until SIGTERM or SIGINT; a second one ends it at once. */
export const run: Command = {
  name: "run",
  usage: "",
  summary: "run the connector until SIGTERM or SIGINT (the default)",
  async run(call, terminal) {
    const fault = denoFault(Deno.version.deno);
    if (fault) {
      terminal.err(`${fault}\n`);
      return EXIT.failed;
    }
    const log: { app?: () => App | undefined } = {};
    using stores = secretStores(call, terminal, (level, message, code) => {
      const app = log.app?.();
      if (app) app.log.log(level, message, { code });
      else terminal.err(`${level}: ${printable(message)}\n`);
    });
    const loaded = await loadOrExplain(call, terminal, stores.storeOf);
    if (!loaded) return EXIT.badConfig;
    stores.watch();
    await runUntilStopped(call, loaded, { terminal, stores, began: (app) => log.app = app });
    return EXIT.ok;
  },
};

interface Running {
  readonly terminal: Terminal;
  readonly stores: SecretStores;
  /** Told how to find what runs. */
  readonly began: (app: () => App | undefined) => void;
}

/** Runs the connector until it is to stop. What it has on disk may turn out damaged, which a new start mends. */
async function runUntilStopped(
  { home, configFile }: Call,
  loaded: LoadedConfig,
  { terminal, stores, began }: Running,
): Promise<void> {
  const { clock, random, stopping, env } = terminal;
  let running = (): App | undefined => undefined; // until the engine is there
  const warn = (message: string) =>
    running() ? running()?.log.log("warn", message, { code: "notify_failed" }) : terminal.err(`${message}\n`);
  using watchdog = watchdogOf({ home, clock, env, warn, app: () => running() });
  const restarts = new Restarts(clock);
  const write = (line: string) => terminal.out(`${line}\n`);
  const beside = (app: App, loaded: () => LoadedConfig) => {
    const place = {
      home,
      get loaded() {
        return loaded(); // sources change while the connector runs
      },
    };
    return besides(app, place, terminal);
  };
  const readTextFile = textReader(home);
  await using engine = await Engine.start({
    loaded,
    home,
    configFile,
    clock,
    random,
    write,
    env,
    readTextFile,
    storeOf: stores.storeOf,
    beside,
  });
  running = () => engine.running;
  began(running);
  using _reloads = terminal.onReload?.(() => void reload(engine));
  while (await Promise.race([aborted(stopping), engine.over]) === "damaged") {
    if (!await restarts.wait(engine.app.log, stopping)) break;
    await engine.restart();
  }
  await watchdog?.stopping();
  const app = await engine.lastRun();
  if (app) await stop(app, terminal);
}

/** SIGHUP: what is wrong with what was edited goes to the log, and the connector runs on as it was. */
async function reload({ service, app }: Engine): Promise<void> {
  try {
    const { id, settled } = await service.reload({ author: "SIGHUP" });
    await settled;
    if (id === undefined) {
      app.log.log("info", "The configuration was read again: nothing has changed", { code: "reload" });
    }
  } catch (error) {
    if (!(error instanceof ConfigFileError)) return; // the service has told of it
    app.log.log("error", `The configuration was not loaded, the one before holds: ${error.message}`, {
      code: error.code,
    });
  }
}

/** What there is with every start of the connector. */
function besides(app: App, place: Place, terminal: Terminal): AsyncDisposable {
  const resources = new AsyncDisposableStack();
  resources.use(reportBugs(app));
  resources.use(takeCommands(app, place, terminal));
  for (const warning of warningsOf(place.home, place.loaded)) {
    app.log.log("warn", warning, { code: "home_not_private" });
  }
  return resources;
}

function warningsOf(home: string, { config, file }: LoadedConfig): string[] {
  const { path: spool, encryption_key_path: key } = config.backpressure.disk_spool;
  return homeWarnings({ home, file, spool, key, uid: Deno.uid() });
}

/** Lets commands that look after the spool work beside the connector, as long as it is there. */
function takeCommands({ log, tools }: App, place: Place, { clock, random }: Terminal): AsyncDisposable {
  if (!tools) return new AsyncDisposableStack(); // commands open what an earlier start may have kept on disk themselves
  const workplace = runningWorkplace(place, tools);
  const onDone = (words: string, told: Told) =>
    log.log("info", `Somebody gave the command ${words}`, { command: words, ...told });
  const run = (request: Request, terminal: Terminal) =>
    answerRequest(request, { commands: DESK_COMMANDS, terminal, workplace, onDone });
  return Channel.open({ home: place.home, clock, random, log, run });
}

async function stop(app: App, { killed }: Terminal): Promise<void> {
  app.log.log("info", "The connector stops: it takes no more readings and sends what is queued");
  const isDrained = await Promise.race([app.stop(), aborted(killed).then(() => false)]);
  const { total, balanced } = app.ledger();
  const outcome = isDrained ? delivered(total) : undelivered(total);
  app.log.log(isDrained ? "info" : "warn", `The connector has stopped: ${outcome}`, { ...termsOf(total), balanced });
}

function undelivered({ queued, spooled }: LedgerTerms): string {
  if (queued === 0) return `${spooled} rows wait in the spool and are sent after the next start`;
  return `${queued + spooled} rows were not delivered`;
}

function delivered(total: LedgerTerms): string {
  const dropped = Object.values(total.dropped).reduce((sum, rows) => sum + rows, 0);
  const others: readonly (readonly [number, string])[] = [
    [total.dead_lettered, "dead letters"],
    [total.purged, "purged dead letters"],
    [dropped, "dropped readings"],
    [total.filtered, "filtered readings"],
    [total.quarantined, "quarantined rows"],
    [total.exported, "exported rows"],
    [total.lost_at_crash, "rows at most that a kill took"],
  ];
  const told = others.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return told.length === 0 ? "everything it took is delivered" : `all is delivered but for ${told.join(", ")}`;
}

/** The ledger as fields of a log line. */
function termsOf({ dropped, ...terms }: LedgerTerms): Record<string, number> {
  return { ...terms, dropped: Object.values(dropped).reduce((sum, rows) => sum + rows, 0) };
}

/** An error that nobody caught is a bug; the sources that do not have it go on. */
function reportBugs({ log }: App): Disposable {
  const onRejection = (event: PromiseRejectionEvent) => tell(event, event.reason);
  const onError = (event: ErrorEvent) => tell(event, event.error);
  const tell = (event: Event, reason: unknown) => {
    event.preventDefault();
    const stack = reason instanceof Error ? reason.stack : String(reason);
    log.log("error", "There is a bug in the connector: please report this line", { code: "bug", stack });
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    [Symbol.dispose]: () => {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
