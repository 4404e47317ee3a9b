/** Prometheus of Debian, and its promtool, which checks metrics, rules and the tests of rules. */
import { freePort, PeerProcess } from "./process.ts";

/** What its API answers, as far as it is used: of a query, of the rules. */
interface Answer {
  readonly data: {
    readonly result?: readonly { readonly value: readonly [time: number, value: string] }[];
    readonly groups?: readonly { readonly rules: readonly { readonly health: string }[] }[];
  };
}

/** A running Prometheus on 127.0.0.1 that scrapes one target each second. */
export class Prometheus implements AsyncDisposable {
  readonly #port: number;
  readonly #folder: string;
  readonly #peer: PeerProcess;

  private constructor(port: number, folder: string, peer: PeerProcess) {
    this.#port = port;
    this.#folder = folder;
    this.#peer = peer;
  }

  /** `target`: host and port. `rules`: path of a file. */
  static async start(target: string, rules: string): Promise<Prometheus> {
    const port = freePort();
    const folder = await Deno.makeTempDir({ prefix: "prometheus_" });
    const config = `${folder}/prometheus.yml`;
    const job = `{ job_name: iot-connector, static_configs: [{ targets: ["${target}"] }] }`;
    await Deno.writeTextFile(
      config,
      `global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: ["${rules}"]\nscrape_configs: [${job}]\n`,
    );
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const { peer } = await PeerProcess.start("prometheus", { args, ready: /Server is ready to receive web requests/ });
    return new Prometheus(port, folder, peer);
  }

  /** The newest value of the first series that the expression gives; undefined where there is none. */
  async value(expression: string): Promise<number | undefined> {
    const { data: { result: [first] = [] } } = await this.#ask(`query?query=${encodeURIComponent(expression)}`);
    return first === undefined ? undefined : Number(first.value[1]);
  }

  /** How each of its rules was evaluated last: `ok`, `err` or `unknown`. */
  async ruleHealth(): Promise<string[]> {
    const { data: { groups = [] } } = await this.#ask("rules");
    return groups.flatMap(({ rules }) => rules.map(({ health }) => health));
  }

  async #ask(what: string): Promise<Answer> {
    return await (await fetch(`http://127.0.0.1:${this.#port}/api/v1/${what}`)).json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** What promtool says, on both outputs, and whether it was content. */
export async function promtool(
  args: readonly string[],
  { cwd, stdin = "" }: { cwd?: string; stdin?: string } = {},
): Promise<{ success: boolean; text: string }> {
  const command = new Deno.Command("promtool", {
    args: [...args],
    ...(cwd ? { cwd } : {}),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout) + decoder.decode(stderr) };
}
