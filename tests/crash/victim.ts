import { freePort, PeerProcess } from "../peers/process.ts";
import type { ZerobusPeer } from "../peers/zerobus/mod.ts";
import { impatientYaml } from "../e2e/stand.ts";

/** The table of the second numbered source. */
export const FAR_TABLE = "far_bronze";

/** The highest accepted number of each numbered source. */
export interface Numbers {
  near: number;
  far: number;
}

/** What a connector says of its ledger. */
export interface SaidLedger {
  readonly balanced: boolean;
  readonly received: number;
  readonly written: number;
  readonly queued: number;
  readonly spooled: number;
}

export interface Boot {
  readonly edgeId: string;
  readonly epoch: number;
}

/** A home directory in which connectors are started to be killed, and what they said. */
export class Victim implements AsyncDisposable {
  readonly #home: string;
  readonly #env: Record<string, string>;
  #peer: PeerProcess | undefined;
  /** The highest numbers that any of them said were accepted. */
  readonly accepted: Numbers = { near: 0, far: 0 };
  /** Who they were, those that lived to say it. */
  readonly boots: Boot[] = [];
  /** What was wrong with what they said, in words. */
  readonly faults: string[] = [];

  private constructor(home: string, env: Record<string, string>) {
    this.#home = home;
    this.#env = env;
  }

  /** Makes the home of a connector that writes to `zerobus`. Nothing is started yet. */
  static async make(zerobus: ZerobusPeer, sources: readonly string[]): Promise<Victim> {
    const home = await Deno.makeTempDir({ prefix: "victim_" });
    const ports = `gui: { port: ${freePort()} }\nmonitoring: { metrics: { prometheus: { port: ${freePort()} } } }\n`;
    await Deno.mkdir(`${home}/config`);
    await Deno.mkdir(`${home}/certs`);
    await Deno.writeTextFile(`${home}/config/connector.yaml`, impatientYaml({ zerobus, sources }) + ports);
    await Deno.writeTextFile(`${home}/certs/workspace.pem`, zerobus.caPem);
    return new Victim(home, { DATABRICKS_CLIENT_SECRET: zerobus.clientSecret });
  }

  /** Starts a connector; resolves when it is about to open its spool. */
  async start(seed: number): Promise<void> {
    const script = new URL("child.ts", import.meta.url).pathname;
    const args = ["run", "-A", script, this.#home, JSON.stringify(this.accepted), String(seed)];
    const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready: /^begun$/, env: this.#env });
    this.#peer = peer;
  }

  /** Resolves when it has said this. */
  async said(pattern: RegExp): Promise<void> {
    await this.#running.line(pattern);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.status;
    this.#listen();
  }

  /** Ends it as it should be ended. Resolves with its ledger. */
  async stop(): Promise<SaidLedger> {
    this.#running.kill("SIGTERM");
    const [, said = ""] = await this.#running.line(/^stopped (\{.*\})$/, 60_000);
    await this.#running.status;
    this.#listen();
    return JSON.parse(said);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer?.[Symbol.asyncDispose]();
    await Deno.remove(this.#home, { recursive: true });
  }

  get #running(): PeerProcess {
    if (!this.#peer) throw new Error("start it first");
    return this.#peer;
  }

  /** Takes in what it said. No line is cut short by a kill: a pipe takes up to 4,096 bytes whole (pipe(7), PIPE_BUF). */
  #listen(): void {
    for (const line of this.#running.lines) {
      const [, word, said] = line.match(/^(accepted|opened|stopped) (\{.*\})$/) ?? [];
      if (word === "accepted") Object.assign(this.accepted, JSON.parse(said ?? ""));
      else if (word && !(JSON.parse(said ?? "") as SaidLedger).balanced) this.faults.push(line);
      if (line.startsWith("{")) this.#read(JSON.parse(line));
    }
  }

  #read(line: Readonly<Record<string, unknown>>): void {
    if (line.level === "error") this.faults.push(JSON.stringify(line));
    if (line.message !== "The connector starts") return;
    this.boots.push({ edgeId: String(line.edge_id), epoch: Number(line.boot_epoch) });
  }
}
