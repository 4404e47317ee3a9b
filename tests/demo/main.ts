/**
 * `deno task demo`: a plant, the connector and a workspace on this machine, none of them real but the connector. Shows
 * rows arriving until Ctrl-C. Needs nothing but Deno.
 */
import { DatabaseSync } from "node:sqlite";
import { freePort } from "../peers/process.ts";
import { startZerobus, type StoredRow } from "../peers/zerobus/mod.ts";
import { makeHome } from "./home.ts";
import { startPlant } from "./plant.ts";

const TABLES = ["opcua_bronze", "mqtt_bronze", "modbus_bronze"].map((name) => `iot_data.bronze.${name}`);
const SHOW_MS = 2000;
const root = new URL("../../", import.meta.url).pathname;

async function main(): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stopping.abort());
  const latest = new Map<string, StoredRow>();
  const zerobus = stack.use(await startZerobus({ keep: (table, row) => void latest.set(table, row) }));
  const plant = stack.use(await startPlant());
  const ports = { gui: freePort(), metrics: freePort() };
  const home = await makeHome(plant, zerobus, ports);
  stack.defer(() => Deno.remove(home, { recursive: true }));
  console.log(`A plant, the connector and a workspace run on this machine. Only the connector is the real one.
  configuration   ${home}/config/connector.yaml
  health          http://127.0.0.1:${ports.gui}/health
  metrics         http://127.0.0.1:${ports.metrics}/metrics
Ctrl-C stops it.
`);
  const connector = startConnector(home, zerobus.clientSecret);
  stopping.signal.addEventListener("abort", () => endConnector(connector));
  const show = () =>
    console.log(TABLES.map((table) => line(table, zerobus.count(table), latest, home)).join("\n") + "\n");
  const timer = setInterval(show, SHOW_MS);
  const { code } = await connector.status;
  clearInterval(timer);
  show();
  const written = TABLES.reduce((sum, table) => sum + zerobus.count(table), 0);
  console.log(`The connector ended with ${code}; ${written} rows are in the workspace.`);
  return stopping.signal.aborted ? code : 1;
}

function startConnector(home: string, clientSecret: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "start", "--home", home],
    cwd: root,
    env: { DATABRICKS_CLIENT_SECRET: clientSecret },
    stdin: "null",
  }).spawn();
}

/** A terminal's Ctrl-C reaches the connector by itself; asking once more would mean "at once". */
function endConnector(connector: Deno.ChildProcess): void {
  if (Deno.stdin.isTerminal()) return;
  try {
    connector.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // TypeError: it has ended by itself
  }
}

function line(table: string, rows: number, latest: ReadonlyMap<string, StoredRow>, home: string): string {
  const row = latest.get(table);
  const counts = `${table.padEnd(30)} ${String(rows).padStart(6)} in the workspace ${local(home, table)}`;
  if (!row) return counts;
  const tag = row.sensor_name ?? row.node_id;
  const ageMs = Math.round(Date.now() - Number(row.event_time) / 1000);
  return `${counts}   ${tag} = ${row.value ?? row.value_string} ${row.unit ?? ""}`.trimEnd() + `, ${ageMs} ms ago`;
}

/** How many rows the connector's own database holds. */
function local(home: string, table: string): string {
  try {
    using database = disposable(new DatabaseSync(`${home}/data/local.db`, { readOnly: true }));
    const found = database.db.prepare(`select count(*) as rows from "${table}"`).get();
    return `${String(found?.rows ?? 0).padStart(6)} in the local database`;
  } catch {
    return `${"0".padStart(6)} in the local database`; // not made yet
  }
}

function disposable(db: DatabaseSync): { readonly db: DatabaseSync } & Disposable {
  return { db, [Symbol.dispose]: () => db.close() };
}

if (import.meta.main) Deno.exit(await main());
