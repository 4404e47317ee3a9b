/** Answers of an API, such as the pages' tests and pictures need. */
import type { LetterItem } from "../../src/web/client/letters.ts";
import type { Ledger, LedgerTerms } from "../../src/web/client/ledger.ts";
import type { SourceNow, Status } from "../../src/web/client/status.ts";

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
    sources: Object.fromEntries(moved),
    sinks: {
      "iot_data.bronze.opcua_bronze#OpcuaBronze": { connected: true, breaker: "closed" },
      "iot_data.bronze.modbus_bronze#ModbusBronze": {
        connected: false,
        breaker: "open",
        last_error: {
          code: "table_missing",
          message: "The table does not exist; create it with docs/sql",
          since: iso(),
        },
      },
    },
    queue: { unsent: 412, max_unsent: 10_000, queued: 5_300 + seconds * 11, spooled_bytes: 18_400_000 },
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
