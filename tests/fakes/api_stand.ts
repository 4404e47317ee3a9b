/** The API on a listener of its own, with what it shows pretended, and a browser's way to talk to it. */
import { scryptSync } from "node:crypto";
import { fakeAlerts } from "./alerts.ts";
import { FakeClock } from "./clock.ts";
import { loadText } from "./config_file.ts";
import { FakeLogger } from "./logger.ts";
import { FakeSpoolTools } from "./spool_tools.ts";
import { tempHome } from "./temp_home.ts";
import type { Clock } from "../../src/core/clock.ts";
import { infoOf, replaceFile } from "../../src/core/home_file.ts";
import { ZerobusDoctor } from "../../src/doctor/mod.ts";
import { Secret } from "../../src/lib/secret.ts";
import { RecentReadings } from "../../src/pipeline/mod.ts";
import { Access, type Caller, type Role } from "../../src/service/access.ts";
import { BrowseVisits } from "../../src/service/browse_visits.ts";
import { certificateServices } from "../../src/service/certificate_services.ts";
import { SourceLooks } from "../../src/service/source_looks.ts";
import { runningWorkplace } from "../../src/service/workplace.ts";
import { History, historyFile, JsonLog, LogRing } from "../../src/telemetry/mod.ts";
import {
  healthApp,
  type HealthReportView,
  LOCAL_PEER,
  ownHostOnly,
  webApp,
  type WebAppOptions,
} from "../../src/web/mod.ts";
import type { Fetch } from "../../src/web/mod.ts";

export const PASSWORD = "a long pass phrase";
const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:1
    modbus: { registers: [{ name: r1, address: 1, data_type: uint16 }] }
`;

export interface ApiStandOptions extends
  Partial<
    Pick<WebAppOptions, "trustedProxies" | "allowsPlain" | "workplace" | "changes" | "doctor" | "pages" | "tracer">
  > {
  readonly clock?: Clock;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into what the API says
  readonly body: any;
}

/** Someone who is logged in by cookie, or has a token. */
export type Client = (method: string, path: string, options?: AskOptions) => Promise<Answer>;

export interface AskOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly isEncrypted?: boolean;
}

export interface ApiStand extends AsyncDisposable {
  readonly home: string;
  readonly access: Access;
  readonly tools: FakeSpoolTools;
  readonly log: FakeLogger;
  readonly logs: JsonLog;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Of every source. */
  readonly recent: RecentReadings;
  /** Nobody that is known. */
  readonly anybody: Client;
  /** A new user of this role, with a session. */
  login(role: Role): Promise<Client & { readonly cookie: string; readonly csrf: string; readonly self: Caller }>;
}

export async function apiStand(options: ApiStandOptions = {}): Promise<ApiStand> {
  const home = await tempHome();
  const clock = options.clock ?? new FakeClock();
  const log = new FakeLogger();
  const ring = new LogRing();
  const logs = JsonLog.open({ clock, write: () => {}, level: "info", format: "json", keep: ring.add });
  const access = new Access({ home: home.path, clock });
  const tools = new FakeSpoolTools();
  const loaded = await loadText(YAML);
  const view = healthView(clock);
  const { fetch: health } = healthApp(view, log);
  const recent = new RecentReadings(clock);
  const { random } = Math;
  const deps = { clock, random, log, home: home.path, edgeId: "edge", extraRoots: undefined };
  const fetch = ownHostOnly(
    webApp({
      access,
      cookieName: "iot_session_8080",
      trustedProxies: [],
      allowsPlain: false,
      clock,
      log,
      version: "1.2.3",
      home: home.path,
      health: (request) => health(request),
      status: { health: view, families: () => Promise.resolve(FAMILIES) },
      logs: {
        lines: () => ring.lines(),
        follow: (listener) => ring.follow(listener),
        get level() {
          return logs.level;
        },
        set level(level) {
          logs.level = level;
        },
      },
      alerts: fakeAlerts(clock),
      history: new History(historyFile(home.path, log), clock.nowUs()),
      workplace: () => runningWorkplace({ home: home.path, loaded }, tools),
      sources: {
        loaded: () => loaded,
        statuses: () => view.sources(),
        recent: () => ({ entry: loaded.sources[0]!, readings: recent }),
        looks: new SourceLooks({ loaded: () => loaded, deps }),
        visits: new BrowseVisits(deps),
      },
      doctor: new ZerobusDoctor({
        clock,
        version: "1.2.3",
        network: () => Promise.resolve({ extraRoots: undefined, proxy: undefined }),
      }),
      ...certificateServices({ home: home.path, clock, loaded: () => loaded, tryNow: () => {} }),
      changes: undefined,
      ...options,
    }),
    ["press-hall"],
  );
  const stand = { home: home.path, access, tools, log, logs, clock, fetch, recent, anybody: clientOf(fetch, {}) };
  let users = 0;
  const login = async (role: Role) => {
    const name = `${role}${++users}`;
    addQuickly(home.path, name, role);
    const { cookie, session } = await access.logIn({ name, password: new Secret(PASSWORD) }, "127.0.0.1");
    const headers = { cookie: `iot_session_8080=${cookie}`, "x-csrf": session.csrf };
    const self: Caller = { who: name, role, user: name, from: "127.0.0.1", session };
    return Object.assign(clientOf(fetch, headers), { cookie, csrf: session.csrf, self });
  };
  return { ...stand, login, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

/** A user whose password is checked in no time: the work factor stands beside the hash. */
function addQuickly(home: string, name: string, role: Role): void {
  const path = `${home}/certs/users.json`;
  Deno.mkdirSync(`${home}/certs`, { recursive: true });
  const users = infoOf(path) ? JSON.parse(Deno.readTextFileSync(path)).users : [];
  const hash = scryptSync(PASSWORD, "salt", 32, { N: 16, r: 8, p: 1 }).toString("base64");
  const password = { n: 16, r: 8, p: 1, salt: btoa("salt"), hash };
  users.push({ name, role, password, created: 1_700_000_000_000_000, stamp: name });
  replaceFile(home, path, JSON.stringify({ version: 1, users }));
}

/** Asks as a program would, with these headers on every request. */
export function clientOf(fetch: Fetch, own: Readonly<Record<string, string>>): Client {
  return async (method, path, { body, headers = {}, from = "127.0.0.1", isEncrypted = false } = {}) => {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const content: Record<string, string> = body === undefined || isRaw ? {} : { "content-type": "application/json" };
    const request = new Request(`http://localhost:8080${path}`, {
      method,
      headers: { host: "localhost:8080", ...own, ...content, ...headers },
      ...(body === undefined ? {} : { body: isRaw ? body as BodyInit : JSON.stringify(body) }),
    });
    const response = await fetch(request, { ...LOCAL_PEER, address: from, isEncrypted });
    const text = await response.text();
    const isJson = text !== "" && /[/+]json$/.test(response.headers.get("content-type")?.split(";")[0] ?? "");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
}

const FAMILIES = [{
  name: "connector_up",
  help: "Whether.",
  type: "gauge",
  values: [{ name: "connector_up", labels: { a: "b" }, value: NaN }],
}];

function healthView(clock: Clock): HealthReportView {
  const terms = { received: 3, written: 3, queued: 0, spooled: 0, dead_lettered: 0, filtered: 0, dropped: { full: 0 } };
  const rest = { quarantined: 0, exported: 0, purged: 0, lost_at_crash: 0 };
  return {
    version: "1.2.3",
    instanceId: "press",
    nowUs: () => clock.nowUs(),
    uptimeMs: () => 5000,
    sources: () =>
      new Map([["meters", {
        state: "connected",
        since: clock.nowUs(),
        wasTried: true,
        endpoint: undefined,
        recordsRead: 7,
        lastReadingUs: clock.nowUs(),
        quietSinceMs: clock.monotonicMs(),
        failingTags: 0,
        nextAttemptUs: clock.nowUs(),
        lastError: { code: "source_unreachable", message: "no", since: clock.nowUs() },
      }]]),
    lanes: () =>
      new Map([["main.plant.t#X", {
        breaker: "closed",
        breakerSince: clock.nowUs(),
        nextAttemptUs: clock.nowUs(),
        isConnected: true,
        lastError: undefined,
      }]]),
    spool: () => ({ rows: 4, bytes: 400, maxBytes: 4000, trend: { kind: "filling", fullInSeconds: 90 } }),
    queue: () => ({ unsent: 0, maxUnsent: 10, isFull: false, queued: 0, spooledBytes: 0 }),
    isLedgerBalanced: () => true,
    isClockDoubtful: () => false,
    auditBytes: () => 0,
    isZerobusEnabled: () => true,
    protocolOf: () => "modbus",
    recordsDropped: () => 0,
    ledger: () => ({ total: { ...terms, ...rest }, sources: {}, balanced: true, since: clock.nowUs() }),
  };
}
