/** What the tests share that change the configuration of a running connector: its engine in this process, on a home. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Engine } from "../../src/app/engine.ts";
import { textReader } from "../../src/cli/load.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { ConfigService } from "../../src/service/config_service.ts";
import type { Mosquitto } from "../peers/mosquitto.ts";
import { eventually } from "../wait.ts";

export interface ReloadOptions {
  /** The text under `sources:`, entry by entry. */
  readonly sources: readonly string[];
  /** Further blocks. */
  readonly settings?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
  /** Files of the home directory, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  /** The home stays when it is over. */
  readonly isKept?: boolean;
  readonly trialMs?: number;
}

const SETTINGS = `version: 1
local_sink: { enabled: true }
gui: { enabled: false }
monitoring: { metrics: { enabled: false } }
processing: { batch: { max_wait_seconds: 0.05 } }
resilience:
  reconnect: { initial_delay_seconds: 0.05, max_delay_seconds: 0.2 }
  circuit_breaker: { timeout_seconds: 0.2 }
`;

/** An entry of `sources` that takes what is published below `<name>/`. */
export function mqttEntry(name: string, port: number, more = "", protocol = ""): string {
  return `{ name: ${name}, protocol: mqtt, endpoint: mqtt://127.0.0.1:${port}, ${more}` +
    `mqtt: { client_id: client-${name}, ${protocol}topics: [{ topic: "${name}/#", qos: 1 }] } }`;
}

/** The same as a change of the configuration. */
export function mqttPatch(name: string, port: number, mqtt: Record<string, unknown> = {}): Record<string, unknown> {
  const topics = [{ topic: `${name}/#`, qos: 1 }];
  const protocol = { client_id: `client-${name}`, topics, ...mqtt };
  return { name, protocol: "mqtt", endpoint: `mqtt://127.0.0.1:${port}`, mqtt: protocol };
}

export function yamlOf({ sources, settings = "" }: Pick<ReloadOptions, "sources" | "settings">): string {
  return `${SETTINGS}${settings}\nsources: [${sources.join(", ")}]\n`;
}

/** A connector in this process, and its home. */
export class ReloadStand implements AsyncDisposable {
  readonly home: string;
  readonly engine: Engine;
  readonly lines: readonly Record<string, unknown>[];

  readonly #isKept: boolean;

  private constructor(home: string, engine: Engine, lines: readonly Record<string, unknown>[], isKept: boolean) {
    this.#isKept = isKept;
    this.home = home;
    this.engine = engine;
    this.lines = lines;
  }

  static async start(options: ReloadOptions): Promise<ReloadStand> {
    const home = options.home ?? await Deno.makeTempDir({ prefix: "reload_" });
    await Deno.mkdir(`${home}/config`, { recursive: true });
    await Deno.writeTextFile(`${home}/config/connector.yaml`, yamlOf(options));
    for (const [path, text] of Object.entries(options.files ?? {})) {
      await Deno.mkdir(`${home}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${home}/${path}`, text);
    }
    const env = (name: string) => options.env?.[name];
    const readTextFile = textReader(home);
    const lines: Record<string, unknown>[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line));
    const loaded = await loadConfig({ home, env, readTextFile });
    const deps = { clock: systemClock, random: Math.random, write, env, readTextFile };
    const engine = await Engine.start({ loaded, home, trialMs: options.trialMs ?? 5000, ...deps });
    return new ReloadStand(home, engine, lines, options.isKept ?? false);
  }

  get service(): ConfigService {
    return this.engine.service;
  }

  stateOf(source: string): string | undefined {
    return this.engine.app.board.sources.get(source)?.state;
  }

  async connected(source: string): Promise<void> {
    await eventually(`${source} is connected`, () => this.stateOf(source) === "connected");
  }

  /** The numbers that arrived on this topic, in the order of their rows. */
  numbers(topic: string): number[] {
    const db = new DatabaseSync(`${this.home}/data/local.db`, { readOnly: true });
    try {
      const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%mqtt%'").all();
      return tables.flatMap(({ name }) =>
        db.prepare(`SELECT value FROM "${name}" WHERE topic = ? ORDER BY boot_epoch, seq`)
          .all(topic).map((row) => Number(row.value))
      );
    } finally {
      db.close();
    }
  }

  /** Waits until all of 0 … count - 1 arrived on this topic. A second arrival counts for nothing. */
  async hasAll(topic: string, count: number): Promise<void> {
    const missing = () => {
      const there = new Set(this.numbers(topic));
      return Array.from({ length: count }, (_, i) => i).filter((number) => !there.has(number));
    };
    await eventually(`all of ${count} numbers on ${topic}`, () => missing().length === 0, 20_000)
      .catch((error) => assert.fail(`${error.message}; missing: ${missing().slice(0, 10)} …`));
  }

  assertBalanced(): void {
    const { balanced, total } = this.engine.app.ledger();
    assert.ok(balanced, JSON.stringify(total));
    assert.equal(Object.values(total.dropped).reduce((sum, rows) => sum + rows, 0), 0);
  }

  /** The state file's text. */
  state(): string {
    return Deno.readTextFileSync(`${this.home}/config/connector_state.json`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const app = await this.engine.lastRun();
    await app?.stop();
    await this.engine[Symbol.asyncDispose]();
    if (!this.#isKept) await Deno.remove(this.home, { recursive: true });
  }
}

/** How often a client of this id was let in. */
export function sessionsOf(broker: Mosquitto, client: string): number {
  return broker.lines.filter((line) => line.includes("New client connected") && line.includes(` as ${client} `)).length;
}
