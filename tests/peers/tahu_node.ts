/** A Sparkplug edge node on Eclipse Tahu, in Java: plant/line1 with the device oven. */
import { PeerProcess } from "./process.ts";
import { CLASS_PATH } from "./provision.ts";

const SOURCE = new URL("../interop/peers/sparkplug_tahu_node.java", import.meta.url).pathname;
const LOGGING = new URL("java/logback.xml", import.meta.url).pathname;

export class TahuNode implements AsyncDisposable {
  readonly #peer: PeerProcess;
  readonly #orders: Deno.TcpConn;
  readonly #answers: ReadableStreamDefaultReader<string>;

  private constructor(peer: PeerProcess, orders: Deno.TcpConn) {
    this.#peer = peer;
    this.#orders = orders;
    this.#answers = orders.readable.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts it at the broker on `port`. With `primaryHost` it publishes nothing before that host is online. */
  static async start(port: number, primaryHost = "-"): Promise<TahuNode> {
    const { peer, ready } = await PeerProcess.start("java", {
      args: [
        "-XX:TieredStopAtLevel=1",
        `-Dlogback.configurationFile=${LOGGING}`,
        "-cp",
        CLASS_PATH,
        SOURCE,
        String(port),
        primaryHost,
      ],
      ready: /^orders on (\d+)$/,
      timeoutMs: 60_000,
    });
    return new TahuNode(peer, await Deno.connect({ hostname: "127.0.0.1", port: Number(ready[1]) }));
  }

  /** What it wrote to its output. */
  get lines(): readonly string[] {
    return this.#peer.lines;
  }

  /** The first line, past or to come, that matches. */
  line(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#peer.line(pattern);
  }

  /** Has it do something; see `order` in its source. Resolves when it has. */
  async order(line: string): Promise<void> {
    await this.#orders.write(new TextEncoder().encode(`${line}\n`));
    const { value = "it ended" } = await this.#answers.read();
    if (value.trim() !== "ok") throw new Error(`${line}: ${value}\n${this.lines.slice(-40).join("\n")}`);
  }

  /** Ends it at once, as a loss of power does. */
  async crash(): Promise<void> {
    this.#peer.kill("SIGKILL");
    await this.#peer.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answers.cancel();
    await this.#peer[Symbol.asyncDispose]();
  }
}
