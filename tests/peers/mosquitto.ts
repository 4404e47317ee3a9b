/** mosquitto, a broker in C by the Eclipse project, with a configuration made for one test. */
import { freePort, PeerProcess } from "./process.ts";
import type { KeyedCertificate } from "./certificates.ts";

export interface MosquittoOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** With credentials, nobody else is let in. */
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly tls?: KeyedCertificate;
  /** Keeps sessions and their messages on disk, over `restart`. */
  readonly isPersistent?: boolean;
  /** QoS 1 and 2 messages sent to one client without receipts; mosquitto's own default is 20. 0: no limit. */
  readonly maxInflight?: number;
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
}

/** A running mosquitto on 127.0.0.1. */
export class Mosquitto implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  #peer: PeerProcess;

  private constructor(port: number, folder: string, peer: PeerProcess) {
    this.port = port;
    this.#folder = folder;
    this.#peer = peer;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const port = options.port ?? freePort();
    const folder = await Deno.makeTempDir({ prefix: "mosquitto_" });
    await writeConfig(folder, port, options);
    return new Mosquitto(port, folder, await launch(folder));
  }

  get lines(): readonly string[] {
    return this.#peer.lines;
  }

  /** Ends it, by default at once as a crash does. */
  async stop(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    if (signal === "SIGKILL") this.#peer.kill("SIGKILL");
    await this.#peer[Symbol.asyncDispose]();
  }

  /** Starts it again, after `stop`, on the same port and with what it kept. */
  async start(): Promise<void> {
    this.#peer = await launch(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function launch(folder: string): Promise<PeerProcess> {
  const { peer } = await PeerProcess.start("mosquitto", {
    args: ["-c", `${folder}/mosquitto.conf`],
    ready: /mosquitto version .* running/,
  });
  return peer;
}

async function writeConfig(folder: string, port: number, options: MosquittoOptions): Promise<void> {
  const lines = [
    `listener ${port} 127.0.0.1`,
    `max_inflight_messages ${options.maxInflight ?? 1000}`,
    "max_queued_messages 0",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "log_type information",
    ...(Deno.uid() === 0 ? ["user root"] : []), // its folder is ours
    ...(options.lines ?? []),
  ];
  if (options.credentials) {
    await writePasswords(`${folder}/passwords`, options.credentials);
    lines.push("allow_anonymous false", `password_file ${folder}/passwords`);
  } else lines.push("allow_anonymous true");
  if (options.isPersistent) lines.push("persistence true", `persistence_location ${folder}/`);
  if (options.tls) {
    await Deno.writeTextFile(`${folder}/server.crt`, options.tls.certificate);
    await Deno.writeTextFile(`${folder}/server.key`, options.tls.privateKey);
    lines.push(`certfile ${folder}/server.crt`, `keyfile ${folder}/server.key`);
  }
  await Deno.writeTextFile(`${folder}/mosquitto.conf`, lines.join("\n") + "\n");
}

async function writePasswords(
  path: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  const { success, stderr } = await new Deno.Command("mosquitto_passwd", {
    args: ["-b", "-c", path, username, password],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`mosquitto_passwd: ${new TextDecoder().decode(stderr)}`);
}
