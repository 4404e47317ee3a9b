/** OPC UA in, Zerobus out: a server whose nodes change ten times a second. */
import { freePort, PeerProcess } from "../peers/process.ts";
import { measureUntil, withConnector } from "./connector.ts";
import type { Result } from "./result.ts";
import type { BenchWorkspace } from "./workspace.ts";

/** More than this the server, which shares the machine, cannot give. */
export const NODES = 1000;
const SECONDS = 10;

export async function opcuaIn(workspace: BenchWorkspace, name: string): Promise<Result> {
  const { port, peer } = await startOpcuaServer();
  await using _server = peer;
  const sources = `sources:
  - name: bench
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${port}
    opcua:
      security_policy: None
      nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 100 }]
`;
  const before = await workspace.rows();
  const until = before + NODES * 10 * SECONDS;
  return await withConnector(workspace, sources, (peer) => measureUntil(name, peer, { workspace, until }));
}

/** A server whose nodes change every `intervalMs`, on `port` of this machine. */
export async function startOpcuaServer(
  nodes = NODES,
  intervalMs = 100,
): Promise<{ readonly port: number; readonly peer: PeerProcess }> {
  const port = freePort();
  const script = new URL("../peers/opcua_server.ts", import.meta.url).pathname;
  const args = [
    "run",
    "-A",
    script,
    "--port",
    String(port),
    "--nodes",
    String(nodes),
    "--interval",
    String(intervalMs),
  ];
  const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready: /listening on/ });
  return { port, peer };
}
