import { once } from "node:events";
import net from "node:net";

/** Takes TCP connections to a port of 127.0.0.1 and never says a word. */
export class SilentServer implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor() {
    this.#server = net.createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(port: number): Promise<SilentServer> {
    const silent = new SilentServer();
    silent.#server.listen(port, "127.0.0.1");
    await once(silent.#server, "listening");
    return silent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
