import { PeerProcess } from "./process.ts";

/** A serial line of this host made of nothing: a pseudo-terminal whose far end is a TCP port of 127.0.0.1 (socat). */
export class Pty implements AsyncDisposable {
  /** Where programs open it: a link to the terminal, which stays the same when it is plugged in again. */
  readonly path: string;
  readonly #port: number;
  #socat: PeerProcess | undefined;

  private constructor(path: string, port: number) {
    this.path = path;
    this.#port = port;
  }

  static async start(path: string, port: number): Promise<Pty> {
    const pty = new Pty(path, port);
    await pty.plugIn();
    return pty;
  }

  async plugIn(): Promise<void> {
    const args = ["-d", "-d", `PTY,raw,echo=0,link=${this.path}`, `TCP:127.0.0.1:${this.#port},nodelay`];
    const { peer } = await PeerProcess.start("socat", { args, ready: /starting data transfer loop/ });
    this.#socat = peer;
  }

  /** As when an adapter is pulled out: whoever has it open is hung up, and it cannot be opened. */
  async pull(): Promise<void> {
    await this.#socat?.[Symbol.asyncDispose]();
    this.#socat = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pull();
  }
}
