/** What the tests share that give a running connector something bad beside something good. */
import assert from "node:assert/strict";
import { freePort } from "../peers/process.ts";
import type { StoredRow, ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { Connector, type LogLine } from "./connector.ts";
import { Sequences } from "./sequences.ts";

/** Short waits everywhere, so that what is tried again is tried soon. */
const IMPATIENT = `
deployment: { shutdown: { grace_period_seconds: 4 } }
processing: { batch: { max_wait_seconds: 0.1 } }
resilience:
  reconnect: { initial_delay_seconds: 0.05, max_delay_seconds: 0.2 }
  circuit_breaker: { failure_threshold: 2, success_threshold: 1, timeout_seconds: 0.2 }
`;

/** What a connector must know of a workspace. */
export type WorkspaceAddresses = Pick<
  ZerobusPeer,
  "workspaceHost" | "zerobusEndpoint" | "workspaceId" | "clientId" | "clientSecret" | "caPem"
>;

export interface StandOptions {
  readonly zerobus: WorkspaceAddresses;
  /** The text under `sources:`, entry by entry. */
  readonly sources: readonly string[];
  /** Further blocks of the configuration. */
  readonly settings?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the right one. */
  readonly clientSecret?: string;
}

/** The text of config/connector.yaml for a connector that writes to this workspace. */
export function impatientYaml(
  { zerobus, sources, settings = "" }: Pick<StandOptions, "zerobus" | "sources" | "settings">,
): string {
  return `version: 1
security: { ca_bundle_path: certs/workspace.pem }
zerobus:
  workspace_host: ${zerobus.workspaceHost}
  zerobus_endpoint: ${zerobus.zerobusEndpoint}
  workspace_id: "${zerobus.workspaceId}"
  auth: { client_id: "${zerobus.clientId}", client_secret: "\${DATABRICKS_CLIENT_SECRET}" }
  connection: { health_check_interval_seconds: 1 }
${IMPATIENT}${settings}
sources:
${sources.map((source) => `  - ${source}`).join("\n")}
`;
}

/** A connector that writes to this workspace. `home` of an earlier one is used again. */
export function startConnector(options: StandOptions, home?: string): Promise<Connector> {
  const { zerobus, files, env } = options;
  return Connector.start({
    yaml: impatientYaml(options),
    files: { "certs/workspace.pem": zerobus.caPem, ...files },
    env: { DATABRICKS_CLIENT_SECRET: options.clientSecret ?? zerobus.clientSecret, ...env },
    ports: { gui: freePort(), metrics: freePort() },
  }, home);
}

/** An entry of `sources` that reads a counter of two registers at `address` many times a second. */
export function counterSource(
  name: string,
  { port, address, table }: { port: number; address: number; table?: string },
): string {
  const own = table === undefined ? "" : ` table: ${table},`;
  return `{ name: ${name}, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:${port}",${own} ` +
    `modbus: { poll_interval_seconds: 0.05, registers: [{ name: count, address: ${address}, data_type: uint32 }] } }`;
}

/** Follows numbered rows of a workspace: a sequence for each table. */
export class Arrivals {
  readonly #tables = new Map<string, Sequences>();
  readonly #first = new Map<string, number>();

  /** For the option `keep` of `startZerobus`. */
  readonly keep = (table: string, row: StoredRow): void => {
    const number = Number(row.value_num ?? row.value ?? row.raw_value);
    const tag = String(row.node_id ?? row.topic ?? row.sensor_name);
    if (this.of(table).arrived === 0) this.#first.set(table, number);
    this.of(table).add(tag, number, `${row.edge_id} ${row.boot_epoch} ${row.seq}`);
  };

  of(table: string): Sequences {
    const name = table.split(".").at(-1) ?? table;
    let sequences = this.#tables.get(name);
    if (!sequences) this.#tables.set(name, sequences = new Sequences());
    return sequences;
  }

  /** The number that came first into `catalog.schema.table`. */
  first(table: string): number | undefined {
    return this.#first.get(table);
  }

  /** Resolves when so many more rows came than there are now. */
  async more(table: string, rows = 3): Promise<void> {
    const sequences = this.of(table);
    const wanted = sequences.arrived + rows;
    await eventually(`rows in ${table}`, () => sequences.arrived >= wanted, 20_000);
  }

  /** Every table has its numbers without a gap, in order, each row once. */
  assertWhole(): void {
    for (const [name, { faults }] of this.#tables) assert.deepEqual(faults.slice(0, 5), [], name);
  }
}

/** What the log must say about one thing, once. */
export interface Said {
  /** The source's name, or the lane's table. */
  readonly of: string;
  readonly code: string;
  readonly says: RegExp;
}

/** Waits for the line and asserts that there is no other of its code. */
export async function saidOnce(connector: Connector, { of, code, says }: Said): Promise<LogLine> {
  const isMeant = (line: LogLine) =>
    line.code === code && (line.source === of || String(line.lane ?? line.table).split("#")[0]?.endsWith(of));
  await eventually(
    `a line of ${of} with the code ${code}`,
    () => connector.log.some(isMeant),
    20_000,
  );
  const lines = connector.log.filter(isMeant);
  assert.deepEqual(lines.map(({ message }) => message).slice(1), [], "it is said once");
  const [line] = lines as [LogLine]; // waited for
  assert.match(line.message, says);
  assert.doesNotMatch(line.message, /\n|undefined|\[object/);
  return line;
}

/** The same of a lane that is tried again and again, once it has failed more often than it is said. */
export async function saidOnceOfMany(connector: Connector, said: Said): Promise<LogLine> {
  const line = await saidOnce(connector, said);
  const failures = `connector_sink_failures_total{lane="${line.lane}",code="${said.code}"}`;
  await eventually("it failed again", async () => Number(await connector.metric(failures)) >= 2);
  return await saidOnce(connector, said);
}

/** What /health says of one source or sink. */
export interface HealthPart {
  readonly state?: string;
  readonly breaker?: string;
  readonly connected?: boolean;
  readonly last_error?: { readonly code: string; readonly message: string };
}

export async function healthOf(connector: Connector, kind: "sources" | "sinks", of: string): Promise<HealthPart> {
  const { [kind]: parts } = await connector.health() as Record<string, Record<string, HealthPart>>;
  const part = Object.entries(parts ?? {}).find(([name]) => name === of || name.split("#")[0]?.endsWith(of));
  return part?.[1] ?? {};
}

/** Stops it by SIGTERM: it ends with 0, and its last line balances with nothing left over. */
export async function stopBalanced(connector: Connector): Promise<LogLine> {
  assert.equal(await connector.stop(), 0);
  const last = connector.log.at(-1);
  assert.ok(last, "there is a last line");
  assert.match(last.message, /has stopped: (everything it took is delivered|all is delivered but for)/);
  assert.deepEqual([last.balanced, last.queued, last.dropped], [true, 0, 0]);
  return last;
}
