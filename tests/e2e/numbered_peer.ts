import { PeerProcess } from "../peers/process.ts";
import type { WorkspaceAddresses } from "./stand.ts";

/** Where numbered rows stand in the workspace. */
export interface Standing {
  readonly arrived: number;
  readonly resent: number;
  readonly redelivered: number;
  readonly faults: readonly string[];
}

/** A workspace in a process of its own, see numbered_workspace.ts, so that it does not share a thread with the test. */
export class NumberedPeer implements AsyncDisposable {
  readonly addresses: WorkspaceAddresses;
  readonly #peer: PeerProcess;

  private constructor(peer: PeerProcess, addresses: WorkspaceAddresses) {
    this.#peer = peer;
    this.addresses = addresses;
  }

  static async start(ackDelayMs: number): Promise<NumberedPeer> {
    const script = new URL("numbered_workspace.ts", import.meta.url).pathname;
    const args = ["run", "-A", script, String(ackDelayMs)];
    const { peer, ready } = await PeerProcess.start(Deno.execPath(), { args, ready: /^\{.*\}$/ });
    return new NumberedPeer(peer, JSON.parse(ready[0]));
  }

  /** What it said last. */
  get standing(): Standing {
    const line = this.#peer.lines.findLast((each) => each.startsWith("standing "));
    return line ? JSON.parse(line.slice("standing ".length)) : { arrived: 0, resent: 0, redelivered: 0, faults: [] };
  }

  /** Closes its ports and cuts every connection. */
  async goAway(): Promise<void> {
    this.#peer.kill("SIGUSR1");
    await this.#peer.line(/^away$/);
  }

  /** Resolves when its ports are open again. */
  async comeBack(): Promise<void> {
    this.#peer.kill("SIGUSR2");
    await this.#peer.line(/^back$/);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#peer[Symbol.asyncDispose]();
  }
}
