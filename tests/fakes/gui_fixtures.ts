/** Answers of an API, such as the pages' tests and pictures need. */
import { connectionTest } from "./gui_zerobus.ts";
import type { CurrentConfig, Plan } from "../../src/web/client/config.ts";
import type { LetterItem } from "../../src/web/client/letters.ts";
import type { Ledger, LedgerTerms } from "../../src/web/client/ledger.ts";
import type { LogLine } from "../../src/web/client/log_lines.ts";
import type { BrowseNode, Look, SourceItem } from "../../src/web/client/sources.ts";
import type { SourceNow, Status } from "../../src/web/client/status.ts";

import { answerAdministration } from "./gui_administration.ts";
import { answerCertificates } from "./gui_certificates.ts";
import type { FakeGui } from "./gui_api.ts";
import { answerMonitoring } from "./gui_monitoring.ts";
import { answerSpool } from "./gui_spool.ts";

export const START_MS = Date.UTC(2026, 2, 1, 12, 0, 0);

export function iso(secondsLater = 0): string {
  return new Date(START_MS + secondsLater * 1000).toISOString();
}

export function sourceNow(change: Partial<SourceNow> = {}): SourceNow {
  return {
    state: "connected",
    since: iso(-7520),
    endpoint: "opc.tcp://192.168.1.100:4840",
    records_read: 120_000,
    failing_tags: 0,
    last_reading_at: iso(),
    ...change,
  };
}

const REFUSED = {
  code: "connection_refused",
  message: "Cannot connect to modbus+tcp://192.168.1.150:502: the device refuses; check its address and port",
  since: iso(-90),
};

export const SOURCES: Readonly<Record<string, SourceNow>> = {
  press_4: sourceNow(),
  oven_line: sourceNow({ endpoint: "mqtts://192.168.1.200:8883", records_read: 48_210, failing_tags: 2 }),
  energy_meters: sourceNow({
    state: "waiting",
    since: iso(-90),
    endpoint: "modbus+tcp://192.168.1.150:502",
    records_read: 9120,
    last_reading_at: iso(-95),
    next_attempt_at: iso(12),
    last_error: REFUSED,
  }),
};

/** A status `seconds` after the start, in which each connected source has read `rate` a second. */
export function statusAt(seconds: number, sources: Readonly<Record<string, SourceNow>> = SOURCES, rate = 240): Status {
  const moved = Object.entries(sources).map(([name, source]) => {
    if (source.state !== "connected") return [name, source];
    return [name, { ...source, records_read: source.records_read + seconds * rate, last_reading_at: iso(seconds) }];
  });
  const away = Object.entries(sources).filter(([, { state }]) => state !== "connected");
  return {
    status: away.length > 0 ? "degraded" : "ok",
    causes: away.map(([name, { state }]) => `source ${name} is ${state}`),
    timestamp: iso(seconds),
    version: "1.2.3",
    uptime_seconds: 7520 + seconds,
    instance_id: "press-hall",
    sources: Object.fromEntries(moved),
    sinks: {
      "iot_data.bronze.opcua_bronze#OpcuaBronze": {
        table: "iot_data.bronze.opcua_bronze",
        connected: true,
        breaker: "closed",
        breaker_since: iso(-7520),
      },
      "iot_data.bronze.modbus_bronze#ModbusBronze": {
        table: "iot_data.bronze.modbus_bronze",
        connected: false,
        breaker: "open",
        breaker_since: iso(-260),
        next_attempt_at: iso(40),
        last_error: {
          code: "table_missing",
          message: "The table does not exist; create it with docs/sql",
          since: iso(),
        },
      },
    },
    queue: { unsent: 412, max_unsent: 10_000, is_full: false, queued: 5_300 + seconds * 11, spooled_bytes: 18_400_000 },
    spool: {
      rows: 4900,
      bytes: 18_400_000,
      max_bytes: 1_048_576_000,
      full_in_seconds: 9_340,
      empty_in_seconds: null,
    },
    ledger: { balanced: true },
  };
}

function terms(received: number, spooled: number, dead: number): LedgerTerms {
  const none = { queued: 0, filtered: 0, dropped: {}, quarantined: 0, exported: 0, purged: 0, lost_at_crash: 0 };
  return { ...none, received, written: received - spooled - dead, spooled, dead_lettered: dead };
}

export function ledgerOf(received = 177_330): Ledger {
  return {
    total: terms(received, 5300, 2),
    sources: {
      press_4: terms(received - 57_330, 0, 0),
      oven_line: terms(48_210, 0, 2),
      energy_meters: terms(9120, 5300, 0),
    },
    balanced: true,
  };
}

export function letter(id: number): LetterItem {
  return {
    id,
    time: iso(-id * 60),
    source: "oven_line",
    table: "iot_data.bronze.mqtt_bronze",
    code: "mqtt_not_json",
    reason: "Payload of topic oven/3/temperature is not JSON",
  };
}

export const LETTERS = { total: 2, items: [letter(2), letter(1)], next: null };

export function sourceItem(name: string, change: Partial<SourceItem> = {}): SourceItem {
  return {
    name,
    protocol: "opcua",
    enabled: true,
    endpoint: "opc.tcp://192.168.1.100:4840",
    endpoints: [],
    state: "connected",
    since: iso(-7520),
    connected_endpoint: "opc.tcp://192.168.1.100:4840",
    records_read: 120_000,
    failing_tags: 0,
    last_reading: iso(),
    next_attempt: null,
    last_error: null,
    ...change,
  };
}

export const ITEMS: readonly SourceItem[] = [
  sourceItem("press_4"),
  sourceItem("oven_line", { protocol: "mqtt", endpoint: "mqtts://192.168.1.200:8883" }),
  sourceItem("energy_meters", {
    protocol: "modbus",
    endpoint: "modbus+tcp://192.168.1.150:502",
    state: "waiting",
    last_error: REFUSED,
  }),
  sourceItem("old_line", { protocol: "mqtt", enabled: false, state: "disabled", endpoint: "mqtt://192.168.1.9:1883" }),
];

export function logLine(n: number, change: Partial<LogLine> = {}): LogLine {
  return { n, time: iso(n), level: "info", message: `Line ${n} of the log`, source: "press_4", ...change };
}

const LOOK: Look = {
  lists_nothing: false,
  endpoint: "opc.tcp://192.168.1.100:4840",
  samples: [1, 2, 3].map((n) => ({
    tag: `ns=2;s=Line1.Temperature${n}`,
    time: iso(n),
    value: String(20.5 + n),
    unit: "degC",
    type: "Double",
    status: "Good",
  })),
  refused: [],
  no_value: [{ tag: "ns=2;s=Gone", reason: "BadNodeIdUnknown: the server has no such node" }],
  error: null,
};

export function browseNodes(count: number, under = "Area"): readonly BrowseNode[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `ns=2;s=${under}${index}`,
    name: `${under} ${index}`,
    kind: "object",
    has_children: true,
  }));
}

export const CONFIG: CurrentConfig = {
  config: {
    version: 1,
    zerobus: {
      enabled: true,
      workspace_host: "https://plant.example",
      auth: { client_id: "abc", client_secret: "***" },
    },
    sources: [{
      name: "press_4",
      protocol: "opcua",
      enabled: true,
      endpoint: "opc.tcp://192.168.1.100:4840",
      table: null,
      labels: { plc_name: "press 4" },
      opcua: {
        username: "edge",
        password: "***",
        nodes: [{ node_id: "ns=2;s=Temperature", sampling_interval_ms: 500 }],
      },
    }],
  },
  origins: { "zerobus.workspace_host": "yaml", "sources[0].endpoint": "yaml" },
  file: "config/connector.yaml",
  read_only: false,
  hidden: [],
  live: ["sources", "gui.read_only", "deployment.shutdown"],
};

export const PLAN: Plan = {
  diff:
    " sources:\n   - name: press_4\n-    endpoint: opc.tcp://192.168.1.100:4840\n+    endpoint: opc.tcp://192.168.1.101:4840\n",
  warnings: [],
  effects: { starts: [], stops: [], restarts: ["press_4"], connector: [] },
};

/** Something for every page. */
export function answerAll(gui: FakeGui): void {
  const { answers } = gui;
  answerAdministration(gui);
  answerCertificates(gui);
  answerMonitoring(gui);
  answers.set("GET /api/session", { username: "anna", role: "administrator", csrf: "token" });
  answers.set("GET /api/ledger", ledgerOf());
  answerSpool(gui);
  answers.set("GET /api/dlq", LETTERS);
  answers.set("GET /api/dlq/2", { ...letter(2), payload: "{ half", payload_encoding: "text" });
  answers.set("GET /api/logs", { total: 40, next: null, items: Array.from({ length: 40 }, (_, n) => logLine(40 - n)) });
  answers.set("GET /api/sources", { total: ITEMS.length, items: ITEMS, next: null });
  answers.set("GET /api/sources/press_4/status", ITEMS[0]);
  answers.set("POST /api/sources/press_4/test", LOOK);
  answers.set("GET /api/sources/press_4/sample", { samples: LOOK.samples });
  answers.set("POST /api/sources/press_4/browse", { nodes: browseNodes(30), is_cut: false });
  answers.set("POST /api/zerobus/test", connectionTest);
  answers.set("GET /api/config", CONFIG);
  answers.set("POST /api/config/plan", PLAN);
}
