/** The connector as users start it: a process of its own, with a home directory and its permissions. */
import { PeerProcess } from "../peers/process.ts";
import { eventually } from "../wait.ts";

const root = new URL("../../", import.meta.url).pathname;

export interface ConnectorOptions {
  /** Text of config/connector.yaml. Ports of GUI and metrics are added to it. */
  readonly yaml: string;
  /** Files of the home directory, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
  readonly ports: { readonly gui: number; readonly metrics: number };
  /** The executable; by default the source is run, as `deno task start` does. */
  readonly executable?: string;
}

/** One log line. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A running connector and its home. */
export class Connector implements AsyncDisposable {
  readonly home: string;
  readonly #options: ConnectorOptions;
  readonly #peer: PeerProcess;

  private constructor(home: string, options: ConnectorOptions, peer: PeerProcess) {
    this.home = home;
    this.#options = options;
    this.#peer = peer;
  }

  /** Makes a home and starts the connector in it; `home` of an earlier one is used again. */
  static async start(options: ConnectorOptions, home?: string): Promise<Connector> {
    const folder = home ?? await Deno.makeTempDir({ prefix: "connector_" });
    const { ports: { gui, metrics }, files = {} } = options;
    const ports = `\ngui: { port: ${gui} }\nmonitoring: { metrics: { prometheus: { port: ${metrics} } } }\n`;
    await write(`${folder}/config/connector.yaml`, options.yaml + ports);
    for (const [path, text] of Object.entries(files)) await write(`${folder}/${path}`, text);
    const { executable } = options;
    const args = executable ? ["run"] : ["task", "--quiet", "start", "--home", folder];
    const { peer } = await PeerProcess.start(executable ?? Deno.execPath(), {
      args,
      cwd: executable ? folder : root,
      ready: /"message":"The connector starts"/,
      ...(options.env ? { env: options.env } : {}),
    });
    return new Connector(folder, options, peer);
  }

  get pid(): number {
    return this.#peer.pid;
  }

  /** The last 1,000 lines of its log. */
  get log(): LogLine[] {
    return this.#peer.lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /** The answer of /health. */
  async health(): Promise<Record<string, unknown>> {
    return await (await fetch(`http://127.0.0.1:${this.#options.ports.gui}/health`)).json();
  }

  /** The value of a metric whose line begins so; undefined where there is none. */
  async metric(start: string): Promise<number | undefined> {
    const text = await (await fetch(`http://127.0.0.1:${this.#options.ports.metrics}/metrics`)).text();
    const line = text.split("\n").find((each) => each.startsWith(start));
    return line === undefined ? undefined : Number(line.split(" ").at(-1));
  }

  /** Waits for a log line whose message or code matches. */
  async logged(pattern: RegExp, timeoutMs = 30_000): Promise<LogLine> {
    return await eventually(
      `a log line ${pattern}`,
      () => this.log.find((line) => pattern.test(line.message) || pattern.test(String(line.code))),
      timeoutMs,
    );
  }

  /** SIGTERM, and its exit code. */
  async stop(): Promise<number> {
    this.#peer.kill("SIGTERM");
    return (await this.#peer.status).code;
  }

  async kill(): Promise<void> {
    this.#peer.kill("SIGKILL");
    await this.#peer.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
    await Deno.remove(this.home, { recursive: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}
