/** mosquitto, a broker in C by the Eclipse project, with a configuration made for one test. */
import { freePort, PeerProcess } from "./process.ts";
import type { KeyedCertificate } from "./certificates.ts";

export interface MosquittoOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** With credentials, nobody else is let in. */
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly tls?: KeyedCertificate;
  /** Speaks no newer version of TLS than 1.2, as an old broker. */
  readonly isOldTls?: boolean;
  /** PEM text of an authority: only clients with a certificate of it are let in, as the user of its common name. */
  readonly clientAuthority?: string;
  /** Speaks MQTT through a WebSocket, at any path. */
  readonly isWebSocket?: boolean;
  /** Keeps sessions and their messages on disk, over `restart`. */
  readonly isPersistent?: boolean;
  /** QoS 1 and 2 messages sent to one client without receipts; mosquitto's own default is 20. 0: no limit. */
  readonly maxInflight?: number;
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
}

/** For OpenSSL, which mosquitto leaves the newest version to. */
const OLD_TLS = `openssl_conf = conf
[conf]
ssl_conf = ssl
[ssl]
system_default = system
[system]
MaxProtocol = TLSv1.2
`;

interface Ports {
  readonly port: number;
  readonly plainPort: number;
}

/** A running mosquitto on 127.0.0.1. */
export class Mosquitto implements AsyncDisposable {
  readonly port: number;
  /** Where it speaks MQTT over plain TCP to anybody, beside a WebSocket; otherwise the same as `port`. */
  readonly plainPort: number;
  readonly #folder: string;
  #peer: PeerProcess;

  private constructor(ports: Ports, folder: string, peer: PeerProcess) {
    this.port = ports.port;
    this.plainPort = ports.plainPort;
    this.#folder = folder;
    this.#peer = peer;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const port = options.port ?? freePort();
    const ports = { port, plainPort: options.isWebSocket ? freePort() : port };
    const folder = await Deno.makeTempDir({ prefix: "mosquitto_" });
    await writeConfig(folder, ports, options);
    return new Mosquitto(ports, folder, await launch(folder));
  }

  /** The first line of its log, past or to come, that matches. */
  async line(pattern: RegExp): Promise<void> {
    await this.#peer.line(pattern);
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
    env: { OPENSSL_CONF: `${folder}/openssl.cnf` },
    ready: /mosquitto version .* running/,
  });
  return peer;
}

async function writeConfig(folder: string, { port, plainPort }: Ports, options: MosquittoOptions): Promise<void> {
  const lines = [
    ...(plainPort === port ? [] : [`listener ${plainPort} 127.0.0.1`]),
    `listener ${port} 127.0.0.1`,
    ...(options.isWebSocket ? ["protocol websockets"] : []),
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
  if (options.clientAuthority !== undefined) {
    await Deno.writeTextFile(`${folder}/clients.crt`, options.clientAuthority);
    lines.push(`cafile ${folder}/clients.crt`, "require_certificate true", "use_identity_as_username true");
  }
  await Deno.writeTextFile(`${folder}/openssl.cnf`, options.isOldTls ? OLD_TLS : "");
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
