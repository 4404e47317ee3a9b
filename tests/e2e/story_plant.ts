/** What the story is about: a workspace, an OPC UA server by others that nobody trusts yet, a broker and a Modbus device. */
import { connectPublisher, type Publisher } from "../interop/mqtt_session.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { provision, PYTHON } from "../peers/provision.ts";
import { startZerobus, type ZerobusPeer } from "../peers/zerobus/mod.ts";

const SERVER = new URL("../interop/peers/opcua_asyncua_server.py", import.meta.url).pathname;

export interface StoryPlant extends AsyncDisposable {
  readonly zerobus: ZerobusPeer;
  /** `opc.tcp://…` of a server with Basic256Sha256, Sign and SignAndEncrypt, and the user `operator` / `secret`. */
  readonly opcua: string;
  /** The SHA-256, `AB:CD:…`, of the certificate that each session of that server showed, in their order. */
  clients(): readonly string[];
  readonly broker: Mosquitto;
  readonly publisher: Publisher;
  /** Its holding registers 0 and 1 count up by one with each read. */
  readonly device: ModbusServer;
  rows(table: "opcua" | "mqtt" | "modbus"): number;
}

export async function startStoryPlant(): Promise<StoryPlant> {
  await provision();
  await using opened = new AsyncDisposableStack();
  const zerobus = opened.use(await startZerobus());
  const pki = await Deno.makeTempDir({ prefix: "story-opcua-" });
  opened.defer(() => Deno.remove(pki, { recursive: true }));
  const port = freePort();
  const args = [SERVER, "--port", String(port), "--pki", pki, "--tell-clients"];
  const { peer } = await PeerProcess.start(PYTHON, { args, ready: /^ready$/, timeoutMs: 60_000 });
  opened.use(peer);
  const broker = opened.use(await Mosquitto.start());
  const publisher = opened.use(await connectPublisher(broker.port));
  const device = opened.use(startModbusServer());
  device.count("holding", 0);
  const stack = opened.move();
  return {
    zerobus,
    opcua: `opc.tcp://127.0.0.1:${port}`,
    clients: () => peer.lines.flatMap((line) => line.startsWith("client ") ? [line.slice("client ".length)] : []),
    broker,
    publisher,
    device,
    rows: (table) => zerobus.count(`iot_data.bronze.${table}_bronze`),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
