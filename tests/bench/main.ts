/**
 * `deno task bench`: the connector beside baselines, in one run on one machine, so that ratios hold where absolute
 * figures do not. Words choose cases by a part of their name; none means all. `--runs 3` measures each three times and
 * prints medians.
 */
import { parseArgs } from "node:util";
import { provision } from "../peers/provision.ts";
import { comparison, type Goal, medianResult } from "./compare.ts";
import { footprint } from "./footprint.ts";
import { modbusIn } from "./modbus_case.ts";
import { mqttQos0, mqttQos1, QOS_0_RATE } from "./mqtt_case.ts";
import { opcuaIn } from "./opcua_case.ts";
import { type Result, table } from "./result.ts";
import { modbusLoad, mqttLoad, opcuaLoad } from "./load_cases.ts";
import { modbusAlone, mqttAlone, opcuaAlone } from "./source_cases.ts";
import { bareLoop, inMemory, inProcess, officialSdk, sinkAlone } from "./sender_cases.ts";
import { type Measure, spoolAlone, spoolWear } from "./spool_cases.ts";
import { type BenchWorkspace, startWorkspace } from "./workspace.ts";

/** What a case is measured beside, each time anew. */
interface Baseline extends Goal {
  readonly name: string;
  readonly run: Measure;
}

interface Case {
  readonly name: string;
  readonly run: Measure;
  readonly ackDelayMs?: number;
  readonly beside?: Baseline;
}

const BARE = { name: "bare encode + gRPC loop", run: bareLoop, of: "the bare loop" };

const IN_MEMORY = { name: "connector in memory, source in process", run: inMemory, of: "memory" };

/** With acknowledgements after 150 ms (the service's P50), beside the same with acknowledgements at once. */
function pipelined(name: string, run: Measure, least?: number): Case {
  const beside = { name, run, of: "acks at once", ...(least === undefined ? {} : { least }) };
  return { name: `${name}, ack after 150 ms`, run, ackDelayMs: 150, beside };
}

const CASES: readonly Case[] = [
  {
    name: "sink alone, rows encoded before",
    run: sinkAlone,
    beside: { name: "official Zerobus SDK, the same rows", run: officialSdk, of: "the SDK", least: 0.8 },
  },
  { ...IN_MEMORY, beside: { ...BARE, least: 0.7 } },
  pipelined(IN_MEMORY.name, inMemory),
  { name: "connector with spool, source in process", run: inProcess, beside: { ...IN_MEMORY, least: 0.6 } },
  pipelined("connector with spool, source in process", inProcess),
  pipelined(`MQTT QoS 0, ${QOS_0_RATE.toLocaleString("en")} messages/s, to Zerobus`, mqttQos0, 0.95),
  pipelined("MQTT QoS 1 to Zerobus", mqttQos1),
  pipelined("OPC UA, 1,000 items at 100 ms, to Zerobus", opcuaIn, 0.95),
  pipelined("Modbus, 1,000 registers, to Zerobus", modbusIn, 0.95),
];

/** Our sources beside what they are made with, or could have been. */
const SOURCE_CASES: readonly Case[] = [
  { name: "MQTT QoS 1, reading alone", run: mqttAlone("ours"), beside: besideLibrary("mqtt.js", mqttAlone("bare")) },
  {
    name: "OPC UA, 1,000 items at 100 ms, reading alone",
    run: opcuaAlone("ours"),
    beside: besideLibrary("node-opcua-client", opcuaAlone("bare")),
  },
  {
    name: "Modbus, 1,000 registers, reading alone",
    run: modbusAlone("ours"),
    beside: besideLibrary("modbus-serial", modbusAlone("bare")),
  },
];

function besideLibrary(of: string, run: Measure): Baseline {
  return { name: `${of}, reading alone`, run, of, least: 0.8 };
}

const LOAD_CASES: readonly Case[] = [
  { name: "load: MQTT, 50 filters at 20,000 messages/s", run: mqttLoad },
  { name: "load: OPC UA, 20,000 items every second", run: opcuaLoad },
  { name: "load: Modbus, 200 units over 20 connections", run: modbusLoad },
];

/** What the spool costs beside store: the rows as they are, and the bytes that it seals in as many commits. */
const SPOOL_CASES: readonly Case[] = (["compressed", "plain"] as const).flatMap((compression) => {
  const suffix = compression === "plain" ? ", not compressed" : "";
  type What = "kv-rows" | "kv-write" | "kv-drain" | "file-write";
  const beside = (what: What, of: string, least?: number): Baseline => (
    { name: `${of}${suffix}`, run: spoolAlone(what, compression), of, ...(least === undefined ? {} : { least }) }
  );
  const write = { name: `spool write${suffix}`, run: spoolAlone("write", compression) };
  return [
    { ...write, beside: beside("kv-rows", "bare Deno KV with the rows as they are", 0.8) },
    { ...write, beside: beside("kv-write", "bare Deno KV with the sealed bytes") },
    { ...write, beside: beside("file-write", "append + fdatasync of the sealed bytes") },
    {
      name: `spool drain${suffix}`,
      run: spoolAlone("drain", compression),
      beside: beside("kv-drain", "bare Deno KV, read and delete"),
    },
  ];
});

type Row = Result & { readonly note?: string };

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals: words } = parseArgs({
    args: [...args],
    options: { runs: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const runs = Math.max(1, Math.floor(Number(values.runs)) || 1);
  await provision();
  const isWanted = (name: string) => words.length === 0 || words.some((word) => name.includes(word));
  const rows: Row[] = [];
  for (const each of [...CASES, ...SOURCE_CASES, ...LOAD_CASES, ...SPOOL_CASES].filter(({ name }) => isWanted(name))) {
    rows.push(...await measure(each, runs));
    console.error(table(rows.slice(-2)));
  }
  console.log(table(rows));
  if (isWanted("spool wear")) console.log(await spoolWear());
  if (isWanted("footprint")) console.log(await footprint());
}

async function measure({ name, run, ackDelayMs = 0, beside }: Case, runs: number): Promise<Row[]> {
  const own: Result[] = [];
  const others: Result[] = [];
  for (let i = 0; i < runs; i++) {
    if (beside) others.push(await withWorkspace(0, (workspace) => beside.run(workspace, beside.name)));
    own.push(await withWorkspace(ackDelayMs, (workspace) => run(workspace, name)));
  }
  if (!beside) return [medianResult(own)];
  return [medianResult(others), { ...medianResult(own), note: comparison(own, others, beside) }];
}

async function withWorkspace(ackDelayMs: number, use: (workspace: BenchWorkspace) => Promise<Result>): Promise<Result> {
  await using workspace = await startWorkspace(ackDelayMs);
  return await use(workspace);
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(0);
}
