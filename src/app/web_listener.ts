/** What the web listener is made of: health for everybody, API and pages for who may. */
import { SpoolBuffer } from "../buffer/spool/mod.ts";
import type { Config, LoadedConfig } from "../config/mod.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { linkFree } from "../core/home_file.ts";
import { ZerobusDoctor } from "../doctor/mod.ts";
import { VERSION } from "../lib/version.ts";
import { type KeyedCertificate, ownCertificate } from "../security/mod.ts";
import { Access } from "../service/access.ts";
import { BrowseVisits } from "../service/browse_visits.ts";
import { certificateServices } from "../service/certificate_services.ts";
import { SourceLooks } from "../service/source_looks.ts";
import { runningWorkplace } from "../service/workplace.ts";
import {
  healthApp,
  type HealthReportView,
  isLoopback,
  listen,
  ownHostOnly,
  webApp,
  type WebAppOptions,
} from "../web/mod.ts";
import { auditSize } from "./audit_size.ts";
import { watchListenerCertificate } from "./listener_certificate.ts";
import type { ListenerDeps } from "./listener_deps.ts";
import { proxyOf, readExtraRoots } from "./network.ts";
import { pagesFor } from "./pages.ts";
import { spoolOutlook } from "./spool_outlook.ts";

/** @throws {ConfigError} when the port cannot be had, or TLS cannot be */
export async function openWebListener(loaded: LoadedConfig, deps: ListenerDeps): Promise<AsyncDisposable> {
  const { gui } = loaded.config;
  const { clock, log, home } = deps.sourceDeps;
  const names = [Deno.hostname(), ...gui.allowed_hosts];
  const readTls = () => tlsFiles(gui, { home, names, nowMs: clock.nowUs() / 1000 });
  const tls = gui.tls.enabled ? await readTls() : undefined;
  const access = deps.access ?? new Access({ home, clock });
  access.sessionHours = gui.session_hours;
  await using opening = new AsyncDisposableStack();
  const visits = opening.use(new BrowseVisits(deps.sourceDeps));
  const fetch = webApp(webOptions(loaded, { access, visits }, deps));
  const listener = listen(ownHostOnly(fetch, names), { bind: gui.bind, port: gui.port, setting: "gui", clock, tls });
  try {
    tellSetupCode(access, `${tls ? "https" : "http"}://${shown(gui.bind)}:${gui.port}/`, deps);
  } catch (error) {
    log.log("error", `Nobody can log in: ${reasonOf(error)}`, { code: "access_file_unreadable" });
  }
  if (!tls && !isLoopback(gui.bind)) warnOfPlain(gui, deps);
  // Ends after the listener: it may be waiting for that.
  if (tls) opening.use(watchListenerCertificate({ shown: tls, read: readTls, listener, clock, log }));
  opening.use(listener);
  return opening.move();
}

interface Kept {
  readonly access: Access;
  readonly visits: BrowseVisits;
}

function webOptions(loaded: LoadedConfig, { access, visits }: Kept, deps: ListenerDeps): WebAppOptions {
  const { config, config: { gui } } = loaded;
  const { telemetry: { log, metrics, board }, buffer, sourceDeps: { clock, home } } = deps;
  const now = () => deps.changes?.loaded ?? loaded;
  const view = { ...healthView(config, deps, now), auditBytes: auditSize(access.audit, clock) };
  const { fetch: health } = healthApp(view, log);
  const pages = pagesFor(view.instanceId);
  return {
    ...(pages ? { pages } : {}),
    access,
    cookieName: `iot_session_${gui.port}`,
    trustedProxies: gui.trusted_proxies,
    allowsPlain: gui.plain_http,
    clock,
    log,
    version: VERSION,
    home,
    health: (request) => health(request),
    status: { health: view, families: () => metrics.families() },
    logs: logsView(deps),
    alerts: deps.alerts,
    tracer: deps.tracer,
    history: deps.history,
    sources: {
      loaded: now,
      statuses: () => board.sources,
      recent: (name) => deps.recent.get(name),
      looks: new SourceLooks({ loaded: now, deps: deps.sourceDeps }),
      visits,
    },
    doctor: new ZerobusDoctor({
      clock,
      version: VERSION,
      network: async (config) => ({ extraRoots: await readExtraRoots(config, home), proxy: proxyOf(config) }),
    }),
    ...certificateServices({ home, clock, loaded: now, tryNow: deps.tryNow }),
    changes: deps.changes,
    workplace: () =>
      buffer instanceof SpoolBuffer ? runningWorkplace({ home, loaded: now() }, buffer.tools) : undefined,
  };
}

function logsView({ telemetry: { log, logs } }: ListenerDeps): WebAppOptions["logs"] {
  return {
    lines: () => logs.lines(),
    follow: (listener) => logs.follow(listener),
    get level() {
      return log.level;
    },
    set level(level) {
      log.level = level;
    },
  };
}

function healthView(
  { deployment, zerobus }: Config,
  deps: ListenerDeps,
  now: () => LoadedConfig,
): Omit<HealthReportView, "auditBytes"> {
  const { telemetry: { board }, buffer, sourceDeps: { clock } } = deps;
  const startedMs = clock.monotonicMs();
  return {
    version: VERSION,
    instanceId: deployment.instance_id ?? Deno.hostname(),
    nowUs: () => clock.nowUs(),
    uptimeMs: () => clock.monotonicMs() - startedMs,
    sources: () => board.sources,
    lanes: () => board.lanes,
    queue: () => buffer.level(),
    spool: () => spoolOutlook(deps, now().config),
    isClockDoubtful: () => board.clockDoubt !== undefined,
    isLedgerBalanced: () => buffer.ledger().balanced,
    ledger: () => buffer.ledger(),
    isZerobusEnabled: () => zerobus.enabled,
    protocolOf: (source) => now().sources.find(({ config }) => config.name === source)?.spec.type ?? "none",
    recordsDropped: () => Object.values(buffer.ledger().total.dropped).reduce((sum, rows) => sum + rows, 0),
  };
}

interface TlsPlace {
  readonly home: string;
  readonly names: readonly string[];
  readonly nowMs: number;
}

/** @throws {ConfigError} when a file cannot be read */
async function tlsFiles({ bind, tls }: Config["gui"], { home, names, nowMs }: TlsPlace): Promise<KeyedCertificate> {
  const { certificate_path: certificate, private_key_path: key } = tls;
  if (certificate === null && key === null) {
    const address = ["0.0.0.0", "::"].includes(bind) ? [] : [bind];
    return await ownCertificate({ home, hosts: [...new Set([...names, "localhost", "127.0.0.1", ...address])], nowMs });
  }
  if (certificate === null || key === null) {
    const message = "gui.tls needs certificate_path and private_key_path, both or neither";
    throw new ConfigError("tls_files_unusable", message, { path: "gui.tls" });
  }
  return { certificate: readPem(home, certificate), privateKey: readPem(home, key) };
}

function readPem(home: string, file: string): string {
  const path = file.startsWith("/") ? file : `${home}/${file}`;
  try {
    return Deno.readTextFileSync(linkFree(home, path));
  } catch (error) {
    const message = `Cannot read ${file} for TLS of the web listener: ${reasonOf(error)}`;
    throw new ConfigError("tls_files_unusable", message, { cause: error, path: "gui.tls" });
  }
}

/** Whoever reads the log made the installation. */
function tellSetupCode(access: Access, address: string, { telemetry: { log } }: ListenerDeps): void {
  const code = access.setupCode();
  if (code === undefined) return;
  log.log("warn", `setup code: ${code} makes the first administrator at ${address}`, { code: "setup_code" });
}

function warnOfPlain({ bind, plain_http: isOpen }: Config["gui"], { telemetry: { log } }: ListenerDeps): void {
  const message = isOpen
    ? `Passwords and sessions can be read on the way to gui.bind ${bind}: there is no TLS (gui.plain_http is true)`
    : `Pages and API answer other hosts over TLS only, and gui.bind ${bind} has none: set gui.tls.enabled to true. ` +
      "/health is answered";
  log.log("warn", message, { code: "gui_without_tls" });
}

function shown(bind: string): string {
  return bind.includes(":") ? `[${bind}]` : bind;
}
