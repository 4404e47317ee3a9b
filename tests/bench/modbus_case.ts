/** Modbus in, Zerobus out: 1,000 holding registers of a libmodbus server, read as fast as it answers. */
import { freePort, PeerProcess } from "../peers/process.ts";
import { measureUntil, withConnector } from "./connector.ts";
import type { Result } from "./result.ts";
import type { BenchWorkspace } from "./workspace.ts";

const ROWS = 1_000_000;

export async function modbusIn(workspace: BenchWorkspace, name: string): Promise<Result> {
  await using server = await startModbusServer();
  const { port } = server;
  const sources = `sources:
  - name: bench
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${port}
    modbus: { poll_interval_seconds: 0.001, registers: [{ name: r, address: 0, count: 1000, register_type: holding, data_type: uint16 }] }
`;
  const before = await workspace.rows();
  const until = before + ROWS;
  return await withConnector(workspace, sources, (peer) => measureUntil(name, peer, { workspace, until }));
}

/** libmodbus's server, on `port` of this machine. */
export async function startModbusServer(): Promise<AsyncDisposable & { readonly port: number }> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const port = freePort();
  const { peer } = await PeerProcess.start(await compile(folder), { args: [String(port)], ready: /^listening$/ });
  stack.use(peer);
  const kept = stack.move();
  return { port, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function compile(folder: string): Promise<string> {
  const binary = `${folder}/server`;
  const source = new URL("../interop/peers/modbus_libmodbus_server.c", import.meta.url).pathname;
  const args = ["-O2", "-I/usr/include/modbus", source, "-lmodbus", "-o", binary];
  const { success, stderr } = await new Deno.Command("gcc", { args, stderr: "piped" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return binary;
}
