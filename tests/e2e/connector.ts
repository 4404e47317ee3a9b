/** The connector as users start it: a process of its own, with a home directory and its permissions. */
import { startCommand } from "../../tools/start.ts";
import { PeerProcess } from "../peers/process.ts";
import { eventually } from "../wait.ts";

export interface ConnectorOptions {
  /** Text of config/connector.yaml. Ports of GUI and metrics are added to it. */
  readonly yaml: string;
  /** Files of the home directory, by relative path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Record<string, string>;
  readonly ports: { readonly gui: number; readonly metrics: number };
  /** The executable; by default the source is run, with what `deno task start` would run. */
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
    await writeHome(folder, options);
    const { executable } = options;
    const { peer } = await PeerProcess.start(executable ?? Deno.execPath(), {
      args: executable ? ["run"] : startCommand(["--home", folder], { isWatched: false }),
      cwd: folder,
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

  /** The answer of /health, its sources by name. */
  async health(): Promise<Record<string, unknown>> {
    const answer = await (await fetch(`http://127.0.0.1:${this.#options.ports.gui}/health`)).json();
    const sources = answer.sources.map((each: { name: string; status: string; last_error: unknown }) => [
      each.name,
      { ...each, state: each.status, last_error: each.last_error ?? undefined },
    ]);
    return { ...answer, sources: Object.fromEntries(sources) };
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

/** Starts one whose start must fail, in a home that is removed again. Resolves with its exit code and all it printed. */
export async function refusedStart(options: ConnectorOptions): Promise<{ code: number; out: string; err: string }> {
  const home = await Deno.makeTempDir({ prefix: "connector_" });
  try {
    await writeHome(home, options);
    const args = startCommand(["--home", home], { isWatched: false });
    const command = new Deno.Command(Deno.execPath(), { args, cwd: home, env: options.env ?? {} });
    const { code, stdout, stderr } = await command.output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function writeHome(home: string, { yaml, ports: { gui, metrics }, files = {} }: ConnectorOptions): Promise<void> {
  const ports = `\ngui: { port: ${gui} }\nmonitoring: { metrics: { prometheus: { port: ${metrics} } } }\n`;
  await write(`${home}/config/connector.yaml`, yaml + ports);
  for (const [path, text] of Object.entries(files)) await write(`${home}/${path}`, text);
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}
