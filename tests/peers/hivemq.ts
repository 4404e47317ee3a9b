/** HiveMQ Community Edition, a broker in Java by HiveMQ GmbH, that lets anybody in. */
import { freePort, PeerProcess } from "./process.ts";
import { HIVEMQ_CLASS_PATH } from "./provision.ts";

const SOURCE = new URL("../interop/peers/mqtt_hivemq_broker.java", import.meta.url).pathname;

/** A running HiveMQ on 127.0.0.1. Starting takes some seconds. */
export class HiveMq implements AsyncDisposable {
  /** MQTT over TCP. */
  readonly port: number;
  /** MQTT through a WebSocket, at the path /mqtt only. */
  readonly webSocketPort: number;
  readonly #folder: string;
  #peer: PeerProcess;

  private constructor(ports: Ports, folder: string, peer: PeerProcess) {
    this.port = ports.port;
    this.webSocketPort = ports.webSocketPort;
    this.#folder = folder;
    this.#peer = peer;
  }

  static async start(): Promise<HiveMq> {
    const ports = { port: freePort(), webSocketPort: freePort() };
    const folder = await Deno.makeTempDir({ prefix: "hivemq_" });
    for (const name of ["conf", "data", "extensions", "log"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/conf/config.xml`, configOf(ports));
    return new HiveMq(ports, folder, await launch(folder));
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    this.#peer.kill("SIGKILL");
    await this.#peer[Symbol.asyncDispose]();
  }

  /** Starts it again, after `kill`, on the same ports and with what it kept. */
  async startAgain(): Promise<void> {
    this.#peer = await launch(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

interface Ports {
  readonly port: number;
  readonly webSocketPort: number;
}

async function launch(folder: string): Promise<PeerProcess> {
  const args = ["-Xmx512m", `-Dhivemq.log.folder=${folder}/log`, "-cp", HIVEMQ_CLASS_PATH, SOURCE, folder];
  const { peer } = await PeerProcess.start("java", { args, ready: /^ready$/, timeoutMs: 60_000 });
  return peer;
}

function configOf({ port, webSocketPort }: Ports): string {
  const at = (number: number) => `<port>${number}</port><bind-address>127.0.0.1</bind-address>`;
  const webSocket = "<path>/mqtt</path><subprotocols><subprotocol>mqtt</subprotocol></subprotocols>";
  return `<?xml version="1.0"?>
<hivemq>
  <listeners>
    <tcp-listener>${at(port)}</tcp-listener>
    <websocket-listener>${at(webSocketPort)}${webSocket}</websocket-listener>
  </listeners>
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
`;
}
