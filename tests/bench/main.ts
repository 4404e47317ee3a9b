/**
 * `deno task bench`: the connector beside baselines, in one run on one machine, so that ratios hold where absolute
 * figures do not. Words choose cases by a part of their name; none means all.
 */
import { provision } from "../peers/provision.ts";
import { footprint } from "./footprint.ts";
import { modbusIn } from "./modbus_case.ts";
import { mqttIn } from "./mqtt_case.ts";
import { opcuaIn } from "./opcua_case.ts";
import { type Result, table } from "./result.ts";
import { bareLoop, inProcess } from "./sender_cases.ts";
import { type BenchWorkspace, startWorkspace } from "./workspace.ts";

const SLOW_ACK_MS = 150;

interface Case {
  readonly name: string;
  readonly run: (workspace: BenchWorkspace, name: string) => Promise<Result>;
}

/** Each is measured with acknowledgements at once, and after 150 ms. */
const CASES: readonly Case[] = [
  { name: "connector, source in process", run: inProcess },
  { name: "MQTT QoS 0 to Zerobus", run: (workspace, name) => mqttIn(workspace, 0, name) },
  { name: "MQTT QoS 1 to Zerobus", run: (workspace, name) => mqttIn(workspace, 1, name) },
  { name: "OPC UA, 1,000 items at 100 ms, to Zerobus", run: opcuaIn },
  { name: "Modbus, 1,000 registers, to Zerobus", run: modbusIn },
];

async function main(words: readonly string[]): Promise<void> {
  await provision();
  const isWanted = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
  const results: (Result & { note?: string })[] = [];
  const bare = await withWorkspace(0, bareLoop);
  results.push(bare);
  for (const { name, run } of CASES.filter((each) => isWanted(each.name))) {
    const atOnce = await withWorkspace(0, (workspace) => run(workspace, name));
    const later = await withWorkspace(SLOW_ACK_MS, (workspace) => run(workspace, `${name}, ack after 150 ms`));
    const toBare = `${ratio(atOnce, bare)} of the bare loop`;
    results.push({ ...atOnce, note: toBare }, { ...later, note: `${ratio(later, atOnce)} of acks at once` });
    console.error(table(results.slice(-2)));
  }
  console.log(table(results));
  if (isWanted("footprint")) console.log(await footprint());
}

async function withWorkspace(ackDelayMs: number, use: (workspace: BenchWorkspace) => Promise<Result>): Promise<Result> {
  await using workspace = await startWorkspace(ackDelayMs);
  return await use(workspace);
}

function ratio(one: Result, other: Result): string {
  return (one.rowsPerSecond / other.rowsPerSecond).toFixed(2);
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(0);
}
