/** What the executable costs a small host: its size, its start, its memory when nothing happens. */
import { freePort, PeerProcess } from "../peers/process.ts";
import { median } from "./compare.ts";
import { usageOf } from "./cpu.ts";

const EXECUTABLE = new URL("../../dist/iot-connector", import.meta.url).pathname;
const STARTS = 5;

/** Sources whose devices do not answer: their adapters are loaded all the same. */
const ALL_SOURCES = `sources:
  - { name: a, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:1", opcua: { security_policy: None, nodes: [{ node_id: "i=2258" }] } }
  - { name: b, protocol: mqtt, endpoint: "mqtt://127.0.0.1:1", mqtt: { topics: [{ topic: "#" }] } }
  - { name: c, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:1", modbus: { registers: [{ name: r, address: 0 }] } }
`;

export async function footprint(): Promise<string> {
  const size = await Deno.stat(EXECUTABLE).then((stat) => stat.size, () => undefined);
  if (size === undefined) return "no executable: run `deno task build` first for its size, start and memory";
  const bare = await measure("");
  const all = await measure(ALL_SOURCES);
  return [
    `executable                        ${(size / 1e6).toFixed(0)} MB (goal 116)`,
    `start without sources             ${bare.startMs.toFixed(0)} ms (goal 500), idle ${
      bare.idleMb.toFixed(0)
    } MB (goal 80)`,
    `start with all three protocols    ${all.startMs.toFixed(0)} ms, idle ${all.idleMb.toFixed(0)} MB (goal 160)`,
  ].join("\n");
}

/** Medians over several starts. */
async function measure(sources: string): Promise<{ startMs: number; idleMb: number }> {
  const starts: number[] = [];
  const idles: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const { startMs, idleMb } = await startOnce(sources);
    starts.push(startMs);
    idles.push(idleMb);
  }
  return { startMs: median(starts), idleMb: median(idles) };
}

async function startOnce(sources: string): Promise<{ startMs: number; idleMb: number }> {
  const home = await Deno.makeTempDir({ prefix: "bench_" });
  await Deno.mkdir(`${home}/config`);
  const ports = `gui: { port: ${freePort()} }\nmonitoring: { metrics: { prometheus: { port: ${freePort()} } } }\n`;
  await Deno.writeTextFile(
    `${home}/config/connector.yaml`,
    `version: 1\nlocal_sink: { enabled: true }\n${ports}${sources}`,
  );
  const startMs = performance.now();
  const { peer } = await PeerProcess.start(EXECUTABLE, { cwd: home, ready: /"message":"The connector starts"/ });
  const readyMs = performance.now() - startMs;
  if (sources) await peer.line(/mqtt.*refused|Cannot connect/i);
  await new Promise((resolve) => setTimeout(resolve, 3000)); // idle means that nothing happened for a while
  const { nowMb } = usageOf(peer.pid);
  await peer[Symbol.asyncDispose]();
  await Deno.remove(home, { recursive: true });
  return { startMs: readyMs, idleMb: nowMb };
}
